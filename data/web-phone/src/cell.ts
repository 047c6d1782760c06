// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Values that know who looks at them: what reads a cell inside an `effect` runs again when it changes.

export interface Read<T> {
  (): T;
  /** The value, without becoming dependent on it. */
  peek(): T;
}

export interface Cell<T> extends Read<T> {
  set(value: T): void;
}

class Effect {
  sources = new Set<Set<Effect>>();
  children: Effect[] = [];
  endings: (() => void)[] = [];
  ended = false;

  constructor(readonly body: () => void) {}

  run(): void {
    this.release();
    const [outer, above] = [current, owner];
    current = this;
    owner = this;
    try {
      this.body();
    } finally {
      current = outer;
      owner = above;
    }
  }

  release(): void {
    for (const source of this.sources) source.delete(this);
    this.sources.clear();
    for (const child of this.children) child.end();
    this.children = [];
    for (const ending of this.endings.splice(0)) ending();
  }

  end(): void {
    this.ended = true;
    this.release();
  }
}

let current: Effect | null = null;
let owner: Effect | null = null;
const waiting = new Set<Effect>();
let scheduled = false;

/** Runs what waits at once; otherwise that happens before the browser paints. */
export function flush(): void {
  scheduled = false;
  for (const one of waiting) {
    waiting.delete(one);
    if (!one.ended) one.run();
  }
}

export function cell<T>(initial: T): Cell<T> {
  let value = initial;
  const readers = new Set<Effect>();
  const read = (() => {
    if (current) {
      readers.add(current);
      current.sources.add(readers);
    }
    return value;
  }) as Cell<T>;
  read.peek = () => value;
  read.set = (next: T) => {
    if (Object.is(value, next)) return;
    value = next;
    for (const reader of readers) waiting.add(reader);
    if (readers.size && !scheduled) {
      scheduled = true;
      queueMicrotask(flush);
    }
  };
  return read;
}

/** A value that follows from cells, for readers that need to know only when it changes. */
export function derived<T>(compute: () => T): Read<T> {
  const held = cell<T | undefined>(undefined);
  effect(() => held.set(compute()));
  return held as Read<T>;
}

/** Runs `body` now and whenever a cell it read changes, until the surrounding effect runs again. */
export function effect(body: () => void): () => void {
  const made = new Effect(body);
  owner?.children.push(made);
  made.run();
  return () => made.end();
}

/** Has `body` done when the surrounding effect ends or runs again. */
export function ending(body: () => void): void {
  owner?.endings.push(body);
}

/** What `body` makes belongs to nobody but the caller, who gets the means to end it. */
export function root<T>(body: (end: () => void) => T): T {
  const holder = new Effect(() => undefined);
  const [outer, above] = [current, owner];
  current = null;
  owner = holder;
  try {
    return body(() => holder.end());
  } finally {
    current = outer;
    owner = above;
  }
}
