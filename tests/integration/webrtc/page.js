// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// One end of a call, driven by call.mjs through `phone`: SIP over WebSocket (RFC 7118) by JsSIP,
// and what the browser says of the media (W3C webrtc-stats).
import JsSIP from 'jssip';

const media = { audio: true, video: true };
// Filled by what happens; call.mjs waits for its fields.
const seen = { registered: false, confirmed: false, failed: null, ended: null };
let agent;
let session;
let pcConfig;

function follow(started) {
  session = started;
  session.on('confirmed', () => { seen.confirmed = true; });
  session.on('failed', ({ originator, cause }) => { seen.failed = { originator, cause }; });
  session.on('ended', ({ originator, cause }) => { seen.ended = { originator, cause }; });
}

function show(connection) {
  connection.addEventListener('track', ({ streams }) => {
    document.getElementById('remote').srcObject = streams[0];
  });
}

function start({ server, domain, user, password, iceServers }) {
  pcConfig = { iceServers, iceTransportPolicy: 'relay' };
  agent = new JsSIP.UA({
    sockets: [new JsSIP.WebSocketInterface(server)],
    uri: `sip:${user}@${domain}`,
    password,
  });
  agent.on('registered', () => { seen.registered = true; });
  agent.on('registrationFailed', ({ cause }) => { seen.failed = { originator: 'registrar', cause }; });
  agent.on('newRTCSession', ({ originator, session: started }) => {
    follow(started);
    if (originator === 'remote') {
      started.on('peerconnection', ({ peerconnection }) => show(peerconnection));
      started.answer({ mediaConstraints: media, pcConfig });
    }
  });
  agent.start();
}

function call(target) {
  agent.call(target, { mediaConstraints: media, pcConfig });
  show(session.connection);
}

const connected = () => session?.connection?.connectionState === 'connected';

async function stats() {
  const report = await session.connection.getStats();
  const entries = [...report.values()];
  const transport = entries.find(({ type }) => type === 'transport');
  const pair = report.get(transport?.selectedCandidatePairId);
  const received = (kind) => entries.find((e) => e.type === 'inbound-rtp' && e.kind === kind);
  const audio = received('audio');
  const video = received('video');
  return {
    local: candidate(report.get(pair?.localCandidateId)),
    remote: candidate(report.get(pair?.remoteCandidateId)),
    audio: { bytes: audio?.bytesReceived ?? 0, energy: audio?.totalAudioEnergy ?? 0 },
    video: { bytes: video?.bytesReceived ?? 0, frames: video?.framesDecoded ?? 0 },
  };
}

async function candidates() {
  const report = await session?.connection?.getStats() ?? new Map();
  return [...report.values()].filter(({ type }) => type === 'local-candidate').map(candidate);
}

function candidate(found) {
  const { candidateType, relayProtocol, address, port } = found ?? {};
  return { candidateType, relayProtocol, address, port };
}

async function plays() {
  const { audio, video } = await stats();
  return audio.energy > 0 && video.frames > 0;
}

async function grew(since) {
  const { audio, video } = await stats();
  return audio.bytes > since.audio.bytes && video.bytes > since.video.bytes;
}

window.phone = {
  seen,
  start,
  call,
  connected,
  candidates,
  stats,
  plays,
  grew,
  hangUp: () => session.terminate(),
};
