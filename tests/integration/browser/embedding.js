// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// A page as sites have it that embedded JSCommunicator: config.js of the site tells where to connect, people type in who
// they are, and what is asked of JSCommSettings goes by that program's names and no others.
import JsSIP from 'jssip';

const { JSCommSettings: settings } = window;
const element = (name) => document.querySelector(name);
const say = (state) => { element('#link').dataset.state = state; };
let agent;
let session;

function media() {
  const turn = settings.turn_servers.map(({ server, username, password }) => ({ urls: server, username, credential: password }));
  const stun = settings.stun_servers.map((urls) => ({ urls }));
  return { mediaConstraints: { audio: settings.dialing.audio_dialing, video: false }, pcConfig: { iceServers: [...stun, ...turn] } };
}

element('form').addEventListener('submit', (event) => {
  event.preventDefault();
  agent?.stop();
  const { user } = settings;
  user.display_name = element('#name').value;
  user.uri = `sip:${element('#user').value}@${user.domain}`;
  user.sip_auth_password = element('#password').value;
  user.sip_auth_user ??= element('#user').value;
  agent = new JsSIP.UA({
    sockets: [settings.websocket.servers].flat().map((server) => new JsSIP.WebSocketInterface(server)),
    uri: user.uri,
    password: user.sip_auth_password,
    display_name: user.display_name,
    authorization_user: user.sip_auth_user,
    register: settings.registration.on_startup,
    register_expires: settings.registration.expiry,
    registrar_server: settings.registration.server,
    no_answer_timeout: settings.dialing.no_answer_timeout,
    connection_recovery_min_interval: settings.websocket.connection_recovery_min_interval,
    connection_recovery_max_interval: settings.websocket.connection_recovery_max_interval,
  });
  agent.on('registered', () => say('registered'));
  agent.on('registrationFailed', () => say('refused'));
  agent.on('newRTCSession', ({ session: started }) => {
    session = started;
    session.on('confirmed', () => say('talking'));
    for (const over of ['ended', 'failed']) session.on(over, () => say(over));
  });
  agent.start();
});
element('#call').addEventListener('click', () => {
  agent.call(element('#wanted').value, { ...media(), extraHeaders: settings.extra_headers });
});
element('#hang-up').addEventListener('click', () => session.terminate());
