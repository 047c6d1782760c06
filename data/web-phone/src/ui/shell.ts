// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What is around the views: the ways to them, who we are, whether we can be reached, and words from the phone.
import { shown } from '../address';
import type { Diagnosis } from '../diagnosis';
import { cell, derived, effect, ending } from '../cell';
import { sorted } from '../contacts';
import { each, h, type Child } from '../dom';
import { t, type Key } from '../i18n';
import type { Account, Phone } from '../phone';
import { contacts } from './contacts';
import { dial } from './dial';
import { history } from './history';
import { icon, type Icon } from './icons';
import { messages } from './messages';
import { avatar, badge, button, iconButton } from './parts';
import { settings } from './settings';
import { incoming, stage } from './stage';

const VIEWS = ['dial', 'contacts', 'messages', 'history', 'settings'] as const;
export type View = (typeof VIEWS)[number];
const NAMES: Readonly<Record<View, { key: Key; drawing: Icon }>> = {
  dial: { key: 'navDial', drawing: 'phone' },
  contacts: { key: 'navContacts', drawing: 'contacts' },
  messages: { key: 'navMessages', drawing: 'chat' },
  history: { key: 'navHistory', drawing: 'history' },
  settings: { key: 'navSettings', drawing: 'settings' },
};
const HOMES: Readonly<Record<string, Key>> = { registered: 'homeTitle', idle: 'linkIdle' };
const DIAGNOSES: Readonly<Record<Diagnosis, Key>> = {
  offline: 'diagnosisOffline', certificate: 'diagnosisCertificate', proxy: 'diagnosisProxy', blocked: 'diagnosisBlocked',
};

export function shell(phone: Phone, account: Account, brand: () => HTMLElement, first: string): HTMLElement {
  const view = cell<View>('dial');
  // A link is shown as what would be called.
  const wanted = cell((first && (phone.parse(first)?.shown ?? first)) || phone.config.dialling.auto.destination);
  const folded = cell(false);
  const write = (address: string) => {
    account.chats.open.set(address);
    view.set('messages');
  };
  // A notification that was clicked opens its conversation.
  effect(() => {
    if (account.chats.open()) view.set('messages');
  });
  effect(() => {
    phone.current();
    folded.set(false);
  });
  const inCall = derived(() => phone.current() !== null && phone.current()?.state() !== 'incoming');
  const counts: Partial<Record<View, () => number>> = {
    messages: () => account.chats.unread(),
    history: () => account.history.unseen(),
  };

  return h(
    'div',
    { class: () => `app ${inCall() ? 'calling' : ''} ${folded() ? 'with-fold' : ''}` },
    incoming(phone),
    h(
      'nav',
      { class: 'rail', 'aria-label': () => t('navigation') },
      brand(),
      ...VIEWS.filter((one) => one !== 'messages' || phone.config.messages).map((one) => h(
        'button',
        {
          type: 'button', class: 'rail-item', id: `nav-${one}`, 'aria-current': () => (view() === one ? 'page' : null),
          'on:click': () => {
            if (one === 'messages') account.chats.open.set(null);
            view.set(one);
            folded.set(true);
          },
        },
        h('span', { class: 'rail-icon' }, icon(NAMES[one].drawing), badge(counts[one] ?? (() => 0), () => t('unread', { count: counts[one]?.() ?? 0 }))),
        h('span', {}, () => t(NAMES[one].key)),
      )),
    ),
    h(
      'main',
      { class: 'panel' },
      h('div', { class: 'panel-head' }, self(phone, account)),
      trouble(phone),
      () => (inCall() && folded() ? back(phone, () => folded.set(false)) : null),
      () => {
        switch (view()) {
          case 'contacts': return contacts(phone, account, write);
          case 'messages': return messages(phone, account);
          case 'history': return history(phone, account);
          case 'settings': return settings(phone, account);
          default: return dial(phone, wanted);
        }
      },
    ),
    h('div', { class: 'side' }, stage(phone, folded), () => (inCall() ? null : home(phone, account, write))),
  );
}

function self(phone: Phone, account: Account): HTMLElement {
  const link = () => account.agent.link();
  const now = cell(Date.now());
  const timer = window.setInterval(() => now.set(Date.now()), 1000);
  ending(() => window.clearInterval(timer));
  const text = () => {
    const found = link();
    switch (found.state) {
      case 'registered': return t('linkRegistered');
      case 'refused': return t('linkRefused');
      case 'idle': return t('linkIdle');
      case 'waiting': return t('linkWaiting', { seconds: Math.max(0, Math.ceil((found.next - now()) / 1000)) });
      default: return t('linkConnecting');
    }
  };
  return h(
    'div',
    { class: 'self-head' },
    avatar(() => account.address, 'small'),
    h(
      'div',
      { class: 'row-text' },
      h('strong', { class: 'one-line' }, shown(account.address, phone.domain)),
      h('span', { class: () => `link link-${link().state}`, id: 'link', 'data-state': () => link().state }, text),
    ),
    phone.config.registration.control && button(
      null,
      () => t(link().state === 'idle' ? 'takeCalls' : 'takeNoCalls'),
      () => account.agent.available(link().state === 'idle'),
      { id: 'take-calls', disabled: () => !['registered', 'idle'].includes(link().state) },
    ),
    // The pill counts seconds, which nobody wants to hear.
    h('span', { class: 'away', role: 'status' }, () => t(link().state === 'registered' ? 'linkRegistered' : 'linkAway')),
  );
}

function trouble(phone: Phone): Child {
  return () => {
    const found = phone.diagnosis();
    if (!found) return null;
    const host = new URL(phone.config.servers[0]).host;
    return h(
      'div',
      { class: 'trouble', role: 'alert', 'data-diagnosis': found },
      icon('warning'),
      h('div', {}, h('p', {}, t(DIAGNOSES[found], { host })), found === 'certificate' && h('p', {}, h('a', { href: `https://${host}/`, target: '_blank', rel: 'noopener' }, t('diagnosisLook')), ' · ', h('a', { href: '/' }, t('startPage')))),
      button(null, () => t('retry'), () => phone.account.peek()?.agent.retry(), { class: 'button' }),
    );
  };
}

function back(phone: Phone, unfold: () => void): HTMLElement {
  const call = phone.current();
  return h(
    'button',
    { type: 'button', class: 'return', 'on:click': unfold },
    icon('phone'),
    h('span', {}, () => t('returnTo', { who: call ? phone.peerName(call) : '' })),
  );
}

/** What a wide window shows beside the views while nobody calls. */
function home(phone: Phone, account: Account, write: (address: string) => void): HTMLElement {
  const favourites = derived(() => sorted(account.contacts.all()).filter(({ favourite }) => favourite).slice(0, 8));
  return h(
    'section',
    { class: 'home', 'aria-label': () => t('home') },
    avatar(() => account.address, 'big'),
    h('h2', {}, () => t(HOMES[account.agent.link().state] ?? 'homeAway')),
    h('p', { class: 'soft' }, () => t('homeText')),
    h(
      'p',
      { class: 'own' },
      h('code', {}, account.address),
      iconButton('copy', () => t('copyAddress'), () => {
        void navigator.clipboard.writeText(account.address).then(() => phone.tell(t('copied'), false));
      }),
    ),
    () => (favourites().length ? h('h3', {}, t('favourites')) : null),
    each(favourites, ({ address }) => address, (contact) => h(
      'li',
      { class: 'tile' },
      avatar(() => contact.name),
      h('strong', { class: 'one-line' }, contact.name),
      h(
        'span',
        { class: 'tile-buttons' },
        iconButton('phone', () => t('callTo', { who: contact.name }), () => void phone.dial(contact.address, false)),
        phone.config.dialling.video && iconButton('video', () => t('videoTo', { who: contact.name }), () => void phone.dial(contact.address, true)),
        phone.config.messages && iconButton('chat', () => t('writeTo', { who: contact.name }), () => write(contact.address)),
      ),
    ), 'ul', { class: 'tiles' }),
  );
}
