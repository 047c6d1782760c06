// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Words from the phone; screen readers hear bad ones at once.
import { each, h } from '../dom';
import { t } from '../i18n';
import type { Phone } from '../phone';
import { icon } from './icons';
import { iconButton } from './parts';

export function notices(phone: Phone): HTMLElement {
  return each(phone.notices, ({ id }) => String(id), ({ id, bad, text }) => h(
    'div',
    { class: `notice ${bad ? 'bad' : ''}`, role: bad ? 'alert' : 'status' },
    icon(bad ? 'warning' : 'check'),
    h('p', {}, text),
    iconButton('close', () => t('close'), () => phone.dismiss(id)),
  ), 'div', { class: 'notices' });
}
