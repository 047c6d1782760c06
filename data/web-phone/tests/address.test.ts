// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import test from 'node:test';
import { bare, initials, shown, target } from '../src/address';

const uri = (text: string) => target(text, 'falcot.com')?.uri ?? null;

test('what people type becomes a SIP URI', () => {
  assert.equal(uri('joe'), 'sip:joe@falcot.com');
  assert.equal(uri('  joe@Example.ORG '), 'sip:joe@example.org');
  assert.equal(uri('Joe@Falcot.COM'), 'sip:joe@falcot.com');
  assert.equal(uri('Joe@example.org'), 'sip:Joe@example.org');
  assert.equal(uri('4711'), 'sip:4711@falcot.com');
  assert.equal(uri('+49 (30) 12-34.56'), 'sip:+4930123456@falcot.com');
  assert.equal(uri('*97#'), 'sip:*97%23@falcot.com');
  assert.equal(uri('joe@[2001:db8::1]'), 'sip:joe@[2001:db8::1]');
  assert.equal(uri('jane.doe-2@falcot.com'), 'sip:jane.doe-2@falcot.com');
});

test('links lose what is meant for programs', () => {
  assert.equal(uri('sip:joe@falcot.com;transport=udp?Replaces=x'), 'sip:joe@falcot.com');
  assert.equal(uri('SIPS:joe@falcot.com:5061'), 'sip:joe@falcot.com:5061');
  assert.equal(uri('tel:+49-30-123456;phone-context=example'), 'sip:+4930123456@falcot.com');
  assert.equal(uri('tel:%2B4930123456'), 'sip:+4930123456@falcot.com');
  assert.equal(uri('mailto:joe@falcot.com?subject=hi'), 'sip:joe@falcot.com');
});

test('what is no address is none', () => {
  for (const text of ['', '   ', '@falcot.com', 'joe@', 'joe@-x.com', 'a b', 'jo<e', 'joe@a@b', 'joe\r\nVia: x', 'x@y:123456', 'sip:']) {
    assert.equal(uri(text), null, JSON.stringify(text));
  }
});

test('a name is shown without the domain that all share', () => {
  assert.equal(target('joe@falcot.com', 'falcot.com')?.shown, 'joe');
  assert.equal(target('joe@example.org', 'falcot.com')?.shown, 'joe@example.org');
  assert.equal(shown('joe@falcot.com', 'falcot.com'), 'joe');
  assert.equal(shown('joe@example.org', 'falcot.com'), 'joe@example.org');
  assert.equal(shown('%E0%A4%A@falcot.com', 'falcot.com'), '%E0%A4%A');
});

test('addresses of contacts and conversations compare', () => {
  assert.equal(bare('sip:joe@FALCOT.com;gr=1'), 'joe@falcot.com');
  assert.equal(bare('sips:joe@falcot.com?x=y'), 'joe@falcot.com');
});

test('letters stand for a person', () => {
  assert.equal(initials('Jane Mary Doe'), 'JD');
  assert.equal(initials('joe@falcot.com'), 'J');
  assert.equal(initials('jane.doe'), 'JD');
  assert.equal(initials('Ömer Åsa'), 'ÖÅ');
  assert.equal(initials('4711'), '#');
});
