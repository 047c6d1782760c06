// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// People at the phone of an installed site, in one headless Chromium. A line of standard input is a step, as JSON:
// {"who": …, "do": …, …}; its answer is a line of standard output, {"value": …} or {"error": …}. Nothing here judges:
// steps click, type, wait for what a person would wait for, and tell what is seen.
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const ORIGIN = 'https://falcot.com';
const PATIENCE = 30_000;
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--autoplay-policy=no-user-gesture-required',
    ...process.argv.slice(2),
  ],
});
const people = new Map();

// What pages do with peer connections, so that their statistics can be asked for. With `urls`, those are the only
// ways to the relay that a connection has, as behind a firewall.
function remember(urls) {
  window.connections = [];
  const only = ({ iceServers, ...rest }) => ({
    ...rest, iceServers: urls ? iceServers.map((server) => ({ ...server, urls })) : iceServers,
  });
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    constructor(configuration, ...more) {
      super(only(configuration), ...more);
      window.connections.push(this);
    }
    setConfiguration(configuration) { super.setConfiguration(only(configuration)); }
  };
}

async function stats() {
  const live = window.connections.filter((one) => one.connectionState === 'connected').at(-1);
  if (!live) return null;
  const report = await live.getStats();
  const entries = [...report.values()];
  const transport = entries.find(({ type }) => type === 'transport');
  const pair = report.get(transport?.selectedCandidatePairId);
  const received = (kind) => entries.filter((e) => e.type === 'inbound-rtp' && e.kind === kind)
    .sort((a, b) => b.bytesReceived - a.bytesReceived)[0];
  const candidate = (id) => {
    const { candidateType, relayProtocol, address, port } = report.get(id) ?? {};
    return { candidateType, relayProtocol, address, port };
  };
  const [audio, video] = [received('audio'), received('video')];
  return {
    local: candidate(pair?.localCandidateId),
    remote: candidate(pair?.remoteCandidateId),
    audio: audio?.bytesReceived ?? 0,
    energy: audio?.totalAudioEnergy ?? 0,
    video: video?.bytesReceived ?? 0,
    frames: video?.framesDecoded ?? 0,
    size: [video?.frameWidth ?? 0, video?.frameHeight ?? 0],
  };
}

// The page of `who`, or the frame in it that `frame` finds, whatever shadow or site that is in.
async function place(who, frame) {
  const { page } = people.get(who);
  return frame ? (await page.waitForSelector(frame)).contentFrame() : page;
}

const steps = {
  async open(who, { width = 1280, height = 800, scheme = 'light', locale = 'en', permissions = ['camera', 'microphone'], address = `${ORIGIN}/phone/`, urls, pages = {}, remembers = true, scripts = [], like }) {
    const context = await browser.newContext({
      viewport: { width, height }, colorScheme: scheme, locale, permissions: [...permissions, 'local-network-access'],
      // What the browser of somebody else keeps, as a page that is opened again finds it.
      ...(like ? { storageState: await people.get(like).context.storageState() } : {}),
    });
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    const trouble = [];
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && trouble.push(message.text()));
    page.on('pageerror', (error) => trouble.push(String(error.stack)));
    if (remembers) await page.addInitScript(remember, urls);
    for (const content of scripts) await page.addInitScript({ content });
    // Pages of other sites, which need no server: the browser gets this text for that address.
    for (const [address, text] of Object.entries(pages)) {
      await page.route(address, (route) => route.fulfill({ contentType: 'text/html', body: text }));
    }
    people.set(who, { context, page, trouble });
    await page.goto(address);
    return page.title();
  },
  async signIn(who, { user, password }) {
    const { page } = people.get(who);
    await page.fill('#user', user);
    await page.fill('#password', password);
    await page.press('#password', 'Enter');
  },
  // Waits for an element, or for the end of it.
  async wait(who, { element, state = 'visible', frame }) {
    await (await place(who, frame)).locator(element).first().waitFor({ state });
  },
  async click(who, { element, frame }) { await (await place(who, frame)).locator(element).first().click(); },
  async fill(who, { element, text, frame }) { await (await place(who, frame)).fill(element, text); },
  async press(who, { key, element }) {
    const { page } = people.get(who);
    await (element ? page.press(element, key) : page.keyboard.press(key));
  },
  async check(who, { element, on }) { await people.get(who).page.locator(element).setChecked(on); },
  async text(who, { element, frame }) { return (await place(who, frame)).locator(element).first().innerText(); },
  async value(who, { element, name }) { return people.get(who).page.locator(element).first().getAttribute(name); },
  async count(who, { element }) { return people.get(who).page.locator(element).count(); },
  async stats(who, { frame }) { return (await place(who, frame)).evaluate(stats); },
  // Waits until the condition over the statistics holds: each name is at least its number.
  async media(who, { least, frame }) {
    const page = await place(who, frame);
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      const seen = await page.evaluate(stats);
      if (seen && Object.entries(least).every(([name, number]) => seen[name] >= number)) return seen;
      if (Date.now() > deadline) throw new Error(`not ${JSON.stringify(least)}: ${JSON.stringify(seen)}`);
      await page.waitForTimeout(100);
    }
  },
  // Waits until the condition, an expression, is true. Not waitForFunction: the page's policy forbids what that does.
  async holds(who, { condition, frame }) {
    const page = await place(who, frame);
    const deadline = Date.now() + 2 * PATIENCE;
    while (!(await page.evaluate(condition))) {
      if (Date.now() > deadline) throw new Error(`not within a minute: ${condition}`);
      await page.waitForTimeout(100);
    }
  },
  async evaluate(who, { code, frame }) { return (await place(who, frame)).evaluate(code); },
  // What the page holds once all that nobody needs is gone: bytes of scripts, nodes, listeners, and objects of these kinds.
  async memory(who, { kinds }) {
    const { page } = people.get(who);
    const session = await page.context().newCDPSession(page);
    for (let n = 0; n < 3; n += 1) await session.send('HeapProfiler.collectGarbage');
    const objects = {};
    for (const kind of kinds) {
      const { result } = await session.send('Runtime.evaluate', { expression: `${kind}.prototype`, objectGroup: 'memory' });
      const found = await session.send('Runtime.queryObjects', { prototypeObjectId: result.objectId, objectGroup: 'memory' });
      const counted = await session.send('Runtime.callFunctionOn', {
        objectId: found.objects.objectId, functionDeclaration: 'function () { return this.length; }', returnByValue: true,
      });
      objects[kind] = counted.result.value;
    }
    await session.send('Runtime.releaseObjectGroup', { objectGroup: 'memory' });
    const { usedSize: bytes } = await session.send('Runtime.getHeapUsage');
    const { nodes, jsEventListeners: listeners } = await session.send('Memory.getDOMCounters');
    await session.detach();
    return { bytes, nodes, listeners, ...objects };
  },
  // Its process ends in the middle of what it does: nothing of the page runs any more.
  async crash(who) {
    const { page } = people.get(who);
    const crashed = page.waitForEvent('crash');
    page.goto('chrome://crash').catch(() => undefined);
    await crashed;
  },
  async reload(who) { await people.get(who).page.reload(); },
  async close(who) {
    await people.get(who).context.close();
    people.delete(who);
  },
  async picture(who, { path }) { await people.get(who).page.screenshot({ path }); },
  // Nothing sticks out sideways, and nothing to press is smaller than a finger.
  async fits(who) {
    return people.get(who).page.evaluate(() => ({
      wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
      small: [...document.querySelectorAll('button, input:not([type=checkbox]):not([type=range]), select')]
        .filter((one) => one.checkVisibility() && !one.classList.contains('link') && one.getBoundingClientRect().height < 43)
        .map((one) => one.outerHTML.slice(0, 120)),
    }));
  },
  // axe-core, run past the page's own policy by the debugger, as a person with developer tools would.
  async axe(who, { script }) {
    const { page } = people.get(who);
    const session = await page.context().newCDPSession(page);
    const run = async (expression, awaitPromise = false) => {
      const { result, exceptionDetails } = await session.send('Runtime.evaluate', { expression, awaitPromise, returnByValue: true });
      if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
      return result.value;
    };
    await run(script);
    return run(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.map(
      ({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 160)).join(' | ')))`, true);
  },
  // Waits until the browser complains of that in the page's console.
  async complains(who, { of }) {
    const { page, trouble } = people.get(who);
    const deadline = Date.now() + PATIENCE;
    while (!trouble.some((line) => line.includes(of))) {
      if (Date.now() > deadline) throw new Error(`no complaint: ${JSON.stringify(trouble)}`);
      await page.waitForTimeout(100);
    }
  },
  async trouble(who) { return people.get(who).trouble.splice(0); },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { who, do: step, ...given } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ value: await steps[step](who, given) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error.message ?? error) }));
  }
}
await browser.close();
