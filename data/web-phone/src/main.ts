// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The phone's page.
import { Api } from './api';
import { derived, effect } from './cell';
import { config, type Config } from './config';
import { h } from './dom';
import { language, t } from './i18n';
import { Phone } from './phone';
import { keeper } from './storage';
import { chosen } from './ui/languages';
import { login } from './ui/login';
import { notices } from './ui/notices';
import { shell } from './ui/shell';

function brand(site: Config): HTMLElement {
  return h(
    'div',
    { class: 'brand' },
    site.logo ? h('img', { src: site.logo, alt: '' }) : h('span', { class: 'brand-mark', 'aria-hidden': 'true' }, [...site.title][0]?.toUpperCase() ?? ''),
    h('span', { class: 'brand-name' }, site.title),
  );
}

function start(): void {
  const place = document.getElementById('phone') as HTMLElement;
  let site: Config;
  try {
    site = config(window.JSCommSettings);
  } catch (error) {
    place.replaceChildren(h('p', { class: 'said bad', role: 'alert' }, error instanceof Error ? error.message : String(error)));
    return;
  }
  const phone = new Phone(site, new Api(site.api), keeper('localStorage'), keeper('sessionStorage'));
  // A tel: or sip: link, or a page of the site. It fills the field in; calling stays the person's decision.
  const first = new URLSearchParams(window.location.search).get('call') ?? '';

  effect(() => {
    language.set(chosen(phone));
    document.documentElement.lang = language();
  });
  effect(() => {
    document.documentElement.dataset.theme = phone.choices.all().theme;
  });
  effect(() => {
    const ringing = phone.calls().find((call) => call.state() === 'incoming');
    const unread = phone.account()?.chats.unread() ?? 0;
    const title = ringing ? `${t('incomingFrom', { who: phone.peerName(ringing) })} – ${site.title}` : t('pageTitle', { title: site.title });
    document.title = unread && !ringing ? `(${unread}) ${title}` : title;
  });

  const account = derived(() => phone.account());
  place.replaceChildren(
    h('div', { class: 'page' }, () => {
      const found = account();
      if (found) return shell(phone, found, () => brand(site), first);
      return phone.ready() ? login(phone, () => brand(site)) : h('div', { class: 'loading', 'aria-busy': 'true' });
    }),
    notices(phone),
  );
  void phone.resume();

  const { auto } = site.dialling;
  if (auto.atStart && auto.destination) {
    let done = false;
    effect(() => {
      if (done || !['registered', 'idle'].includes(phone.link().state)) return;
      done = true;
      void phone.dial(auto.destination, auto.video);
    });
  }
}

start();
