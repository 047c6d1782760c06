// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import test from 'node:test';
import { config } from '../src/config';

// The keys of JSCommunicator's own sample.
const OLD = {
  webserver: { url_prefix: null },
  stun_servers: [],
  turn_servers: [{ server: 'turn:turn.example.org', username: 'bob', password: 'bob' }],
  websocket: { servers: 'wss://ws.example.org', connection_recovery_min_interval: 3, connection_recovery_max_interval: 40 },
  user: { display_name: 'Bob', uri: 'sip:bob@example.org', sip_auth_user: 'bob', sip_auth_password: 'bob' },
  registration: { on_startup: true, expiry: 3600, user_control: false, server: null },
  dialing: {
    auto_dial: { default_destination: 'alice', on_startup: true, use_video: true },
    edit_destination: false, show_destination: true, audio_dialing: true, video_dialing: false, prefer_video: false, no_answer_timeout: 30,
  },
  session: { show_dtmf_pad: false },
};

test('a configuration of JSCommunicator is understood', () => {
  const found = config(OLD);
  assert.deepEqual(found.servers, ['wss://ws.example.org']);
  assert.deepEqual(found.recovery, { least: 3, most: 40 });
  assert.deepEqual(found.dialling.auto, { destination: 'alice', atStart: true, video: true });
  assert.equal(found.dialling.edit, false);
  assert.equal(found.dialling.video, false);
  assert.equal(found.dialling.patience, 30);
  assert.equal(found.keypad, false);
  assert.equal(found.expires, 3600);
  assert.equal(found.title, 'ws.example.org');
});

test('secrets in it are left alone', () => {
  assert.ok(!JSON.stringify(config(OLD)).includes('bob'));
});

test('little is enough', () => {
  const found = config({ websocket: { servers: ['wss://a.example/ws', 'wss://b.example/ws'] } });
  assert.equal(found.servers.length, 2);
  assert.equal(found.dialling.audio, true);
  assert.equal(found.messages, true);
});

test('what is missing or unusable is named', () => {
  assert.throws(() => config(undefined), /JSCommSettings is missing/);
  assert.throws(() => config({}), /websocket is missing/);
  assert.throws(() => config({ websocket: {} }), /websocket.servers/);
  assert.throws(() => config({ websocket: { servers: 'ws://clear.example' } }), /wss/);
  assert.throws(() => config({ websocket: { servers: 'wss://a.example' }, dialing: 7 }), /dialing is missing/);
});
