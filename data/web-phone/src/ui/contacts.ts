// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The address book.
import { bare, shown } from '../address';
import { cell, effect } from '../cell';
import { matching, type Contact } from '../contacts';
import { each, h } from '../dom';
import { t } from '../i18n';
import type { Account, Phone } from '../phone';
import { avatar, button, empty, heading, iconButton } from './parts';

export function contacts(phone: Phone, account: Account, write: (address: string) => void): HTMLElement {
  const wanted = cell('');
  const edited = cell<Contact | 'new' | null>(null);
  const found = cell<readonly Contact[]>([]);
  effect(() => found.set(matching(account.contacts.all(), wanted())));
  const begin = button('plus', () => t('newContact'), () => edited.set('new'), { class: 'button quiet', id: 'new-contact' });
  return h(
    'section',
    { class: 'view', tabindex: '-1', 'aria-label': () => t('navContacts') },
    heading('navContacts', begin),
    () => {
      const one = edited();
      return one && form(phone, account, one === 'new' ? null : one, () => {
        edited.set(null);
        begin.focus();
      });
    },
    () => (account.contacts.all().length > 5 ? h('input', {
      type: 'search', class: 'search', 'aria-label': t('search'), placeholder: t('search'),
      'on:input': (event: Event) => wanted.set((event.target as HTMLInputElement).value),
    }) : null),
    () => (account.contacts.all().length || edited() ? null : empty('contacts', 'contactsEmpty')),
    each(found, ({ address }) => address, (contact) => h(
      'li',
      { class: 'contact' },
      h(
        'button',
        { type: 'button', class: 'row', 'aria-label': () => t('callTo', { who: contact.name }), 'on:click': () => void phone.dial(contact.address, false) },
        avatar(() => contact.name),
        h('span', { class: 'row-text' }, h('strong', {}, contact.name), h('span', { class: 'soft' }, shown(contact.address, phone.domain))),
      ),
      iconButton('star', () => t(contact.favourite ? 'unfavour' : 'favour', { who: contact.name }), () => (
        account.contacts.put({ ...contact, favourite: !contact.favourite })
      ), { class: `icon-button star ${contact.favourite ? 'on' : ''}`, 'aria-pressed': String(contact.favourite) }),
      phone.config.messages && iconButton('chat', () => t('writeTo', { who: contact.name }), () => write(contact.address)),
      iconButton('pen', () => t('edit', { who: contact.name }), () => edited.set(contact)),
    ), 'ul', { class: 'rows' }),
  );
}

function form(phone: Phone, account: Account, contact: Contact | null, close: () => void): HTMLElement {
  const wrong = cell(false);
  const name = h('input', { id: 'contact-name', type: 'text', required: true, maxlength: '80', autocomplete: 'off', value: contact?.name ?? '' });
  const address = h('input', {
    id: 'contact-address', type: 'text', required: true, maxlength: '330', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false',
    value: contact ? shown(contact.address, phone.domain) : '',
    'aria-invalid': () => (wrong() ? 'true' : null),
    'aria-describedby': () => (wrong() ? 'contact-wrong' : null),
  });
  queueMicrotask(() => name.focus());
  const done = (event: Event) => {
    event.preventDefault();
    const target = phone.parse(address.value);
    wrong.set(!target);
    if (!target) {
      address.focus();
      return;
    }
    const key = bare(target.uri);
    account.contacts.put({ address: key, name: name.value.trim() || target.shown, favourite: contact?.favourite ?? false }, contact?.address);
    close();
  };
  return h(
    'form',
    { class: 'card', 'on:submit': done, novalidate: true },
    h('div', { class: 'field' }, h('label', { for: 'contact-name' }, () => t('name')), name),
    h('div', { class: 'field' }, h('label', { for: 'contact-address' }, () => t('addressOrNumber')), address),
    h('p', { id: 'contact-wrong', class: 'said bad', role: 'alert', hidden: () => !wrong() }, () => (wrong() ? t('badAddressShort') : '')),
    h(
      'div',
      { class: 'form-buttons' },
      h('button', { type: 'submit', class: 'button primary' }, () => t('save')),
      button(null, () => t('cancel'), close),
      contact && button('bin', () => t('remove'), () => {
        account.contacts.remove(contact.address);
        close();
      }, { class: 'button quiet bad' }),
    ),
  );
}
