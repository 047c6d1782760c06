// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import test from 'node:test';
import { Chats, type Note } from '../src/chats';
import { Contacts, matching } from '../src/contacts';
import { History } from '../src/history';
import { Choices, DEFAULTS } from '../src/preferences';
import { memory } from '../src/storage';

const past = (id: string, seconds: number, outgoing = false) => (
  { id, address: 'ann@falcot.com', name: 'Ann', outgoing, at: 1, seconds, video: false }
);
const note = (id: string, text: string, own = false): Note => ({ id, own, text, at: 1, state: 'sent' });

test('calls are kept, newest first, and missed ones counted until seen', () => {
  const kept = memory();
  const history = new History(kept, 'h');
  history.add(past('1', 0));
  history.add(past('2', 9));
  history.add(past('3', 0, true));
  assert.equal(history.unseen(), 1);
  assert.deepEqual(new History(kept, 'h').calls().map(({ id }) => id), ['3', '2', '1']);
  history.seen();
  assert.equal(history.unseen(), 0);
  for (let n = 0; n < 300; n += 1) history.add(past(`x${n}`, 1));
  assert.equal(history.calls().length, 200);
  history.clear();
  assert.deepEqual(new History(kept, 'h').calls(), []);
});

test('what somebody else wrote there is not believed', () => {
  const kept = memory();
  for (const text of ['{', '"x"', '[1]', '[{"id":1}]', 'null']) {
    kept.setItem('h', text);
    assert.deepEqual(new History(kept, 'h').calls(), [], text);
    assert.deepEqual(new Contacts(kept, 'h').all(), [], text);
    assert.deepEqual(new Chats(kept, 'h').all(), [], text);
  }
  kept.setItem('falcot-rtc-phone:preferences', '{"theme": 7, "ring": 0.3}');
  assert.deepEqual(new Choices(kept).all(), { ...DEFAULTS, ring: 0.3 });
});

test('contacts: favourites first, one for an address', () => {
  const kept = memory();
  const contacts = new Contacts(kept, 'c');
  contacts.put({ address: 'b@x', name: 'Bea', favourite: false });
  contacts.put({ address: 'a@x', name: 'Änne', favourite: false });
  contacts.put({ address: 'z@x', name: 'Zoe', favourite: true });
  contacts.put({ address: 'b2@x', name: 'Bea', favourite: false }, 'b@x');
  assert.deepEqual(new Contacts(kept, 'c').all().map(({ address }) => address), ['z@x', 'a@x', 'b2@x']);
  assert.deepEqual(matching(contacts.all(), 'BE x').map(({ address }) => address), ['b2@x']);
  assert.equal(contacts.named(' bea ')?.address, 'b2@x');
  contacts.put({ address: 'b3@x', name: 'BEA', favourite: false });
  // Which of the two is meant?
  assert.equal(contacts.named('Bea'), undefined);
  contacts.remove('z@x');
  assert.equal(contacts.find('z@x'), undefined);
});

test('conversations: the latest first, unread ones counted, failures remembered', () => {
  const kept = memory();
  const chats = new Chats(kept, 'm');
  chats.add('ann@x', 'Ann', note('1', 'hi'), false);
  chats.add('bob@x', '', note('2', 'ho'), false);
  chats.add('ann@x', '', note('3', 'you there?'), false);
  assert.deepEqual(
    chats.all().map(({ address, unread, name }) => [address, unread, name]),
    [['ann@x', 2, 'Ann'], ['bob@x', 1, '']],
  );
  chats.read('ann@x');
  assert.equal(chats.unread(), 1);
  chats.add('ann@x', '', { ...note('4', 'yes', true), state: 'sending' }, true);
  // The page went before the answer came.
  const again = new Chats(kept, 'm');
  assert.equal(again.find('ann@x')?.notes.at(-1)?.state, 'failed');
  chats.mark('ann@x', '4', 'sent');
  assert.equal(chats.find('ann@x')?.notes.at(-1)?.state, 'sent');
  chats.remove('ann@x');
  assert.equal(chats.find('ann@x'), undefined);
});

test('a full or refusing store does not stop the phone', () => {
  const full = { ...memory(), setItem: () => { throw new Error('QuotaExceededError'); } };
  const history = new History(full, 'h');
  history.add(past('1', 1));
  assert.equal(history.calls().length, 1);
});
