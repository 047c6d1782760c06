// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import test from 'node:test';
import { cell, derived, effect, ending, flush, root } from '../src/cell';

test('an effect runs again when a cell that it read changes, and only then', () => {
  const [a, b] = [cell(1), cell(1)];
  const seen: number[] = [];
  effect(() => void seen.push(a()));
  b.set(2);
  flush();
  a.set(1);
  flush();
  a.set(2);
  a.set(3);
  flush();
  assert.deepEqual(seen, [1, 3]);
});

test('what an effect no longer reads does not run it', () => {
  const which = cell(true);
  const [a, b] = [cell('a'), cell('b')];
  let runs = 0;
  effect(() => {
    runs += 1;
    if (which()) a();
    else b();
  });
  which.set(false);
  flush();
  a.set('x');
  flush();
  assert.equal(runs, 2);
  b.set('y');
  flush();
  assert.equal(runs, 3);
});

test('inner effects end with the outer one', () => {
  const [outer, inner] = [cell(0), cell(0)];
  let [runs, ended] = [0, 0];
  const end = effect(() => {
    outer();
    ending(() => {
      ended += 1;
    });
    effect(() => {
      inner();
      runs += 1;
    });
  });
  outer.set(1);
  flush();
  inner.set(1);
  flush();
  assert.deepEqual([runs, ended], [3, 1]);
  end();
  inner.set(2);
  flush();
  assert.deepEqual([runs, ended], [3, 2]);
});

test('a derived value tells only what changed', () => {
  const number = cell(1);
  const odd = derived(() => number() % 2 === 1);
  let runs = 0;
  effect(() => {
    odd();
    runs += 1;
  });
  number.set(3);
  flush();
  assert.equal(runs, 1);
  number.set(4);
  flush();
  assert.equal(runs, 2);
});

test('peek makes nobody dependent, root belongs to its maker', () => {
  const value = cell(0);
  let [peeked, rooted] = [0, 0];
  let end: () => void = () => undefined;
  const outer = effect(() => {
    value.peek();
    peeked += 1;
    root((stop) => {
      end = stop;
      effect(() => {
        value();
        rooted += 1;
      });
    });
  });
  outer();
  value.set(1);
  flush();
  assert.deepEqual([peeked, rooted], [1, 2]);
  end();
  value.set(2);
  flush();
  assert.equal(rooted, 2);
});
