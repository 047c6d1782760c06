// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// One call between two pages of a headless Chromium: its description comes as JSON on standard
// input, what both ends saw of it goes as JSON to standard output. Nothing here judges the call;
// a step that does not happen within `patience` seconds ends the program.
import { readFileSync } from 'node:fs';
import { chromium, errors } from 'playwright-core';

const wish = JSON.parse(readFileSync(0, 'utf8'));
const { origin, bundle, patience } = wish;
const files = {
  '/call/': { path: new URL('page.html', import.meta.url).pathname, contentType: 'text/html' },
  '/call/page.js': { path: bundle, contentType: 'text/javascript' },
};

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--autoplay-policy=no-user-gesture-required',
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
  ],
});

const trouble = [];

// The page comes from the site's own origin, which the SIP proxy demands, but out of our folder:
// the host has no phone yet. Only the WebSocket and the media are real traffic.
async function open(name) {
  const context = await browser.newContext({ permissions: ['camera', 'microphone'] });
  const page = await context.newPage();
  page.on('console', (message) => trouble.push(`${name}: ${message.text()}`));
  page.on('pageerror', (error) => trouble.push(`${name}: ${error}`));
  await page.route(`${origin}/**`, (route) => {
    const file = files[new URL(route.request().url()).pathname];
    return file ? route.fulfill(file) : route.fulfill({ status: 404 });
  });
  await page.goto(`${origin}/call/`);
  return page;
}

// Not waitForFunction: it takes the promise of an asynchronous condition for its truth.
async function holds(page, condition, argument) {
  const deadline = Date.now() + patience * 1000;
  while (!(await page.evaluate(condition, argument))) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  return true;
}

async function until(what, pages, condition, argument) {
  const held = await Promise.all(pages.map((page) => holds(page, condition, argument)));
  if (!held.every(Boolean)) {
    const seen = await Promise.all(pages.map((page) => page.evaluate(() => phone.seen)));
    const told = [JSON.stringify(seen), ...trouble].join('\n');
    throw new errors.TimeoutError(`${what}: not within ${patience} s\n${told}`);
  }
}

// That media never connects is an outcome, not a fault of this program.
async function connects(pages) {
  try {
    await until('both ends connected', pages, () => phone.connected());
    return true;
  } catch (error) {
    if (error instanceof errors.TimeoutError) return false;
    throw error;
  }
}

const ask = (pages, question) => Promise.all(pages.map((page) => page.evaluate(question)));

async function call() {
  const pages = [await open('caller'), await open('callee')];
  const [caller, callee] = pages;
  for (const [n, page] of pages.entries()) {
    const { server, domain, iceServers } = wish;
    const end = { server, domain, iceServers: iceServers[n], ...wish.accounts[n] };
    await page.evaluate((given) => phone.start(given), end);
  }
  await until('both ends registered', pages, () => phone.seen.registered);

  const target = `sip:${wish.accounts[1].user}@${wish.domain}`;
  await caller.evaluate((address) => phone.call(address), target);
  const connected = await connects(pages);
  const candidates = await ask(pages, () => phone.candidates());
  const samples = [];
  if (connected) {
    await until('the callee confirmed', [callee], () => phone.seen.confirmed);
    await until('audio and video play', pages, () => phone.plays());
    samples.push(await ask(pages, () => phone.stats()));
    for (const [n, page] of pages.entries()) {
      await until('media goes on', [page], (since) => phone.grew(since), samples[0][n]);
    }
    samples.push(await ask(pages, () => phone.stats()));
    await caller.evaluate(() => phone.hangUp());
    await until('both ends saw the call end', pages, () => phone.seen.ended);
  }

  const seen = await ask(pages, () => phone.seen);
  const [a, b] = seen.map((events, n) => (
    { ...events, candidates: candidates[n], samples: samples.map((both) => both[n]) }
  ));
  return { connected, caller: a, callee: b };
}

try {
  console.log(JSON.stringify(await call()));
} finally {
  await browser.close();
}
