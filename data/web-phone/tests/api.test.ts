// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import test from 'node:test';
import { Api, ApiError, type Fetch } from '../src/api';

const GOOD = {
  address: 'joe@falcot.com', realm: 'falcot.com', token: 'T', sip: { username: '17:joe@falcot.com', password: 'p' },
  iceServers: [{ urls: ['turn:t.example'], username: 'u', credential: 'c' }], ttl: 3600,
};

function answering(status: number, body: unknown, asked: [string, RequestInit][] = []): Fetch {
  return async (url, options) => {
    asked.push([url, options]);
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
  };
}

async function refused(status: number, body: unknown): Promise<ApiError> {
  try {
    await new Api('/phone/api', answering(status, body)).login('joe', 'x');
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('no refusal');
}

test('a log-in carries the password in its body alone', async () => {
  const asked: [string, RequestInit][] = [];
  const found = await new Api('/phone/api', answering(200, GOOD, asked)).login('joe', 'secret');
  assert.equal(found.address, 'joe@falcot.com');
  assert.equal(found.sip.username, '17:joe@falcot.com');
  const [url, options] = asked[0] as [string, RequestInit];
  assert.equal(url, '/phone/api/login');
  assert.deepEqual(JSON.parse(String(options.body)), { user: 'joe', password: 'secret' });
  assert.equal(options.method, 'POST');
  assert.equal(options.credentials, 'omit');
});

test('a renewal carries the token', async () => {
  const asked: [string, RequestInit][] = [];
  await new Api('/phone/api', answering(200, GOOD, asked)).renew('T');
  const [url, options] = asked[0] as [string, RequestInit];
  assert.equal(url, '/phone/api/renew');
  assert.equal((options.headers as Record<string, string>).Authorization, 'Bearer T');
});

test('a visitor gets a destination, by a name that cannot leave its place', async () => {
  const asked: [string, RequestInit][] = [];
  const body = { ...GOOD, token: undefined, target: 'sip:sales@falcot.com', title: 'Sales' };
  const found = await new Api('/phone/api', answering(200, body, asked)).guest('../login');
  assert.equal(found.target, 'sip:sales@falcot.com');
  assert.equal(asked[0]?.[0], '/phone/api/call/..%2Flogin');
});

test('each refusal is told apart', async () => {
  assert.equal((await refused(401, { error: 'refused' })).kind, 'refused');
  assert.equal((await refused(404, '<html>')).kind, 'absent');
  assert.equal((await refused(400, { error: 'malformed' })).kind, 'malformed');
  assert.equal((await refused(503, 'no JSON')).kind, 'busy');
  const limited = await refused(429, { error: 'limited', seconds: 17 });
  assert.deepEqual([limited.kind, limited.seconds], ['limited', 17]);
  assert.equal((await refused(200, { ...GOOD, sip: {} })).kind, 'malformed');
  assert.equal((await refused(200, '[]')).kind, 'busy');
});

test('no answer is no refusal', async () => {
  const api = new Api('/phone/api', () => Promise.reject(new TypeError('network')));
  await assert.rejects(api.login('joe', 'x'), (error: ApiError) => error.kind === 'unreachable');
});
