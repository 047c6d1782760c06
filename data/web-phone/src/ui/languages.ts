// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Which language: the person's choice, else the site's, else the browser's.
import { h } from '../dom';
import { choose, languageName, t, tags } from '../i18n';
import type { Phone } from '../phone';

export function chosen(phone: Phone): string {
  const { config } = phone;
  if (!config.translate) return choose([config.language].filter(Boolean));
  const { language } = phone.choices.all();
  return choose([config.languageMenu ? language : '', config.language, ...navigator.languages].filter(Boolean));
}

/** Null where the site leaves no choice. */
export function languageChoice(phone: Phone): HTMLElement | null {
  return phone.config.languageMenu ? h(
    'div',
    { class: 'language' },
    h('label', { for: 'language' }, () => t('languageLabel')),
    h(
      'select',
      {
        id: 'language',
        'on:change': (event: Event) => phone.choices.set({ language: (event.target as HTMLSelectElement).value }),
      },
      ...tags.map((tag) => h('option', { value: tag, lang: tag, '.selected': () => chosen(phone) === tag }, languageName(tag))),
    ),
  ) : null;
}
