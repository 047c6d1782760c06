// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import test from 'node:test';
import { config } from '../src/config';

// Each key of JSCommunicator's own sample, none with the value that the phone has without it.
const OLD = {
  webserver: { url_prefix: '/calls/' },
  stun_servers: ['stun:stun.example.org', 'https://no.example'],
  turn_servers: [{ server: 'turn:turn.example.org', username: 'bob', password: 'hunter2' }],
  websocket: { servers: 'wss://ws.example.org', connection_recovery_min_interval: 3, connection_recovery_max_interval: 40 },
  user: {
    display_name: 'Bob Builder', uri: 'sip:bob@example.org', sip_auth_user: 'hunter2', sip_auth_password: 'hunter2', sip_auth_user_full_uri: true,
  },
  registration: { on_startup: false, expiry: 3600, user_control: true, server: 'sip:registrar.example.org' },
  dialing: {
    auto_dial: { default_destination: 'alice', on_startup: true, use_video: true },
    edit_destination: false, show_destination: false, audio_dialing: false, video_dialing: false, prefer_video: true, no_answer_timeout: 30,
    clear_dialbox: false,
  },
  chat: { enable: false },
  session: { show_dtmf_pad: false, dtmf_duration: 160, dialpad_tone: false, message_tone: false, require_relay_candidate: true },
  i18n: { translate: false, show_menu: false, default_lang: 'de' },
  extra_headers: ['X-WS-Session-Extra: some=value', 'no header', 'X-Bad: a\r\nVia: b'],
};

test('a configuration of JSCommunicator is understood', () => {
  assert.deepEqual(config(OLD), {
    domain: 'ws.example.org',
    title: 'ws.example.org',
    servers: ['wss://ws.example.org'],
    recovery: { least: 3, most: 40 },
    api: '/calls/api',
    stun: ['stun:stun.example.org'],
    user: { name: 'Bob Builder', address: 'bob@example.org' },
    registration: { atStart: false, control: true, server: 'sip:registrar.example.org', expires: 3600 },
    dialling: {
      audio: false,
      video: false,
      preferVideo: false,
      edit: false,
      show: false,
      clear: false,
      patience: 30,
      auto: { destination: 'alice', atStart: true, video: true },
    },
    keypad: false,
    keyMs: 160,
    keyTones: false,
    messages: false,
    messageTone: false,
    needsRelay: true,
    language: 'de',
    translate: false,
    languageMenu: false,
    headers: ['X-WS-Session-Extra: some=value'],
    help: '',
    logo: '',
  });
});

test('who can only be seen is called with a picture', () => {
  const preferred = (dialing: object) => config({ ...OLD, dialing }).dialling.preferVideo;
  assert.equal(preferred({}), false);
  assert.equal(preferred({ prefer_video: true }), true);
  assert.equal(preferred({ audio_dialing: false }), true);
});

test('secrets in it are left alone', () => {
  assert.ok(!JSON.stringify(config(OLD)).includes('hunter2'));
});

test('little is enough', () => {
  const found = config({ websocket: { servers: ['wss://a.example/ws', 'wss://b.example/ws'] } });
  assert.equal(found.servers.length, 2);
  assert.equal(found.dialling.audio, true);
  assert.equal(found.messages, true);
  assert.deepEqual(found.registration, { atStart: true, control: false, server: '', expires: 600 });
});

test('what is missing or unusable is named', () => {
  assert.throws(() => config(undefined), /JSCommSettings is missing/);
  assert.throws(() => config({}), /websocket is missing/);
  assert.throws(() => config({ websocket: {} }), /websocket.servers/);
  assert.throws(() => config({ websocket: { servers: 'ws://clear.example' } }), /wss/);
  assert.throws(() => config({ websocket: { servers: 'wss://a.example' }, dialing: 7 }), /dialing is missing/);
});
