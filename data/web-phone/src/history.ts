// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Calls of the past, kept in the browser.
import { cell, type Cell } from './cell';
import { isRecord, listOf, load, save, type Keeper } from './storage';

export interface Past {
  readonly id: string;
  /** USER@HOST */
  readonly address: string;
  readonly name: string;
  readonly outgoing: boolean;
  readonly at: number;
  /** 0: it was not answered. */
  readonly seconds: number;
  readonly video: boolean;
}

const MOST = 200;

function isPast(value: unknown): value is Past {
  return isRecord(value) && typeof value.id === 'string' && typeof value.address === 'string'
    && typeof value.name === 'string' && typeof value.outgoing === 'boolean' && typeof value.at === 'number'
    && typeof value.seconds === 'number' && typeof value.video === 'boolean';
}

export class History {
  readonly calls: Cell<readonly Past[]>;
  /** Missed calls that nobody looked at yet. */
  readonly unseen = cell(0);

  constructor(private readonly kept: Keeper, private readonly name: string) {
    this.calls = cell<readonly Past[]>(load(kept, name, listOf(isPast), []));
  }

  add(call: Past): void {
    this.calls.set([call, ...this.calls.peek()].slice(0, MOST));
    if (!call.outgoing && !call.seconds) this.unseen.set(this.unseen.peek() + 1);
    save(this.kept, this.name, this.calls.peek());
  }

  seen(): void {
    this.unseen.set(0);
  }

  clear(): void {
    this.calls.set([]);
    this.unseen.set(0);
    this.kept.removeItem(this.name);
  }
}
