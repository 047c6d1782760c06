// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import test from 'node:test';
import { backOff } from '../src/agent';
import { diagnose } from '../src/diagnosis';
import { loudness, trouble } from '../src/media';
import { look } from '../src/quality';

const SERVER = 'wss://sip-proxy.falcot.com:8443/ws';
const PAGE = 'https://falcot.com/phone/config.js';

const found = (answering: string[]) => diagnose(SERVER, PAGE, async (url) => answering.includes(url));

test('why the proxy is out of reach follows from what can be reached', async () => {
  assert.equal(await found([]), 'offline');
  assert.equal(await found([PAGE]), 'certificate');
  assert.equal(await found([PAGE, 'https://sip-proxy.falcot.com/']), 'proxy');
  assert.equal(await found([PAGE, 'https://sip-proxy.falcot.com/', 'https://sip-proxy.falcot.com:8443/']), 'blocked');
});

test('a proxy on port 443 has no neighbour to ask', async () => {
  assert.equal(await diagnose('wss://sip-proxy.falcot.com/ws', PAGE, async (url) => url === PAGE), 'proxy');
});

test('attempts come further and further apart, and never all at once', () => {
  assert.deepEqual([0, 1, 2, 3, 9].map((n) => backOff(n, 2, 30, 1)), [2, 4, 8, 16, 30]);
  assert.deepEqual([0, 1, 9].map((n) => backOff(n, 2, 30, 0)), [1, 2, 15]);
});

test('what getUserMedia throws is what people can mend', () => {
  const named = (name: string) => trouble(Object.assign(new Error(), { name }), 'no-camera');
  assert.equal(named('NotAllowedError'), 'denied');
  assert.equal(named('NotReadableError'), 'in-use');
  assert.equal(named('NotFoundError'), 'no-camera');
  assert.equal(named('SecurityError'), 'insecure');
  assert.equal(trouble('a string', 'no-microphone'), 'no-microphone');
});

test('loudness runs from silence to the full scale', () => {
  assert.equal(loudness(new Float32Array(64)), 0);
  assert.equal(loudness(new Float32Array(64).fill(1)), 1);
  assert.ok(Math.abs(loudness(new Float32Array(64).fill(0.0316)) - 0.5) < 0.01);
});

const report = (at: number, received: number, lost: number, bytes: number) => [
  { id: 'a', type: 'inbound-rtp', timestamp: at, kind: 'audio', packetsReceived: received, packetsLost: lost, bytesReceived: bytes, jitter: 0.01 },
  { id: 't', type: 'transport', timestamp: at, selectedCandidatePairId: 'p' },
  { id: 'p', type: 'candidate-pair', timestamp: at, localCandidateId: 'l', currentRoundTripTime: 0.08 },
  { id: 'l', type: 'local-candidate', timestamp: at, candidateType: 'relay', relayProtocol: 'tls' },
];

test('quality is that of the time since the last look', () => {
  const first = look(report(1000, 100, 50, 10_000), null);
  const good = look(report(3000, 200, 50, 18_000), first.sums);
  assert.equal(good.quality.grade, 'good');
  assert.equal(good.quality.loss, 0);
  assert.equal(good.quality.kbitIn, 32);
  assert.deepEqual([good.quality.relayed, good.quality.way], [true, 'TURN/TLS']);
  assert.equal(good.quality.roundTripMs, 80);
  const poor = look(report(5000, 280, 70, 20_000), good.sums);
  assert.equal(poor.quality.grade, 'poor');
  assert.equal(poor.quality.loss, 0.2);
  const fair = look(report(7000, 377, 73, 30_000), poor.sums);
  assert.equal(fair.quality.grade, 'fair');
  assert.equal(look(report(9000, 377, 73, 30_000), fair.sums).quality.grade, 'none');
});

test('an empty report is no fault', () => {
  const { quality } = look([], null);
  assert.deepEqual([quality.grade, quality.relayed, quality.picture], ['none', false, '']);
});
