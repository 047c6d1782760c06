// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// One person at the page for passwords in a headless Chromium, with nothing but a keyboard: what
// to do comes as JSON on standard input, what was seen goes as JSON to standard output.
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const wish = JSON.parse(readFileSync(0, 'utf8'));
const { origin, language, width, height, scheme, scripts, forms } = wish;
const FIELDS = ['user', 'old', 'new', 'again'];

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
const trouble = [];

async function look(page, picture) {
  if (picture) await page.screenshot({ path: picture, fullPage: true });
  const said = page.locator('[role=alert], [role=status] h2');
  return {
    url: page.url(),
    title: await page.title(),
    language: await page.locator('html').getAttribute('lang'),
    said: await said.count() ? (await said.first().innerText()).trim() : '',
    user: await page.locator('#user').count() ? await page.locator('#user').inputValue() : null,
    passwords: await page.locator('input[type=password]').evaluateAll(
      (all) => all.map((one) => one.value).join(''),
    ),
    cursor: await page.locator('*:focus').evaluateAll((all) => all.map((one) => one.id).join()),
    wrong: await page.locator('[aria-invalid=true]').evaluateAll(
      (all) => all.map((one) => one.id).join(),
    ),
    fits: await page.evaluate(
      () => document.documentElement.scrollWidth <= document.documentElement.clientWidth,
    ),
    small: await page.locator('input:not([type=hidden]), button').evaluateAll(
      (all) => all.filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.name),
    ),
  };
}

// From the start page, by Tab and Enter.
async function walk(page) {
  await page.goto(`${origin}/`);
  for (let steps = 0; steps < 20; steps += 1) {
    await page.keyboard.press('Tab');
    const at = await page.locator('*:focus').evaluateAll((all) => all.map((one) => one.href).join());
    if (at === `${origin}/password/`) {
      await Promise.all([page.waitForURL('**/password/'), page.keyboard.press('Enter')]);
      return;
    }
  }
  throw new Error('no link to the page for passwords');
}

async function fill(page, form) {
  let at = await page.locator('*:focus').evaluateAll((all) => all.map((one) => one.id).join());
  // After an error the cursor is in a field further down.
  for (; at && at !== 'user'; at = await page.locator('*:focus').evaluateAll(
    (all) => all.map((one) => one.id).join(),
  )) await page.keyboard.press('Shift+Tab');
  for (const field of FIELDS) {
    const now = await page.locator('*:focus').evaluateAll((all) => all.map((one) => one.id).join());
    if (now !== field) throw new Error(`Tab leads to ${now}, not to ${field}`);
    await page.keyboard.press('Control+A');
    await page.keyboard.type(form[field]);
    if (field !== 'again') await page.keyboard.press('Tab');
  }
  await Promise.all([
    page.waitForResponse((answer) => answer.request().method() === 'POST'),
    page.waitForEvent('load'),
    page.keyboard.press('Enter'),
  ]);
}

try {
  const context = await browser.newContext({
    locale: language, viewport: { width, height }, colorScheme: scheme, javaScriptEnabled: scripts,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30000);
  page.on('console', (message) => {
    // That a refused form has a status of its own is told as an error.
    if (message.type() === 'error' && !/status of 4/.test(message.text())) trouble.push(message.text());
  });
  page.on('pageerror', (error) => trouble.push(String(error)));
  await walk(page);
  const seen = [await look(page, wish.picture)];
  for (const form of forms) {
    await fill(page, form);
    seen.push(await look(page, form.picture));
  }
  console.log(JSON.stringify({ seen, trouble }));
} finally {
  await browser.close();
}
