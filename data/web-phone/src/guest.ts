// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The page that calls one destination of the site for somebody without an account.
import { Agent } from './agent';
import { Api, ApiError, type GuestLogin } from './api';
import { Call } from './call';
import { cell, derived, effect } from './cell';
import { config, type Config } from './config';
import { h } from './dom';
import { choose, duration, language, t } from './i18n';
import * as media from './media';
import { Sounds } from './sounds';
import { keypad } from './ui/dial';
import { icon } from './ui/icons';
import { button } from './ui/parts';

type Phase =
  | { readonly name: 'idle' }
  | { readonly name: 'busy' }
  | { readonly name: 'over' }
  | { readonly name: 'failed'; readonly text: string };

function guest(site: Config, destination: string): HTMLElement {
  const api = new Api(site.api);
  const sounds = new Sounds(site.keyTones);
  const phase = cell<Phase>({ name: 'idle' });
  const call = cell<Call | null>(null);
  const keys = cell(false);
  const title = cell(new URLSearchParams(window.location.search).get('title') || site.title);
  const now = cell(0);
  window.setInterval(() => now.set(Date.now()), 1000);

  const fail = (text: string) => phase.set({ name: 'failed', text });

  async function begin(video: boolean): Promise<void> {
    if (phase.peek().name === 'busy') return;
    phase.set({ name: 'busy' });
    let stream: MediaStream | null = null;
    try {
      // First the person, then the site: a log-in lasts for minutes only.
      stream = (await media.open({ video, microphone: '', camera: '' })).stream;
      const login = await api.guest(destination);
      title.set(login.title);
      await ring(login, stream, video);
    } catch (error) {
      media.stop(stream);
      if (error instanceof media.MediaError) fail(t(error.kind === 'no-microphone' ? 'noMicrophone' : 'mediaDenied'));
      else if (error instanceof ApiError) {
        if (error.kind === 'limited') fail(t('guestLimited', { seconds: Math.ceil(error.seconds) }));
        else fail(t(error.kind === 'absent' ? 'guestAbsent' : error.kind === 'unreachable' ? 'loginUnreachable' : 'loginBusy'));
      } else throw error;
    }
  }

  async function ring(login: GuestLogin, stream: MediaStream, video: boolean): Promise<void> {
    const domain = login.address.slice(login.address.lastIndexOf('@') + 1);
    const agent = new Agent(site, domain, { ...login, token: '' }, '', {
      incoming: (session) => session.terminate({ status_code: 486 }),
      message: () => undefined,
      refused: () => fail(t('loginBusy')),
    }, false);
    const servers = { iceServers: [...login.iceServers, ...site.stun.map((urls) => ({ urls }))] };
    await new Promise<void>((connected) => {
      const end = effect(() => {
        if (agent.link().state === 'registered') connected();
        else if (agent.link().state === 'waiting') {
          fail(t('notConnected'));
          window.setTimeout(() => agent.stop(), 0);
        }
      });
      agent.start();
      void end;
    });
    if (phase.peek().name === 'failed') return;
    const made = new Call(
      agent.call(login.target, stream, servers, video),
      {
        configuration: () => servers,
        registered: () => agent.link.peek().state === 'registered',
        camera: () => '',
        keyMs: site.keyMs,
        needsRelay: site.needsRelay,
        patience: site.dialling.patience,
      },
      (ended) => {
        sounds.loop(null);
        call.set(null);
        const cause = ended.ending.peek();
        if (cause === 'silent' || cause === 'transferred') phase.set({ name: 'over' });
        else fail(t(cause === 'busy' ? 'endBusy' : cause === 'unanswered' ? 'endUnanswered' : cause === 'lost' ? 'endLost' : 'endAbsent', { who: title.peek() }));
        window.setTimeout(() => agent.stop(), 500);
      },
      (_, wish) => wish.reject(),
      stream,
    );
    call.set(made);
  }

  effect(() => sounds.loop(call()?.state() === 'ringing' ? 'ring-back' : null));
  effect(() => {
    window.parent.postMessage({ falcotCall: call() ? 'calling' : phase().name }, '*');
  });
  window.addEventListener('pagehide', () => call.peek()?.hangUp());

  const front = derived(() => call());
  return h(
    'main',
    { class: 'guest' },
    h('h1', {}, title),
    () => {
      const found = front();
      if (found) return talk(found);
      const at = phase();
      return h(
        'div',
        { class: 'guest-door' },
        at.name === 'failed' && h('p', { class: 'said bad', role: 'alert' }, at.text),
        h('p', { class: 'soft', role: 'status' }, t(at.name === 'over' ? 'guestOver' : 'guestText')),
        button('phone', () => t(at.name === 'busy' ? 'stateConnecting' : at.name === 'idle' ? 'guestCall' : 'guestAgain'), () => void begin(false), { class: 'button go wide', id: 'guest-call' }),
        site.dialling.video && button('video', () => t('guestVideo'), () => void begin(true), { class: 'button wide', id: 'guest-video' }),
      );
    },
  );

  function talk(found: Call): HTMLElement {
    return h(
      'section',
      { class: () => `guest-call ${found.remotePictured() ? 'pictured' : ''}` },
      h('video', { class: 'remote', autoplay: true, playsinline: true, '.srcObject': () => found.remote(), 'aria-label': title }),
      h('p', { class: 'guest-state', role: 'status', 'data-state': () => found.state() }, () => (
        t(found.broken() ? 'broken' : found.heldByPeer() ? 'heldByPeer' : found.state() === 'talking' ? 'stateTalking' : found.state() === 'ringing' ? 'stateRinging' : 'stateConnecting')
      )),
      h('p', { class: 'guest-time' }, () => (found.since() ? duration(Math.max(0, (now() - found.since()) / 1000)) : '')),
      () => (keys() ? keypad((key) => {
        sounds.key(key);
        if (found.state.peek() === 'talking') found.press(key);
      }) : null),
      h(
        'div',
        { class: 'controls', role: 'toolbar', 'aria-label': () => t('controls') },
        control('mute', () => icon(found.muted() ? 'microphoneOff' : 'microphone'), () => t(found.muted() ? 'unmute' : 'mute'), found.muted, () => found.mute(!found.muted())),
        site.keypad && control('keypad', () => icon('keypad'), () => t('keypad'), keys, () => keys.set(!keys())),
        h('button', { type: 'button', class: 'control end', id: 'hang-up', 'on:click': () => found.hangUp() }, h('span', { class: 'control-round' }, icon('hangUp')), h('span', { class: 'control-word' }, () => t('hangUp'))),
      ),
    );
  }
}

function control(id: string, drawing: () => SVGElement, label: () => string, pressed: () => boolean, click: () => void): HTMLElement {
  return h(
    'button',
    { type: 'button', class: 'control', id: `control-${id}`, 'aria-pressed': () => String(pressed()), 'on:click': click },
    h('span', { class: 'control-round' }, drawing),
    h('span', { class: 'control-word' }, label),
  );
}

/** Of the page's own address, since the web server decides by it which other pages may show it. */
function destination(path: string): string {
  return /\/call-([^/]+)\.html$/.exec(path)?.[1] ?? '';
}

const site = config(window.JSCommSettings);
language.set(choose([site.language, ...(site.translate ? navigator.languages : [])].filter(Boolean)));
document.documentElement.lang = language();
document.title = site.title;
document.getElementById('phone')?.replaceChildren(guest(site, destination(window.location.pathname)));
