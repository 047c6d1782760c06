// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Whom to call: by name, address or number, with a keypad for those without a keyboard.
import { cell, effect } from '../cell';
import { matching } from '../contacts';
import { each, h } from '../dom';
import { t } from '../i18n';
import type { Phone } from '../phone';
import { avatar, button, heading, iconButton } from './parts';

const KEYS = [
  ['1', ''], ['2', 'ABC'], ['3', 'DEF'], ['4', 'GHI'], ['5', 'JKL'], ['6', 'MNO'],
  ['7', 'PQRS'], ['8', 'TUV'], ['9', 'WXYZ'], ['*', ''], ['0', '+'], ['#', ''],
] as const;

export function keypad(press: (key: string) => void): HTMLElement {
  return h(
    'div',
    { class: 'keypad', role: 'group', 'aria-label': () => t('keypad') },
    ...KEYS.map(([key, letters]) => h(
      'button',
      { type: 'button', class: 'key', 'aria-label': () => keyName(key), 'on:click': () => press(key) },
      h('span', { class: 'key-digit' }, key),
      h('span', { class: 'key-letters' }, letters),
    )),
  );
}

function keyName(key: string): string {
  if (key === '*') return t('keyStar');
  return key === '#' ? t('keyHash') : key;
}

export function dial(phone: Phone, wanted: { (): string; set(text: string): void }): HTMLElement {
  const found = cell<readonly { address: string; name: string }[]>([]);
  effect(() => {
    const text = wanted();
    const contacts = phone.account()?.contacts.all() ?? [];
    found.set(text.trim() ? matching(contacts, text).slice(0, 5) : []);
  });
  const { audio, video, edit, show, clear } = phone.config.dialling;
  const input = h('input', {
    id: 'wanted',
    type: 'text',
    class: 'wanted',
    autocomplete: 'off',
    autocapitalize: 'none',
    autocorrect: 'off',
    spellcheck: 'false',
    enterkeyhint: 'go',
    readonly: !edit,
    placeholder: () => t('wantedHint'),
    '.value': () => wanted(),
    'on:input': (event: Event) => wanted.set((event.target as HTMLInputElement).value),
    'on:keydown': (event: KeyboardEvent) => {
      if (event.key !== 'Enter') return;
      event.preventDefault();
      start(phone.config.dialling.preferVideo);
    },
  });
  const start = (video: boolean, text = wanted()) => {
    if (!text.trim()) {
      input.focus();
      return;
    }
    void phone.dial(text, video).then((call) => call && edit && clear && wanted.set(''));
  };
  // Not on a telephone, where a keyboard would come up and hide half of the page.
  if (window.matchMedia('(pointer: fine)').matches) queueMicrotask(() => input.focus({ preventScroll: true }));
  return h(
    'section',
    { class: 'view dial', tabindex: '-1', 'aria-label': () => t('navDial') },
    heading('navDial'),
    show && h('label', { for: 'wanted', class: 'label' }, () => t('wanted')),
    show && h(
      'div',
      { class: 'wanted-row' },
      input,
      () => (edit && wanted() ? iconButton('erase', () => t('erase'), () => {
        wanted.set(wanted().slice(0, -1));
        input.focus();
      }) : null),
    ),
    edit && show && each(found, ({ address }) => address, ({ address, name }) => h(
      'li',
      {},
      h(
        'button',
        { type: 'button', class: 'row', 'on:click': () => start(phone.config.dialling.preferVideo, address) },
        avatar(() => name),
        h('span', { class: 'row-text' }, h('strong', {}, name), h('span', { class: 'soft' }, address)),
      ),
    ), 'ul', { class: 'rows suggestions', 'aria-label': () => t('suggestions') }),
    edit && show && keypad((key) => {
      phone.sounds.key(key);
      wanted.set(wanted() + key);
    }),
    h(
      'div',
      { class: 'dial-buttons' },
      audio && button('phone', () => t('callAudio'), () => start(false), { class: 'button go', id: 'call-audio' }),
      video && button('video', () => t('callVideo'), () => start(true), { class: 'button go soft-go', id: 'call-video' }),
    ),
  );
}
