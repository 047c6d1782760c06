// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Texts in the reader's language (RFC 4647 lookup).
import languages from 'languages';
import { cell } from './cell';
import en, { type Texts } from './languages/en';

export type Key = keyof Texts;

/** The tag of the language in use. */
export const language = cell('en');

export const tags = Object.keys(languages);

/** The first of the `wanted` tags for which there are texts, its subtags cut from the end until one is found. */
export function choose(wanted: readonly string[], known: readonly string[] = tags): string {
  for (const one of wanted) {
    for (let tag = one.toLowerCase(); tag; tag = tag.replace(/-?[^-]*$/, '')) {
      const found = known.find((name) => name.toLowerCase() === tag);
      if (found) return found;
    }
  }
  return 'en';
}

/** The text with each {name} replaced. */
export function t(key: Key, values: Readonly<Record<string, string | number>> = {}): string {
  const text = (languages[language()] ?? en)[key];
  return text.replace(/\{(\w+)\}/g, (whole: string, name: string) => String(values[name] ?? whole));
}

/** The name of a language in itself. */
export function languageName(tag: string): string {
  return (languages[tag] ?? en).language;
}

export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** A moment as short as it can be told today. */
export function moment(at: number, now: number): string {
  const [then, today] = [new Date(at), new Date(now)];
  const same = then.toDateString() === today.toDateString();
  return new Intl.DateTimeFormat(
    language(),
    same ? { hour: '2-digit', minute: '2-digit' } : { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
  ).format(then);
}
