// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Calls: the one in front, those that wait, and those that ring.
import type { Call } from '../call';
import { cell, derived, effect, ending } from '../cell';
import { each, h, type Child } from '../dom';
import { duration, t, type Key } from '../i18n';
import type { Phone } from '../phone';
import type { Quality } from '../quality';
import { keypad } from './dial';
import { icon, type Icon } from './icons';
import { avatar, button, iconButton } from './parts';

const STATES: Readonly<Record<string, Key>> = {
  dialling: 'stateDialling', ringing: 'stateRinging', incoming: 'stateIncoming', connecting: 'stateConnecting',
};
const FIRST_KEYS = /^[0-9*#]$/;

/** Everything about calls; null as long as there is none. */
export function stage(phone: Phone, folded: { (): boolean; set(on: boolean): void }): Child {
  // Made anew for another call only, or the picture would stop with each change of state.
  const front = derived(() => {
    const call = phone.current();
    return call && call.state() !== 'incoming' ? call : null;
  });
  return () => {
    const call = front();
    return call && callStage(phone, call, folded);
  };
}

/** Those that ring, above everything else. */
export function incoming(phone: Phone): HTMLElement {
  const ringing = cell<readonly Call[]>([]);
  effect(() => ringing.set(phone.calls().filter((call) => call.state() === 'incoming')));
  return each(ringing, (call) => call.id, (call) => {
    const name = () => phone.peerName(call);
    const others = () => phone.calls().length > 1;
    depart();
    const dialog: HTMLElement = h(
      'div',
      { class: 'ringing', role: 'alertdialog', tabindex: '-1', 'aria-label': () => t('incomingFrom', { who: name() }) },
      avatar(name, 'pulsing'),
      h(
        'div',
        { class: 'ringing-text', role: 'alert' },
        h('strong', {}, name),
        h('span', {}, () => t(call.wantsVideo ? 'incomingVideo' : 'incomingCall')),
      ),
      h(
        'div',
        { class: 'ringing-buttons' },
        button('hangUp', () => t('decline'), () => call.decline(), { class: 'button stop decline' }),
        call.wantsVideo && phone.config.dialling.video
          ? button('video', () => t('answerVideo'), () => void phone.answer(call, true), { class: 'button go answer-video' })
          : null,
        button('phone', () => t(others() ? 'answerHold' : 'answer'), () => void phone.answer(call, false), { class: 'button go answer' }),
      ),
    );
    // To the dialog, not to a button: a key that was on its way must neither answer nor decline. Who writes goes on writing.
    queueMicrotask(() => {
      if (!isField(document.activeElement)) dialog.focus({ preventScroll: true });
    });
    ending(comeBack);
    return dialog;
  }, 'div', { class: 'ringing-list' });
}

function isField(element: Element | null): boolean {
  return element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement;
}

// What had the focus before calls took it.
let rest: Element | null = null;

function depart(): void {
  const now = document.activeElement;
  if (now !== document.body && !now?.closest('.ringing, .stage')) rest = now;
}

/** Gives the focus back, unless it has gone elsewhere in the meantime. */
function comeBack(): void {
  queueMicrotask(() => {
    if (document.activeElement !== document.body) return;
    const target = rest instanceof HTMLElement && rest.isConnected ? rest : document.querySelector<HTMLElement>('.view');
    target?.focus({ preventScroll: true });
  });
}

function callStage(phone: Phone, call: Call, folded: { (): boolean; set(on: boolean): void }): HTMLElement {
  const now = cell(Date.now());
  const timer = window.setInterval(() => now.set(Date.now()), 1000);
  ending(() => window.clearInterval(timer));
  const panel = cell<'none' | 'keys' | 'transfer' | 'quality'>('none');
  let opener: Element | null = null;
  const toggle = (which: 'keys' | 'transfer' | 'quality') => {
    opener = document.activeElement;
    panel.set(panel.peek() === which ? 'none' : which);
  };
  const shut = () => {
    if (panel.peek() === 'none') return;
    panel.set('none');
    (opener instanceof HTMLElement && opener !== document.body ? opener : main).focus({ preventScroll: true });
  };
  const name = () => phone.peerName(call);
  const talking = () => call.state() === 'talking';
  const status = () => {
    if (call.transferring()) return t('transferring');
    if (call.broken()) return t('broken');
    if (call.held()) return t('onHold');
    if (call.heldByPeer()) return t('heldByPeer');
    if (!talking()) return t(STATES[call.state()] ?? 'stateConnecting');
    return duration((now() - call.since()) / 1000);
  };
  const press = (key: string) => {
    phone.sounds.key(key);
    call.press(key);
  };

  const remote = h('video', { class: 'remote', autoplay: true, playsinline: true, '.srcObject': () => call.remote(), 'aria-label': name });
  effect(() => {
    const { speaker } = phone.choices.all();
    if (speaker && 'setSinkId' in remote) {
      void (remote as HTMLVideoElement & { setSinkId(id: string): Promise<void> }).setSinkId(speaker)
        .catch(() => console.warn('the chosen loudspeaker is not there'));
    }
  });
  const others = cell<readonly Call[]>([]);
  effect(() => others.set(phone.calls().filter((one) => one !== call && one.state() !== 'incoming')));

  const main: HTMLElement = h(
    'section',
    {
      class: () => ['stage', call.remotePictured() ? 'pictured' : '', folded() ? 'folded' : ''].join(' '),
      tabindex: '-1',
      'aria-label': () => t('callWith', { who: name() }),
      'on:keydown': (event: KeyboardEvent) => {
        if (event.key === 'Escape') shut();
        if (!talking() || !FIRST_KEYS.test(event.key) || event.target instanceof HTMLInputElement) return;
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        press(event.key);
      },
    },
    h('div', { class: 'picture' }, remote, () => (call.remotePictured() ? null : avatar(
      name,
      `big ${call.state() === 'ringing' || call.state() === 'dialling' ? 'pulsing' : ''}`,
    ))),
    h('video', {
      class: () => `self ${call.sharing() ? 'shared' : ''}`,
      autoplay: true,
      playsinline: true,
      '.muted': true,
      hidden: () => !call.pictured() && !call.sharing(),
      '.srcObject': () => call.local(),
      'aria-label': () => t(call.sharing() ? 'yourScreen' : 'yourPicture'),
    }),
    h(
      'header',
      { class: 'stage-head' },
      iconButton('fold', () => t('fold'), () => folded.set(true), { class: 'icon-button fold' }),
      h(
        'div',
        { class: 'stage-who' },
        h('h2', {}, name),
        h('p', { class: 'stage-state', role: 'status' }, () => (talking() && !call.broken() && !call.held() && !call.heldByPeer() && !call.transferring() ? '' : status())),
        h('p', { class: 'stage-time', 'aria-hidden': () => (talking() ? null : 'true') }, () => (talking() ? duration((now() - call.since()) / 1000) : '')),
      ),
      () => (talking() ? qualityButton(call, () => toggle('quality')) : null),
      iconButton('expand', () => t('fullScreen'), () => void (document.fullscreenElement ? document.exitFullscreen() : main.requestFullscreen()), { class: 'icon-button expand' }),
    ),
    each(others, (one) => one.id, (one) => h(
      'li',
      { class: 'other' },
      avatar(() => phone.peerName(one)),
      h('span', { class: 'row-text' }, h('strong', {}, () => phone.peerName(one)), h('span', {}, () => t(one.held() ? 'onHold' : STATES[one.state()] ?? 'stateTalking'))),
      iconButton('resume', () => t('switchTo', { who: phone.peerName(one) }), () => phone.select(one)),
      () => (talking() && one.state() === 'talking'
        ? iconButton('merge', () => t('join', { who: name(), to: phone.peerName(one) }), () => void phone.join(call, one), { class: 'icon-button join' })
        : null),
      iconButton('hangUp', () => t('hangUpOn', { who: phone.peerName(one) }), () => one.hangUp()),
    ), 'ul', { class: 'others', 'aria-label': () => t('otherCalls') }),
    () => {
      if (panel() === 'keys') return keys(call, press, shut);
      if (panel() === 'transfer') return transfer(phone, call, others, shut);
      return panel() === 'quality' ? figures(call, shut) : null;
    },
    h(
      'div',
      { class: 'controls', role: 'toolbar', 'aria-label': () => t('controls') },
      control(() => (call.muted() ? 'microphoneOff' : 'microphone'), () => t(call.muted() ? 'unmute' : 'mute'), call.muted, () => call.mute(!call.muted()), 'mute'),
      phone.config.dialling.video && control(
        () => (call.pictured() ? 'video' : 'videoOff'),
        () => t(call.pictured() ? 'cameraOff' : 'cameraOn'),
        () => !call.pictured(),
        () => void phone.act(call.picture(!call.pictured())),
        'camera',
        () => !talking(),
      ),
      'getDisplayMedia' in (navigator.mediaDevices ?? {}) && control(
        () => 'screen',
        () => t(call.sharing() ? 'unshare' : 'share'),
        call.sharing,
        () => void phone.act(call.share(!call.sharing())),
        'screen',
        () => !talking(),
      ),
      phone.config.keypad && control(() => 'keypad', () => t('keypad'), () => panel() === 'keys', () => toggle('keys'), 'keypad', () => !talking()),
      control(() => (call.held() ? 'resume' : 'hold'), () => t(call.held() ? 'resume' : 'hold'), call.held, () => (
        call.held() ? phone.select(call) : phone.setHold(call, true)
      ), 'hold', () => !talking()),
      control(() => 'transfer', () => t('transfer'), () => panel() === 'transfer', () => toggle('transfer'), 'transfer', () => !talking()),
      h(
        'button',
        { type: 'button', class: 'control end', id: 'hang-up', 'on:click': () => call.hangUp() },
        h('span', { class: 'control-round' }, icon('hangUp')),
        h('span', { class: 'control-word' }, () => t('hangUp')),
      ),
    ),
  );
  depart();
  // Keys are for the call from now on, and a screen reader says its name.
  queueMicrotask(() => main.focus({ preventScroll: true }));
  ending(comeBack);
  return main;
}

function control(
  drawing: () => Icon, label: () => string, pressed: () => boolean, click: () => void, id: string, off: () => boolean = () => false,
): HTMLButtonElement {
  return h(
    'button',
    {
      type: 'button',
      class: 'control',
      id: `control-${id}`,
      'aria-pressed': () => String(pressed()),
      disabled: off,
      'on:click': click,
    },
    h('span', { class: 'control-round' }, () => icon(drawing())),
    h('span', { class: 'control-word' }, label),
  );
}

function sheet(label: Key, close: () => void, ...content: Child[]): HTMLElement {
  return h(
    'div',
    { class: 'sheet', role: 'group', 'aria-label': () => t(label) },
    h('div', { class: 'sheet-head' }, h('h3', {}, () => t(label)), iconButton('close', () => t('close'), close)),
    ...content,
  );
}

function keys(call: Call, press: (key: string) => void, close: () => void): HTMLElement {
  return sheet('keypad', close, h('output', { class: 'pressed', 'aria-label': () => t('pressedKeys') }, () => call.keys() || ' '), keypad(press));
}

function transfer(phone: Phone, call: Call, others: () => readonly Call[], close: () => void): HTMLElement {
  const input = h('input', {
    id: 'transfer-to', type: 'text', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', placeholder: () => t('wantedHint'),
  });
  const now = () => {
    if (!input.value.trim()) return input.focus();
    void phone.transfer(call, input.value);
    return close();
  };
  const ask = () => {
    if (!input.value.trim()) return input.focus();
    void phone.dial(input.value, false);
    return close();
  };
  queueMicrotask(() => input.focus());
  return sheet(
    'transferTo',
    close,
    h(
      'form',
      { class: 'transfer-form', 'on:submit': (event: Event) => { event.preventDefault(); now(); } },
      h('label', { for: 'transfer-to', class: 'label' }, () => t('wanted')),
      input,
      h(
        'div',
        { class: 'sheet-buttons' },
        h('button', { type: 'submit', class: 'button primary', id: 'transfer-now' }, () => t('transferNow')),
        button(null, () => t('transferAsk'), ask, { id: 'transfer-ask' }),
      ),
    ),
    () => others().filter((one) => one.state() === 'talking').map((one) => button(
      'merge',
      () => t('joinWith', { who: phone.peerName(one) }),
      () => void phone.join(call, one),
    )),
  );
}

const GRADES: Readonly<Record<Quality['grade'], Key>> = { good: 'qualityGood', fair: 'qualityFair', poor: 'qualityPoor', none: 'qualityNone' };

function qualityButton(call: Call, click: () => void): HTMLElement {
  const grade = () => call.quality()?.grade ?? 'none';
  return h(
    'button',
    { type: 'button', class: () => `quality quality-${grade()}`, 'aria-label': () => `${t('quality')}: ${t(GRADES[grade()])}`, title: () => t(GRADES[grade()]), 'on:click': click },
    h('i'), h('i'), h('i'), h('i'),
  );
}

function figures(call: Call, close: () => void): HTMLElement {
  const row = (key: Key, value: (quality: Quality) => string) => [
    h('dt', {}, () => t(key)),
    h('dd', {}, () => {
      const found = call.quality();
      return found ? value(found) : '–';
    }),
  ];
  return sheet(
    'quality',
    close,
    h(
      'dl',
      { class: 'figures' },
      ...row('qualityGrade', ({ grade }) => t(GRADES[grade])),
      ...row('qualityLoss', ({ loss }) => `${(loss * 100).toFixed(1)} %`),
      ...row('qualityDelay', ({ roundTripMs }) => `${roundTripMs} ms`),
      ...row('qualityJitter', ({ jitterMs }) => `${jitterMs} ms`),
      ...row('qualityRate', ({ kbitIn, kbitOut }) => `↓ ${kbitIn} ↑ ${kbitOut} kbit/s`),
      ...row('qualityPicture', ({ picture }) => picture || '–'),
      ...row('qualityWay', ({ relayed, way }) => `${t(relayed ? 'wayRelay' : 'wayDirect')} (${way || '–'})`),
    ),
  );
}
