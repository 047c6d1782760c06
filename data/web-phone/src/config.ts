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
  /** Servers of the embedding page's own, beside those that come with a log-in. */
  readonly stun: readonly string[];
  /** What the page for signing in knows of the person already. */
  readonly user: { readonly name: string; readonly address: string };
  readonly registration: {
    readonly atStart: boolean;
    /** Whether people may switch calls to this browser off and on. */
    readonly control: boolean;
    readonly server: string;
    readonly expires: number;
  };
  readonly dialling: {
    readonly audio: boolean;
    readonly video: boolean;
    readonly preferVideo: boolean;
    readonly edit: boolean;
    readonly show: boolean;
    /** Whether the field is empty again after a call was begun. */
    readonly clear: boolean;
    /** Seconds until an unanswered call is given up. */
    readonly patience: number;
    readonly auto: { readonly destination: string; readonly atStart: boolean; readonly video: boolean };
  };
  readonly keypad: boolean;
  readonly keyMs: number;
  readonly keyTones: boolean;
  readonly messages: boolean;
  readonly messageTone: boolean;
  /** A call is given up if the relay can't be reached. */
  readonly needsRelay: boolean;
  readonly language: string;
  /** False: whatever the browser prefers, `language` it is. */
  readonly translate: boolean;
  readonly languageMenu: boolean;
  /** Headers for the INVITE of each call. */
  readonly headers: readonly string[];
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
  const chat = table(all.chat ?? {}, 'chat');
  const session = table(all.session ?? {}, 'session');
  const i18n = table(all.i18n ?? {}, 'i18n');
  const brand = table(all.brand ?? {}, 'brand');
  const web = table(all.webserver ?? {}, 'webserver');

  const servers = typeof socket.servers === 'string' ? [socket.servers] : socket.servers;
  if (!Array.isArray(servers) || !servers.length || !servers.every((one) => /^wss:\/\//.test(String(one)))) {
    throw new Error('config.js: websocket.servers names no wss:// address');
  }
  const [audio, video] = [dialling.audio_dialing !== false, dialling.video_dialing !== false];
  const domain = text(user.domain, '') || new URL(String(servers[0])).hostname;
  return {
    domain,
    title: text(brand.title, domain),
    servers: servers.map(String) as [string, ...string[]],
    recovery: {
      least: number(socket.connection_recovery_min_interval, 2),
      most: number(socket.connection_recovery_max_interval, 30),
    },
    api: text(web.api, `${text(web.url_prefix, '')}api`),
    stun: texts(all.stun_servers, /^stuns?:/),
    user: { name: text(user.display_name, ''), address: text(user.uri, '').replace(/^sips?:/, '') },
    registration: {
      atStart: registration.on_startup !== false,
      control: registration.user_control === true,
      server: text(registration.server, ''),
      expires: number(registration.expiry, 600),
    },
    dialling: {
      audio,
      video,
      preferVideo: video && (dialling.prefer_video === true || !audio),
      edit: dialling.edit_destination !== false,
      show: dialling.show_destination !== false,
      clear: dialling.clear_dialbox !== false,
      patience: number(dialling.no_answer_timeout, 60),
      auto: {
        destination: text(auto.default_destination, ''),
        atStart: auto.on_startup === true,
        video: auto.use_video === true,
      },
    },
    keypad: session.show_dtmf_pad !== false,
    keyMs: number(session.dtmf_duration, 120),
    keyTones: session.dialpad_tone !== false,
    messages: chat.enable !== false,
    messageTone: session.message_tone !== false,
    needsRelay: session.require_relay_candidate === true,
    language: text(i18n.default_lang, ''),
    translate: i18n.translate !== false,
    languageMenu: i18n.show_menu !== false && i18n.translate !== false,
    headers: texts(all.extra_headers, /^[\w-]+: ?[^\r\n]*$/),
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

function texts(value: unknown, form: RegExp): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string' && form.test(one)) : [];
}

function number(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : otherwise;
}
