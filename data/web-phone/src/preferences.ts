// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What a person chose for this browser.
import { cell, type Cell } from './cell';
import { isRecord, load, save, type Keeper } from './storage';

export interface Preferences {
  readonly language: string;
  readonly theme: 'auto' | 'light' | 'dark';
  readonly microphone: string;
  readonly speaker: string;
  readonly camera: string;
  /** 0 to 1. */
  readonly ring: number;
  readonly notify: boolean;
  /** All media through the TURN server, so that the other end does not see our address. */
  readonly relayOnly: boolean;
  readonly name: string;
}

export const DEFAULTS: Preferences = {
  language: '',
  theme: 'auto',
  microphone: '',
  speaker: '',
  camera: '',
  ring: 0.8,
  notify: false,
  relayOnly: false,
  name: '',
};

const KEY = 'falcot-rtc-phone:preferences';

export class Choices {
  readonly all: Cell<Preferences>;

  constructor(private readonly kept: Keeper) {
    const found = load(kept, KEY, isRecord, {});
    // Each by itself: a later version may have added some.
    const known = Object.entries(DEFAULTS).map(([name, value]) => (
      [name, typeof found[name] === typeof value ? found[name] : value]
    ));
    this.all = cell(Object.fromEntries(known) as Preferences);
  }

  set(some: Partial<Preferences>): void {
    this.all.set({ ...this.all.peek(), ...some });
    save(this.kept, KEY, this.all.peek());
  }
}
