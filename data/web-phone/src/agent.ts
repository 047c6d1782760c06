// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The SIP user agent: one registration (RFC 3261, RFC 5626) over a WebSocket (RFC 7118) that comes back by itself.
import JsSIP from 'jssip';
import type { RTCSession } from 'jssip/lib/RTCSession';
import type { IncomingMessageEvent, OutgoingMessageEvent, RTCSessionEvent } from 'jssip/lib/UA';
import type { Login } from './api';
import { cell, type Read } from './cell';
import type { Config } from './config';
import { SipSocket } from './socket';

export type Link =
  | { readonly state: 'off' }
  | { readonly state: 'connecting' }
  | { readonly state: 'registered' }
  /** Connected, and nobody can call here: so the person, or the site, wished it. */
  | { readonly state: 'idle' }
  /** No connection; the next attempt starts at `next` (milliseconds since 1970). */
  | { readonly state: 'waiting'; readonly next: number; readonly never: boolean }
  | { readonly state: 'refused'; readonly code: number };

export interface Listener {
  incoming(session: RTCSession): void;
  message(from: string, name: string, text: string): void;
  /** The proxy takes our log-in no longer. */
  refused(): void;
}

// What JsSIP has and its types leave out.
interface Inside {
  transport: { connect(): void };
  sendOptions(target: string, body: string | null, options: object): void;
}

/** Seconds between two questions whether the proxy is still there, and for its answer. */
const ALIVE_EVERY = 20;
const ALIVE_WITHIN = 8;

export class Agent {
  readonly link: Read<Link>;
  private readonly state = cell<Link>({ state: 'off' });
  private readonly ua: JsSIP.UA & Inside;
  private alive: number | undefined;
  private everConnected = false;
  private again: number | undefined;
  private attempts = 0;
  private stopped = false;
  private wanted: boolean;

  constructor(
    private readonly config: Config,
    private readonly domain: string,
    login: Login,
    name: string,
    private readonly listener: Listener,
    /** Guests may call and nothing else. */
    private readonly registers = true,
    private readonly socket = new SipSocket(config.servers),
  ) {
    this.link = this.state;
    this.wanted = config.registration.atStart;
    this.ua = new JsSIP.UA({
      sockets: [this.socket] as never,
      uri: `sip:${login.address}`,
      ...(name ? { display_name: name } : {}),
      authorization_user: login.sip.username,
      password: login.sip.password,
      register: registers && this.wanted,
      register_expires: config.registration.expires,
      ...(config.registration.server ? { registrar_server: config.registration.server } : {}),
      // Ours, below: JsSIP's own cannot be told to try at once.
      connection_recovery_min_interval: 3600,
      connection_recovery_max_interval: 3600,
      no_answer_timeout: config.dialling.patience,
      // They need UPDATE or re-INVITE to work everywhere, and ICE tells sooner who is gone.
      session_timers: false,
      user_agent: 'falcot-rtc web phone',
    }) as JsSIP.UA & Inside;
    this.ua.on('connecting', () => this.state.set({ state: 'connecting' }));
    this.ua.on('connected', () => this.connected());
    this.ua.on('disconnected', () => this.disconnected());
    this.ua.on('registered', () => this.state.set({ state: 'registered' }));
    this.ua.on('unregistered', () => {
      if (this.ua.isConnected() && !this.stopped) this.state.set({ state: this.wanted ? 'connecting' : 'idle' });
    });
    this.ua.on('registrationFailed', ({ response }) => this.failed(response?.status_code ?? 0));
    this.ua.on('newRTCSession', ({ originator, session }: RTCSessionEvent) => {
      if (String(originator) === 'remote') listener.incoming(session);
    });
    this.ua.on('newMessage', ({ originator, message, request }: IncomingMessageEvent | OutgoingMessageEvent) => {
      if (String(originator) !== 'remote') return;
      const { uri, display_name } = message.remote_identity;
      const { body, getHeader } = request as unknown as { body?: string; getHeader(name: string): string | undefined };
      const kind = getHeader.call(request, 'Content-Type') ?? 'text/plain';
      if (/^text\/plain/i.test(kind)) listener.message(uri.toString(), display_name, body ?? '');
    });
  }

  start(): void {
    this.state.set({ state: 'connecting' });
    this.ua.start();
    window.addEventListener('online', this.retry);
    window.addEventListener('offline', this.drop);
    if (this.registers) this.alive = window.setInterval(this.ask, ALIVE_EVERY * 1000);
  }

  /** Ends all calls, then the registration. */
  stop(): void {
    this.stopped = true;
    window.removeEventListener('online', this.retry);
    window.removeEventListener('offline', this.drop);
    window.clearInterval(this.alive);
    window.clearTimeout(this.again);
    this.ua.stop();
    this.state.set({ state: 'off' });
  }

  /** Whether calls shall come here from now on. */
  available(on: boolean): void {
    this.wanted = on;
    if (!this.ua.isConnected()) return;
    if (on) this.ua.register();
    else this.ua.unregister();
  }

  /** How calls and messages from now on name the person. */
  rename(name: string): void {
    this.ua.set('display_name', name);
  }

  /** The log-in for what is asked from now on. */
  renew(login: Login): void {
    this.ua.set('authorization_user', login.sip.username);
    this.ua.set('password', login.sip.password);
    if (this.state.peek().state === 'refused' && this.ua.isConnected()) this.ua.register();
  }

  call(uri: string, stream: MediaStream, pcConfig: RTCConfiguration, video: boolean): RTCSession {
    return this.ua.call(uri, {
      mediaStream: stream,
      pcConfig,
      rtcOfferConstraints: { offerToReceiveAudio: true, offerToReceiveVideo: video },
      extraHeaders: [...this.config.headers],
    });
  }

  send(uri: string, text: string): Promise<boolean> {
    return new Promise((done) => {
      this.ua.sendMessage(uri, text, {
        contentType: 'text/plain;charset=UTF-8',
        eventHandlers: { succeeded: () => done(true), failed: () => done(false) },
      });
    });
  }

  /** Connects now instead of at the next attempt. */
  readonly retry = (): void => {
    if (this.stopped || this.ua.isConnected()) return;
    window.clearTimeout(this.again);
    this.state.set({ state: 'connecting' });
    this.ua.transport.connect();
  };

  /** The machine changed networks: the connection is dead, though TCP will take minutes to notice. */
  readonly drop = (): void => {
    this.socket.drop();
  };

  // OPTIONS to the domain is answered by the proxy itself.
  private readonly ask = (): void => {
    if (!this.ua.isConnected()) return;
    const late = window.setTimeout(this.drop, ALIVE_WITHIN * 1000);
    const answered = () => window.clearTimeout(late);
    this.ua.sendOptions(`sip:${this.domain}`, null, { eventHandlers: { succeeded: answered, failed: answered } });
  };

  private connected(): void {
    this.everConnected = true;
    this.attempts = 0;
    if (!this.registers) this.state.set({ state: 'registered' });
    else this.state.set({ state: this.wanted ? 'connecting' : 'idle' });
  }

  private disconnected(): void {
    if (this.stopped) return;
    const seconds = backOff(this.attempts, this.config.recovery.least, this.config.recovery.most, Math.random());
    this.attempts += 1;
    window.clearTimeout(this.again);
    this.again = window.setTimeout(this.retry, seconds * 1000);
    this.state.set({ state: 'waiting', next: Date.now() + seconds * 1000, never: !this.everConnected });
  }

  private failed(code: number): void {
    if (this.stopped || !this.ua.isConnected()) return;
    this.state.set({ state: 'refused', code });
    if (code === 401 || code === 403 || code === 407) {
      this.listener.refused();
    } else {
      // The registrar was in trouble: again, later.
      window.clearTimeout(this.again);
      this.again = window.setTimeout(() => this.ua.register(), this.config.recovery.most * 1000);
    }
  }
}

/** Seconds to wait before the next attempt; the first comes at once after `least`, with jitter (RFC 5626 section 4.5). */
export function backOff(attempts: number, least: number, most: number, chance: number): number {
  const upper = Math.min(most, least * 2 ** attempts);
  return attempts === 0 ? least * (0.5 + chance / 2) : upper * (0.5 + chance / 2);
}
