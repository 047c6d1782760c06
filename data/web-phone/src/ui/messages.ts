// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Conversations, and the one that is open.
import { bare } from '../address';
import type { Chat, Note } from '../chats';
import { cell, effect, ending } from '../cell';
import { each, h } from '../dom';
import { moment, t } from '../i18n';
import type { Account, Phone } from '../phone';
import { avatar, badge, button, empty, heading, iconButton } from './parts';

export function messages(phone: Phone, account: Account): HTMLElement {
  const { chats } = account;
  ending(() => chats.open.set(null));
  return h(
    'section',
    { class: 'view messages', tabindex: '-1', 'aria-label': () => t('navMessages') },
    () => {
      const address = chats.open();
      return address ? [conversation(phone, account, address)] : [...list(phone, account)];
    },
  );
}

function list(phone: Phone, account: Account): HTMLElement[] {
  const { chats } = account;
  const begun = cell(false);
  const input = h('input', {
    id: 'write-to', type: 'text', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', placeholder: () => t('wantedHint'),
  });
  const begin = (event: Event) => {
    event.preventDefault();
    const target = phone.find(input.value);
    if (target) chats.open.set(bare(target.uri));
    else phone.tell(t('badAddress', { address: input.value }), true);
  };
  return [
    heading('navMessages', button('plus', () => t('newMessage'), () => {
      begun.set(true);
      queueMicrotask(() => input.focus());
    }, { class: 'button quiet', id: 'new-message' })),
    h(
      'form',
      { class: 'card', hidden: () => !begun(), 'on:submit': begin },
      h('div', { class: 'field' }, h('label', { for: 'write-to' }, () => t('wanted')), input),
      h('button', { type: 'submit', class: 'button primary' }, () => t('next')),
    ),
    h('div', {}, () => (chats.all().length || begun() ? null : empty('chat', 'messagesEmpty'))),
    each(chats.all, ({ address }) => address, (chat) => row(phone, account, chat), 'ul', { class: 'rows' }),
  ];
}

function row(phone: Phone, account: Account, chat: Chat): HTMLElement {
  const name = () => phone.nameOf(chat.address, chat.name);
  const last = chat.notes[chat.notes.length - 1];
  return h(
    'li',
    {},
    h(
      'button',
      { type: 'button', class: 'row', 'on:click': () => account.chats.open.set(chat.address) },
      avatar(name),
      h('span', { class: 'row-text' }, h('strong', {}, name), h('span', { class: 'soft one-line' }, () => `${last?.own ? `${t('you')}: ` : ''}${last?.text ?? ''}`)),
      h('span', { class: 'row-side' }, h('time', { class: 'soft' }, () => moment(last?.at ?? 0, Date.now())), badge(() => chat.unread, () => t('unread', { count: chat.unread }))),
    ),
  );
}

function conversation(phone: Phone, account: Account, address: string): HTMLElement {
  const { chats } = account;
  const notes = cell<readonly Note[]>([]);
  const name = () => phone.nameOf(address, chats.find(address)?.name);
  effect(() => notes.set(chats.find(address)?.notes ?? []));
  effect(() => {
    notes();
    queueMicrotask(() => chats.read(address));
  });
  const lines = each(notes, ({ id, state }) => `${id} ${state}`, (note) => line(phone, address, note), 'ol', {
    class: 'lines', 'aria-live': 'polite', 'aria-label': () => t('conversationWith', { who: name() }), tabindex: '0',
  });
  effect(() => {
    notes();
    window.requestAnimationFrame(() => {
      lines.scrollTop = lines.scrollHeight;
    });
  });
  const input = h('textarea', {
    id: 'message', rows: '1', maxlength: '1200', 'aria-label': () => t('message'), placeholder: () => t('message'),
    'on:keydown': (event: KeyboardEvent) => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        write();
      }
    },
  });
  const write = () => {
    const text = input.value.trim();
    if (!text) return;
    input.value = '';
    void phone.write(address, text);
  };
  queueMicrotask(() => input.focus());
  return h(
    'div',
    { class: 'conversation' },
    h(
      'header',
      { class: 'view-head' },
      iconButton('back', () => t('back'), () => chats.open.set(null)),
      avatar(name, 'small'),
      h('h1', { class: 'one-line' }, name),
      iconButton('phone', () => t('callTo', { who: name() }), () => void phone.dial(address, false)),
      phone.config.dialling.video && iconButton('video', () => t('videoTo', { who: name() }), () => void phone.dial(address, true)),
      iconButton('bin', () => t('removeConversation'), () => {
        chats.open.set(null);
        chats.remove(address);
      }),
    ),
    lines,
    h(
      'form',
      { class: 'compose', 'on:submit': (event: Event) => { event.preventDefault(); write(); } },
      input,
      iconButton('send', () => t('send'), write, { class: 'icon-button send', type: 'submit' }),
    ),
  );
}

function line(phone: Phone, address: string, note: Note): HTMLElement {
  return h(
    'li',
    { class: `line ${note.own ? 'own' : ''} ${note.state}` },
    h('p', {}, note.text),
    h(
      'span',
      { class: 'line-state' },
      () => (note.state === 'sent' ? moment(note.at, Date.now()) : t(note.state === 'sending' ? 'noteSending' : 'noteFailed')),
      note.state === 'failed' && button(null, () => t('again'), () => void phone.write(address, note.text), { class: 'link' }),
    ),
  );
}
