// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SipSocket } from '../src/socket';

class Line {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static made: Line[] = [];
  readyState = Line.CONNECTING;
  onopen: (() => void) | null = null;
  onclose: ((event: { wasClean: boolean; code: number; reason: string }) => void) | null = null;

  constructor(readonly url: string) {
    Line.made.push(this);
  }

  open(): void {
    this.readyState = Line.OPEN;
    this.onopen?.();
  }

  close(): void {
    this.readyState = 3;
    this.onclose?.({ wasClean: false, code: 1006, reason: '' });
  }
}

function early(): { socket: SipSocket; line: Line; told: string[] } {
  Line.made = [];
  (globalThis as { WebSocket: unknown }).WebSocket = Line;
  const socket = new SipSocket(['wss://sip.falcot.com:8443/ws']);
  socket.connect();
  return { socket, line: Line.made[0] as Line, told: [] };
}

// What JsSIP does: its own listeners, then connect().
function takeUp(socket: SipSocket, told: string[]): void {
  socket.onconnect = () => told.push('connected');
  socket.ondisconnect = () => told.push('disconnected');
  socket.connect();
}

test('who takes up a connection that is there is told once, and later', async () => {
  const { socket, line, told } = early();
  line.open();
  takeUp(socket, told);
  assert.deepEqual(told, []);
  await Promise.resolve();
  assert.deepEqual(told, ['connected']);
  assert.equal(Line.made.length, 1);
});

test('who takes up a connection under way is told when it is there', async () => {
  const { socket, line, told } = early();
  takeUp(socket, told);
  await Promise.resolve();
  assert.deepEqual(told, []);
  line.open();
  await Promise.resolve();
  assert.deepEqual(told, ['connected']);
});

test('a connection that was lost before anybody took it up is made anew', () => {
  const { socket, line, told } = early();
  line.open();
  line.close();
  takeUp(socket, told);
  assert.equal(Line.made.length, 2);
  assert.deepEqual(told, []);
});
