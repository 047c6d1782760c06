// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Calls of the past; one click calls back.
import { each, h } from '../dom';
import { duration, moment, t } from '../i18n';
import type { Account, Phone } from '../phone';
import type { Past } from '../history';
import { icon } from './icons';
import { avatar, button, empty, heading, iconButton } from './parts';

export function history(phone: Phone, account: Account): HTMLElement {
  const { calls } = account.history;
  account.history.seen();
  return h(
    'section',
    { class: 'view', tabindex: '-1', 'aria-label': () => t('navHistory') },
    heading('navHistory', () => (calls().length
      ? button('bin', () => t('clearHistory'), () => account.history.clear(), { class: 'button quiet' })
      : null)),
    () => (calls().length ? null : empty('history', 'historyEmpty')),
    each(calls, ({ id }) => id, (past) => row(phone, account, past), 'ul', { class: 'rows' }),
  );
}

function row(phone: Phone, account: Account, past: Past): HTMLElement {
  const name = () => phone.nameOf(past.address, past.name);
  const missed = !past.outgoing && !past.seconds;
  const how = () => {
    if (missed) return t('pastMissed');
    if (!past.seconds) return t('pastUnanswered');
    return `${t(past.outgoing ? 'pastOutgoing' : 'pastIncoming')} · ${duration(past.seconds)}`;
  };
  return h(
    'li',
    { class: `past ${missed ? 'missed' : ''}` },
    h(
      'button',
      { type: 'button', class: 'row', 'aria-label': () => `${t('callTo', { who: name() })}, ${how()}, ${moment(past.at, Date.now())}`, 'on:click': () => void phone.dial(past.address, false) },
      avatar(name),
      h(
        'span',
        { class: 'row-text' },
        h('strong', {}, name),
        h('span', { class: 'soft' }, icon(missed ? 'missed' : past.outgoing ? 'outgoing' : 'incoming'), how),
      ),
      h('time', { class: 'soft', datetime: new Date(past.at).toISOString() }, () => moment(past.at, Date.now())),
    ),
    phone.config.dialling.video && iconButton('video', () => t('videoTo', { who: name() }), () => void phone.dial(past.address, true)),
    () => (account.contacts.find(past.address)
      ? null
      : iconButton('plus', () => t('addContact', { who: name() }), () => account.contacts.put({ address: past.address, name: past.name || name(), favourite: false }))),
  );
}
