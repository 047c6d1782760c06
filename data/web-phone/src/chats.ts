// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Messages (RFC 3428) by the person with whom they were exchanged, kept in the browser.
import { cell, type Cell } from './cell';
import { isRecord, listOf, load, save, type Keeper } from './storage';

export interface Note {
  readonly id: string;
  readonly own: boolean;
  readonly text: string;
  readonly at: number;
  readonly state: 'sending' | 'sent' | 'failed';
}

export interface Chat {
  readonly address: string;
  readonly name: string;
  readonly notes: readonly Note[];
  readonly unread: number;
}

const MOST = 200;

function isNote(value: unknown): value is Note {
  return isRecord(value) && typeof value.id === 'string' && typeof value.own === 'boolean'
    && typeof value.text === 'string' && typeof value.at === 'number' && typeof value.state === 'string';
}

function isChat(value: unknown): value is Chat {
  return isRecord(value) && typeof value.address === 'string' && typeof value.name === 'string'
    && typeof value.unread === 'number' && listOf(isNote)(value.notes);
}

export class Chats {
  /** Newest first. */
  readonly all: Cell<readonly Chat[]>;
  readonly open = cell<string | null>(null);

  constructor(private readonly kept: Keeper, private readonly key: string) {
    const found = load(kept, key, listOf(isChat), []);
    // What was under way when the page went is not known to have arrived.
    this.all = cell<readonly Chat[]>(found.map((chat) => ({
      ...chat,
      notes: chat.notes.map((note) => (note.state === 'sending' ? { ...note, state: 'failed' as const } : note)),
    })));
  }

  find(address: string): Chat | undefined {
    return this.all().find((chat) => chat.address === address);
  }

  unread(): number {
    return this.all().reduce((sum, chat) => sum + chat.unread, 0);
  }

  add(address: string, name: string, note: Note, read: boolean): void {
    const before = this.all.peek().find((chat) => chat.address === address);
    const chat: Chat = {
      address,
      name: name || before?.name || '',
      notes: [...(before?.notes ?? []), note].slice(-MOST),
      unread: read ? 0 : (before?.unread ?? 0) + 1,
    };
    this.set([chat, ...this.all.peek().filter((one) => one.address !== address)]);
  }

  mark(address: string, id: string, state: Note['state']): void {
    this.change(address, (chat) => ({
      ...chat,
      notes: chat.notes.map((note) => (note.id === id ? { ...note, state } : note)),
    }));
  }

  read(address: string): void {
    if (this.all.peek().some((chat) => chat.address === address && chat.unread)) {
      this.change(address, (chat) => ({ ...chat, unread: 0 }));
    }
  }

  remove(address: string): void {
    this.set(this.all.peek().filter((one) => one.address !== address));
  }

  private change(address: string, how: (chat: Chat) => Chat): void {
    this.set(this.all.peek().map((chat) => (chat.address === address ? how(chat) : chat)));
  }

  private set(all: readonly Chat[]): void {
    this.all.set(all);
    save(this.kept, this.key, all);
  }
}
