// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import test from 'node:test';
import languages from 'languages';
import { choose, duration, language, t, tags } from '../src/i18n';

const holes = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([hole]) => hole).sort();

test('each language has each text, with the same gaps', () => {
  const { en } = languages;
  assert.ok(en && tags.includes('de'));
  for (const tag of tags) {
    const texts: Readonly<Record<string, string>> = languages[tag] ?? {};
    assert.deepEqual(Object.keys(texts).sort(), Object.keys(en).sort(), tag);
    for (const [key, text] of Object.entries(texts)) {
      assert.ok(text.trim(), `${tag} ${key}`);
      assert.deepEqual(holes(text), holes(en[key as keyof typeof en]), `${tag} ${key}`);
    }
  }
});

test('the first known wish counts, by less and less of its tag', () => {
  assert.equal(choose(['fr', 'de-AT', 'en'], ['en', 'de']), 'de');
  assert.equal(choose(['pt-BR'], ['en', 'pt-BR', 'pt']), 'pt-BR');
  assert.equal(choose(['PT-pt'], ['en', 'pt']), 'pt');
  assert.equal(choose(['xx'], ['en', 'de']), 'en');
  assert.equal(choose([], ['de']), 'en');
});

test('gaps are filled, also by what looks like one', () => {
  language.set('en');
  assert.equal(t('callTo', { who: '{to} $& joe' }), 'Call {to} $& joe');
  language.set('de');
  assert.equal(t('callTo', { who: 'Joe' }), 'Joe anrufen');
  language.set('en');
});

test('times of calls', () => {
  assert.equal(duration(0), '0:00');
  assert.equal(duration(-0.4), '0:00');
  assert.equal(duration(61.9), '1:01');
  assert.equal(duration(3600 * 2 + 65), '2:01:05');
});
