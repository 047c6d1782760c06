// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What several views are made of.
import { initials } from '../address';
import { h, type Attributes, type Child } from '../dom';
import { t, type Key } from '../i18n';
import { icon, type Icon } from './icons';

/** A button with a drawing alone; its label is for screen readers and the pointer. */
export function iconButton(drawing: Icon | (() => Icon), label: () => string, click: () => void, more: Attributes = {}): HTMLButtonElement {
  return h(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': label, title: label, 'on:click': click, ...more },
    typeof drawing === 'function' ? () => icon(drawing()) : icon(drawing),
  );
}

/** A button with a drawing and a word. */
export function button(drawing: Icon | null, label: () => string, click: () => void, more: Attributes = {}): HTMLButtonElement {
  return h(
    'button',
    { type: 'button', class: 'button', 'on:click': click, ...more },
    drawing && icon(drawing),
    h('span', {}, label),
  );
}

/** A picture of somebody: the first letters on a colour that is always the same for the same name. */
export function avatar(name: () => string, more = ''): HTMLElement {
  return h(
    'span',
    { class: () => `avatar tone-${tone(name())} ${more}`, 'aria-hidden': 'true' },
    () => initials(name()),
  );
}

function tone(name: string): number {
  let sum = 0;
  for (const letter of name.toLowerCase()) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 997;
  return sum % 6;
}

/** A heading with what belongs beside it. */
export function heading(key: Key, ...beside: Child[]): HTMLElement {
  return h('header', { class: 'view-head' }, h('h1', { tabindex: '-1' }, () => t(key)), ...beside);
}

export function empty(drawing: Icon, key: Key): HTMLElement {
  return h('div', { class: 'empty' }, icon(drawing), h('p', {}, () => t(key)));
}

export function badge(count: () => number, label: () => string): Child {
  return () => (count() ? h('span', { class: 'badge', 'aria-label': label }, String(Math.min(99, count()))) : null);
}
