// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The door: name and password, or why it stays shut.
import { ApiError, type Refusal } from '../api';
import { cell } from '../cell';
import { h } from '../dom';
import { t, type Key } from '../i18n';
import type { Phone } from '../phone';
import { languageChoice } from './languages';

const REFUSALS: Readonly<Record<Refusal, Key>> = {
  refused: 'loginRefused',
  limited: 'loginLimited',
  busy: 'loginBusy',
  absent: 'loginBusy',
  malformed: 'loginMalformed',
  unreachable: 'loginUnreachable',
};

export function login(phone: Phone, brand: () => HTMLElement): HTMLElement {
  const busy = cell(false);
  const wrong = cell<{ kind: Refusal; seconds: number } | null>(null);
  const missing = () => !navigator.mediaDevices || !window.RTCPeerConnection;
  const field = (name: string, label: Key, more: Record<string, string>) => h(
    'div',
    { class: 'field' },
    h('label', { for: name }, () => t(label)),
    h('input', {
      id: name,
      name,
      required: true,
      autocapitalize: 'none',
      autocorrect: 'off',
      spellcheck: 'false',
      'aria-invalid': () => (wrong()?.kind === 'refused' ? 'true' : null),
      'aria-describedby': () => (wrong() ? 'said' : null),
      ...more,
    }),
  );
  const user = field('user', 'address', { type: 'text', autocomplete: 'username', maxlength: '330', value: phone.config.user.address });
  const password = field('password', 'password', { type: 'password', autocomplete: 'current-password', maxlength: '300' });
  const stay = h('input', { type: 'checkbox', id: 'stay', name: 'stay' });
  const input = (part: HTMLElement) => part.querySelector('input') as HTMLInputElement;

  async function enter(event: Event): Promise<void> {
    event.preventDefault();
    if (busy.peek()) return;
    busy.set(true);
    wrong.set(null);
    try {
      await phone.signIn(input(user).value, input(password).value, stay.checked);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      wrong.set({ kind: error.kind, seconds: error.seconds });
      if (error.kind === 'refused') {
        input(password).value = '';
        input(password).focus();
      }
    } finally {
      busy.set(false);
    }
  }

  queueMicrotask(() => input(phone.config.user.address ? password : user).focus());
  return h(
    'main',
    { class: 'door' },
    h(
      'div',
      { class: 'door-card' },
      brand(),
      h('h1', {}, () => t('welcome', { title: phone.config.title })),
      h('p', { class: 'soft' }, () => t('welcomeText')),
      () => (missing() ? h('p', { class: 'said bad', role: 'alert' }, t('browserTooOld')) : null),
      h(
        'form',
        { 'on:submit': (event: Event) => void enter(event), novalidate: true },
        user,
        password,
        h('div', { class: 'check' }, stay, h('label', { for: 'stay' }, () => t('stay'))),
        h('p', { id: 'said', class: 'said bad', role: 'alert', hidden: () => !wrong() }, () => {
          const found = wrong();
          return found ? t(REFUSALS[found.kind], { seconds: Math.ceil(found.seconds) }) : '';
        }),
        h(
          'button',
          { type: 'submit', class: 'button primary wide', 'aria-disabled': () => (busy() ? 'true' : null) },
          () => t(busy() ? 'signingIn' : 'signIn'),
        ),
      ),
      h(
        'nav',
        { class: 'door-links', 'aria-label': () => t('help') },
        h('a', { href: '/password/' }, () => t('changePassword')),
        h('a', { href: phone.config.help || '/' }, () => t('startPage')),
      ),
      languageChoice(phone),
    ),
  );
}
