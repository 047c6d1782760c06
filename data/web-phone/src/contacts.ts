// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The address book, kept in the browser.
import { cell, type Cell } from './cell';
import { isRecord, listOf, load, save, type Keeper } from './storage';

export interface Contact {
  /** USER@HOST, which nobody else in the book has. */
  readonly address: string;
  readonly name: string;
  readonly favourite: boolean;
}

function isContact(value: unknown): value is Contact {
  return isRecord(value) && typeof value.address === 'string' && typeof value.name === 'string'
    && typeof value.favourite === 'boolean';
}

export class Contacts {
  readonly all: Cell<readonly Contact[]>;

  constructor(private readonly kept: Keeper, private readonly key: string) {
    this.all = cell<readonly Contact[]>(load(kept, key, listOf(isContact), []));
  }

  find(address: string): Contact | undefined {
    return this.all().find((one) => one.address === address);
  }

  /** The only one of that name. */
  named(name: string): Contact | undefined {
    const wanted = name.trim().toLowerCase();
    const found = this.all.peek().filter((one) => one.name.trim().toLowerCase() === wanted);
    return found.length === 1 ? found[0] : undefined;
  }

  /** Puts `contact` in the place of the one with the address `before`, or of its own. */
  put(contact: Contact, before = contact.address): void {
    const others = this.all.peek().filter(({ address }) => address !== contact.address && address !== before);
    this.set(sorted([...others, contact]));
  }

  remove(address: string): void {
    this.set(this.all.peek().filter((one) => one.address !== address));
  }

  private set(all: readonly Contact[]): void {
    this.all.set(all);
    save(this.kept, this.key, all);
  }
}

/** Favourites first, then by name as the reader's language sorts. */
export function sorted(all: readonly Contact[]): Contact[] {
  return [...all].sort((a, b) => Number(b.favourite) - Number(a.favourite) || a.name.localeCompare(b.name));
}

/** Those whose name or address contains each word of `text`. */
export function matching(all: readonly Contact[], text: string): Contact[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter(({ name, address }) => {
    const whole = `${name} ${address}`.toLowerCase();
    return words.every((word) => whole.includes(word));
  });
}
