// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// People at the phone of an installed site, in one headless Chromium. A line of standard input is a step, as JSON:
// {"who": …, "do": …, …}; its answer is a line of standard output, {"value": …} or {"error": …}. Nothing here judges:
// steps click, type, wait for what a person would wait for, and tell what is seen.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const ORIGIN = 'https://falcot.com';
const PATIENCE = 30_000;
const how = {
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
};
const browser = await chromium.launch(how);
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

// How loud the page is, and what it shows on the desktop.
function attend() {
  window.shown = [];
  window.peak = () => 0;
  if (!window.Notification) return;
  const connect = AudioNode.prototype.connect;
  const ears = new WeakMap();
  AudioNode.prototype.connect = function connectTo(target, ...more) {
    if (target === this.context.destination) {
      if (!ears.has(this.context)) {
        const ear = this.context.createAnalyser();
        connect.call(ear, target);
        ears.set(this.context, ear);
        const heard = new Float32Array(ear.fftSize);
        const { context } = this;
        window.peak = () => {
          ear.getFloatTimeDomainData(heard);
          return context.state === 'running' ? Math.max(...heard) : 0;
        };
      }
      return connect.call(this, ears.get(this.context));
    }
    return connect.call(this, target, ...more);
  };
  const Original = window.Notification;
  window.Notification = class extends Original {
    constructor(title, options) {
      super(title, options);
      const row = { title, body: options?.body ?? '', state: 'made', note: this };
      window.shown.push(row);
      this.addEventListener('show', () => { row.state = 'shown'; });
      this.addEventListener('close', () => { row.state = 'closed'; });
      this.addEventListener('error', () => { row.state = 'failed'; });
    }
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
  // With `own`, in a browser of their own that keeps what it learns: the others have private windows of one.
  async open(who, { width = 1280, height = 800, scheme = 'light', locale = 'en', permissions = ['camera', 'microphone'], address = `${ORIGIN}/phone/`, urls, pages = {}, remembers = true, scripts = [], like, own = false }) {
    const wishes = {
      viewport: { width, height }, colorScheme: scheme, locale, permissions: [...permissions, 'local-network-access'],
      // What the browser of somebody else keeps, as a page that is opened again finds it.
      ...(like ? { storageState: await people.get(like).context.storageState() } : {}),
    };
    const context = own
      ? await chromium.launchPersistentContext(mkdtempSync(join(process.env.HOME, 'own-')), { ...how, ...wishes })
      : await browser.newContext(wishes);
    context.setDefaultTimeout(PATIENCE);
    const page = own ? context.pages()[0] : await context.newPage();
    const trouble = [];
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && trouble.push(message.text()));
    page.on('pageerror', (error) => trouble.push(String(error.stack)));
    const asked = [];
    const sent = [];
    if (remembers) {
      page.on('request', (request) => asked.push(request.url()));
      page.on('websocket', (socket) => {
        asked.push(socket.url());
        socket.on('framesent', ({ payload }) => sent.push(String(payload)));
      });
      await page.addInitScript(remember, urls);
      await page.addInitScript(attend);
    }
    for (const content of scripts) await page.addInitScript({ content });
    // Pages of other sites, which need no server: the browser gets this text for that address.
    for (const [address, text] of Object.entries(pages)) {
      await page.route(address, (route) => route.fulfill({ contentType: 'text/html', body: text }));
    }
    people.set(who, { context, page, trouble, asked, sent });
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
  // Keys as from a keyboard, wherever the focus is.
  async type(who, { text }) { await people.get(who).page.keyboard.type(text); },
  async choose(who, { element, label }) { await people.get(who).page.selectOption(element, { label }); },
  // What has the focus, and whether one sees that it has.
  async focus(who) {
    return people.get(who).page.evaluate(() => {
      const one = document.activeElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(one);
      const { top, bottom, left, right, width } = one.getBoundingClientRect();
      return {
        page: one === document.body,
        id: one.id,
        name: one.getAttribute('aria-label') || one.labels?.[0]?.textContent || one.textContent.slice(0, 60),
        classes: [...one.classList],
        ringed: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
        within: width > 0 && bottom > 0 && right > 0 && top < innerHeight && left < innerWidth,
      };
    });
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
      // Words that are longer than the place for them, as those of another language are.
      cut: [...document.querySelectorAll('.rail-item, .button')]
        .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1)
        .map((one) => one.innerText),
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
  // Another window comes in front of the page, or goes. Playwright keeps each page in front, by a session that is its own.
  async cover(who, { on }) {
    const person = people.get(who);
    const { context, page } = person;
    const inside = page._connection.toImpl(page).delegate._mainFrameSession._client;
    if (on) {
      const opened = context.waitForEvent('page');
      await page.evaluate(() => { window.open('about:blank'); });
      person.other = await opened;
      await inside.send('Emulation.setFocusEmulationEnabled', { enabled: false });
      await person.other.bringToFront();
    } else {
      await person.other.close();
      await inside.send('Emulation.setFocusEmulationEnabled', { enabled: true });
      await page.bringToFront();
    }
  },
  // The browser says yes to whatever the page wants to be opened with, as a person would.
  async consent(who) {
    const { context, page } = people.get(who);
    await (await context.newCDPSession(page)).send('Page.setRPHRegistrationMode', { mode: 'autoAccept' });
  },
  async go(who, { address }) { await people.get(who).page.goto(address); },
  async address(who) { return people.get(who).page.url(); },
  async asked(who) { return people.get(who).asked; },
  async sent(who, { from = 0 }) { return people.get(who).sent.slice(from); },
  // Installs the page as an app; that takes a browser of one's own.
  async install(who) {
    const { context, page } = people.get(who);
    const session = await context.newCDPSession(page);
    const { installabilityErrors: errors } = await session.send('Page.getInstallabilityErrors');
    const { url, data, errors: faults } = await session.send('Page.getAppManifest');
    const manifestId = new URL(JSON.parse(data).id, page.url()).href;
    await session.send('PWA.install', { manifestId, installUrlOrBundleUrl: page.url() });
    const { badgeCount } = await session.send('PWA.getOsAppState', { manifestId });
    return { errors, faults, url, name: JSON.parse(data).name, installed: badgeCount };
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
