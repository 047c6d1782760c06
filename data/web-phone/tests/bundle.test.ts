// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { gzipSync } from 'node:zlib';

const folder = mkdtempSync(join(tmpdir(), 'web-phone-dist-'));
const LIMIT = 150_000;

before(() => {
  const made = spawnSync(process.execPath, ['build.mjs', folder], { encoding: 'utf8' });
  assert.equal(made.status, 0, made.stderr);
});
after(() => rmSync(folder, { recursive: true }));

const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const served = () => readdirSync(folder).filter((name) => name !== 'readable');

test('no script is larger than 150 kB compressed', () => {
  for (const name of served().filter((one) => one.endsWith('.js'))) {
    const size = gzipSync(read(name), { level: 6 }).length;
    assert.ok(size <= LIMIT, `${name}: ${size} bytes`);
  }
});

test('pages carry no script and no style of their own', () => {
  for (const name of served().filter((one) => one.endsWith('.html'))) {
    const page = read(name);
    assert.ok(!/<style|\sstyle=|\son\w+=|javascript:/i.test(page), name);
    for (const [, inside] of page.matchAll(/<script[^>]*>([^<]*)/g)) assert.equal(inside, '', name);
  }
});

test('nothing is fetched from elsewhere', () => {
  for (const name of ['index.html', 'call.html', 'phone.css']) {
    assert.ok(!/(?:src|href)="(?:https?:)?\/\/|url\(|@import/i.test(read(name)), name);
  }
});

test('scripts make no code and no markup out of texts', () => {
  for (const name of ['phone.js', 'guest.js', 'call.js']) {
    const script = read(join('readable', name));
    assert.ok(!/\beval\(|new Function\(|\.innerHTML|insertAdjacentHTML|document\.write/.test(script), name);
  }
});

test('each package in the bundle has its licence there', () => {
  const licences = read('LICENSES.txt');
  for (const name of ['jssip', 'debug', 'ms', 'events', 'sdp-transform']) {
    assert.match(licences, new RegExp(`^${name} \\d`, 'm'));
  }
});
