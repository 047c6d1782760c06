// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Ring, ring-back and key tones, made by WebAudio: no file to fetch, and none to license.

// ITU-T Q.23 frequencies of the keys.
const KEYS: Readonly<Record<string, readonly [number, number]>> = {
  1: [697, 1209], 2: [697, 1336], 3: [697, 1477],
  4: [770, 1209], 5: [770, 1336], 6: [770, 1477],
  7: [852, 1209], 8: [852, 1336], 9: [852, 1477],
  '*': [941, 1209], 0: [941, 1336], '#': [941, 1477],
};

export type Loop = 'ring' | 'ring-back' | 'waiting';

/** Start and length in seconds, and what sounds together. */
type Note = readonly [number, number, readonly number[]];

// The whole repeats after `every` seconds.
const LOOPS: Readonly<Record<Loop, { every: number; loud: number; notes: readonly Note[] }>> = {
  ring: {
    every: 3,
    loud: 0.5,
    notes: [[0, 0.35, [659, 880]], [0.4, 0.35, [784, 988]], [0.8, 0.6, [880, 1175]]],
  },
  'ring-back': { every: 5, loud: 0.12, notes: [[0, 1, [425]]] },
  waiting: { every: 6, loud: 0.15, notes: [[0, 0.18, [440]], [0.3, 0.18, [440]]] },
};

export class Sounds {
  private context: AudioContext | null = null;
  private playing: { what: Loop; timer: number; gain: GainNode } | null = null;

  /** Without `keyTones`, keys are silent. */
  constructor(private readonly keyTones = true) {}

  /** Plays `what` until the next call; null is silence. */
  loop(what: Loop | null, volume = 1): void {
    if (this.playing?.what === what) return;
    if (this.playing) {
      window.clearInterval(this.playing.timer);
      this.playing.gain.disconnect();
      this.playing = null;
    }
    if (!what) return;
    const { every, loud, notes } = LOOPS[what];
    const context = this.audio();
    const gain = context.createGain();
    gain.gain.value = loud * volume;
    gain.connect(context.destination);
    const play = () => {
      // The browser keeps pages silent that nobody touched yet; the ring follows as soon as somebody does.
      void context.resume();
      for (const [start, length, frequencies] of notes) this.note(gain, start, length, frequencies);
    };
    play();
    this.playing = { what, timer: window.setInterval(play, every * 1000), gain };
  }

  key(name: string): void {
    const frequencies = KEYS[name];
    if (frequencies && this.keyTones) this.once(0.1, [[0, 0.12, frequencies]]);
  }

  /** A message has come. */
  message(volume: number): void {
    this.once(0.3 * volume, [[0, 0.12, [880]], [0.14, 0.2, [1175]]]);
  }

  private once(loud: number, notes: readonly Note[]): void {
    const context = this.audio();
    const gain = context.createGain();
    gain.gain.value = loud;
    gain.connect(context.destination);
    void context.resume();
    for (const [start, length, frequencies] of notes) this.note(gain, start, length, frequencies);
  }

  private audio(): AudioContext {
    this.context ??= new AudioContext();
    return this.context;
  }

  private note(gain: GainNode, start: number, length: number, frequencies: readonly number[]): void {
    const { currentTime } = gain.context;
    const envelope = gain.context.createGain();
    const [from, to] = [currentTime + start, currentTime + start + length];
    envelope.gain.setValueAtTime(0, from);
    envelope.gain.linearRampToValueAtTime(1 / frequencies.length, from + 0.02);
    envelope.gain.setValueAtTime(1 / frequencies.length, to - 0.04);
    envelope.gain.linearRampToValueAtTime(0, to);
    envelope.connect(gain);
    for (const frequency of frequencies) {
      const tone = gain.context.createOscillator();
      tone.frequency.value = frequency;
      tone.connect(envelope);
      tone.start(from);
      tone.stop(to);
    }
  }
}
