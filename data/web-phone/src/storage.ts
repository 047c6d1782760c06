// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What the browser keeps of an account, by name; a browser that refuses to keep anything loses it with the page.

export interface Keeper {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
  removeItem(name: string): void;
}

/** The browser's storage, or memory where that is switched off. */
export function keeper(kind: 'localStorage' | 'sessionStorage'): Keeper {
  try {
    const found = window[kind];
    found.getItem('');
    return found;
  } catch {
    console.warn(`${kind} is not available: nothing is kept`);
    return memory();
  }
}

export function memory(): Keeper {
  const rows = new Map<string, string>();
  return {
    getItem: (name) => rows.get(name) ?? null,
    setItem: (name, value) => void rows.set(name, value),
    removeItem: (name) => void rows.delete(name),
  };
}

/** The value kept under `name`, if `valid` accepts it: an older version or another program may have written it. */
export function load<T>(from: Keeper, name: string, valid: (value: unknown) => value is T, otherwise: T): T {
  const text = from.getItem(name);
  if (text === null) return otherwise;
  try {
    const value: unknown = JSON.parse(text);
    return valid(value) ? value : otherwise;
  } catch {
    return otherwise;
  }
}

/** False when it did not fit (a quota) or the browser refused. */
export function save(to: Keeper, name: string, value: unknown): boolean {
  try {
    to.setItem(name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function listOf<T>(valid: (value: unknown) => value is T): (value: unknown) => value is T[] {
  return (value): value is T[] => Array.isArray(value) && value.every(valid);
}
