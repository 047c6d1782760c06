// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// config.js of the site, in the shape that JSCommunicator gave it: addresses and wishes, no secret.
import { isRecord } from './storage';

export interface Config {
  readonly domain: string;
  readonly title: string;
  /** WebSocket addresses of the SIP proxy, tried in this order. */
  readonly servers: readonly [string, ...string[]];
  readonly recovery: { readonly least: number; readonly most: number };
  readonly api: string;
  readonly expires: number;
  readonly dialling: {
    readonly audio: boolean;
    readonly video: boolean;
    readonly preferVideo: boolean;
    readonly edit: boolean;
    readonly show: boolean;
    /** Seconds until an unanswered call is given up. */
    readonly patience: number;
    readonly auto: { readonly destination: string; readonly atStart: boolean; readonly video: boolean };
  };
  readonly keypad: boolean;
  readonly messages: boolean;
  readonly language: string;
  readonly help: string;
  readonly logo: string;
}

declare global {
  interface Window {
    JSCommSettings?: unknown;
  }
}

/** Raises an Error that names the first setting which is missing or of another kind. */
export function config(given: unknown): Config {
  const all = table(given, 'JSCommSettings');
  const socket = table(all.websocket, 'websocket');
  const user = table(all.user ?? {}, 'user');
  const registration = table(all.registration ?? {}, 'registration');
  const dialling = table(all.dialing ?? {}, 'dialing');
  const auto = table(dialling.auto_dial ?? {}, 'dialing.auto_dial');
  const session = table(all.session ?? {}, 'session');
  const brand = table(all.brand ?? {}, 'brand');
  const web = table(all.webserver ?? {}, 'webserver');

  const servers = typeof socket.servers === 'string' ? [socket.servers] : socket.servers;
  if (!Array.isArray(servers) || !servers.length || !servers.every((one) => /^wss:\/\//.test(String(one)))) {
    throw new Error('config.js: websocket.servers names no wss:// address');
  }
  const domain = text(user.domain, '') || new URL(String(servers[0])).hostname;
  return {
    domain,
    title: text(brand.title, domain),
    servers: servers.map(String) as [string, ...string[]],
    recovery: {
      least: number(socket.connection_recovery_min_interval, 2),
      most: number(socket.connection_recovery_max_interval, 30),
    },
    api: text(web.api, 'api'),
    expires: number(registration.expiry, 600),
    dialling: {
      audio: dialling.audio_dialing !== false,
      video: dialling.video_dialing !== false,
      preferVideo: dialling.prefer_video === true,
      edit: dialling.edit_destination !== false,
      show: dialling.show_destination !== false,
      patience: number(dialling.no_answer_timeout, 60),
      auto: {
        destination: text(auto.default_destination, ''),
        atStart: auto.on_startup === true,
        video: auto.use_video === true,
      },
    },
    keypad: session.show_dtmf_pad !== false,
    messages: session.show_chat !== false,
    language: text(brand.language, ''),
    help: text(brand.help, ''),
    logo: text(brand.logo, ''),
  };
}

function table(value: unknown, name: string): Record<string, unknown> {
  if (!isRecord(value)) throw new Error(`config.js: ${name} is missing`);
  return value;
}

function text(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

function number(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : otherwise;
}
