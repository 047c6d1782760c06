// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What JsSIP's own documentation makes of a page: one account, known in advance, one call. The site's phone is measured
// against it, so the names of its elements are the phone's. people.js says who one is, by the part of the address after #.
import JsSIP from 'jssip';

const me = window.PEOPLE[window.location.hash.slice(1)];
const element = (name) => document.querySelector(name);
// The same picture as the phone's: what is compared is not the size of it.
const video = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
const media = { mediaConstraints: { audio: true, video }, pcConfig: { iceServers: me.iceServers } };
const ua = new JsSIP.UA({
  sockets: [new JsSIP.WebSocketInterface(me.sip.servers[0])],
  uri: `sip:${me.address}`,
  authorization_user: me.sip.username,
  password: me.sip.password,
});
let session = null;

ua.on('registered', () => { element('#link').dataset.state = 'registered'; });
ua.on('newRTCSession', ({ originator, session: started }) => {
  session = started;
  const show = (connection) => connection.addEventListener('track', ({ streams }) => {
    element('.remote').srcObject = streams[0];
  });
  if (session.connection) show(session.connection);
  else session.on('peerconnection', ({ peerconnection }) => show(peerconnection));
  for (const event of ['ended', 'failed']) {
    session.on(event, () => {
      session = null;
      element('.remote').srcObject = null;
      element('.answer-video').disabled = true;
    });
  }
  if (originator !== 'remote') return;
  element('.answer-video').disabled = false;
  if (me.answers) session.answer(media);
});
element('#call-video').addEventListener('click', () => ua.call(element('#wanted').value, media));
element('.answer-video').addEventListener('click', () => session.answer(media));
element('#hang-up').addEventListener('click', () => session?.terminate());
ua.start();
