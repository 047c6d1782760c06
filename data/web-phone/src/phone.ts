// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The phone of one person: signs in, keeps the log-in fresh, and owns the calls.
import type { RTCSession } from 'jssip/lib/RTCSession';
import { bare, isGuest, shown, target, type Target } from './address';
import { Agent, type Link } from './agent';
import { Api, ApiError, type Login } from './api';
import { Call, type Ending, type Means, type Referral, type Successor } from './call';
import { cell, effect, root } from './cell';
import { Chats } from './chats';
import type { Config } from './config';
import { Contacts, matching } from './contacts';
import { diagnose, type Diagnosis } from './diagnosis';
import { History } from './history';
import { language, t, type Key } from './i18n';
import * as media from './media';
import { MediaError } from './media';
import { Choices } from './preferences';
import { SipSocket } from './socket';
import { Sounds } from './sounds';
import { isRecord, load, save, type Keeper } from './storage';

/** A word to the person; `bad` interrupts a screen reader. */
export interface Notice {
  readonly id: number;
  readonly bad: boolean;
  readonly text: string;
}

export interface Account {
  readonly address: string;
  readonly agent: Agent;
  readonly history: History;
  readonly contacts: Contacts;
  readonly chats: Chats;
}

const TOKEN = 'falcot-rtc-phone:session';
const OFF: Link = { state: 'off' };
/** The part of a log-in's life after which a new one is fetched. */
const RENEW_AT = 0.7;
const ENDINGS: Readonly<Partial<Record<Ending, Key>>> = {
  busy: 'endBusy', declined: 'endDeclined', unknown: 'endUnknown', absent: 'endAbsent', unanswered: 'endUnanswered',
  incompatible: 'endIncompatible', forbidden: 'endForbidden', lost: 'endLost', proxy: 'endProxy',
  transferred: 'endTransferred', elsewhere: 'endElsewhere',
  relayless: 'endRelayless',
};
const TROUBLES: Readonly<Record<media.MediaTrouble, Key>> = {
  'no-microphone': 'noMicrophone', 'no-camera': 'noCamera', denied: 'mediaDenied', 'in-use': 'mediaInUse',
  insecure: 'mediaInsecure', cancelled: 'mediaCancelled',
};

export class Phone {
  readonly account = cell<Account | null>(null);
  /** Whether it is known yet that somebody is signed in. */
  readonly ready = cell(false);
  readonly calls = cell<readonly Call[]>([]);
  readonly current = cell<Call | null>(null);
  readonly notices = cell<readonly Notice[]>([]);
  readonly diagnosis = cell<Diagnosis | null>(null);
  /** The log-in ended while the page was open. */
  readonly expired = cell(false);
  readonly choices: Choices;
  readonly sounds: Sounds;
  private readonly means: Means;
  private login: Login | null = null;
  private renewal: number | undefined;
  private count = 0;
  private endWatch: () => void = () => undefined;
  private readonly announced = new Map<Call, Notification>();

  constructor(
    readonly config: Config,
    private readonly api: Api,
    readonly kept: Keeper,
    private readonly passing: Keeper,
  ) {
    this.choices = new Choices(kept);
    this.sounds = new Sounds(config.keyTones);
    this.means = {
      configuration: () => ({
        iceServers: [...(this.login?.iceServers ?? []), ...config.stun.map((urls) => ({ urls }))],
        iceTransportPolicy: this.choices.all.peek().relayOnly ? 'relay' : 'all',
      }),
      registered: () => ['registered', 'idle'].includes(this.account.peek()?.agent.link.peek().state ?? ''),
      camera: () => this.choices.all.peek().camera,
      keyMs: config.keyMs,
      needsRelay: config.needsRelay,
      patience: config.dialling.patience,
    };
    window.addEventListener('pagehide', () => this.account.peek()?.agent.stop());
    // Out of the browser's back/forward cache: our connection is gone for good.
    window.addEventListener('pageshow', ({ persisted }) => {
      if (persisted) window.location.reload();
    });
    window.addEventListener('beforeunload', (event) => {
      if (this.calls.peek().length) event.preventDefault();
    });
    effect(() => this.ring());
  }

  get domain(): string {
    const address = this.account()?.address ?? '';
    return address.slice(address.lastIndexOf('@') + 1) || this.config.domain;
  }

  link(): Link {
    return this.account()?.agent.link() ?? OFF;
  }

  // signing in

  /** Signs in with what an earlier page left behind, if it is still good. */
  async resume(): Promise<void> {
    for (const keeper of [this.passing, this.kept]) {
      const { token } = load(keeper, TOKEN, isRecord, {});
      if (typeof token !== 'string') continue;
      // The way to the proxy is opened while the site looks at the token: neither needs the other.
      const socket = new SipSocket(this.config.servers);
      socket.connect();
      try {
        this.enter(await this.api.renew(token), keeper, socket);
        break;
      } catch (error) {
        socket.disconnect();
        if (!(error instanceof ApiError)) throw error;
        if (error.kind === 'refused') keeper.removeItem(TOKEN);
        else this.tell(t('resumeFailed'), true);
      }
    }
    this.ready.set(true);
  }

  /** Raises ApiError. */
  async signIn(user: string, password: string, stay: boolean): Promise<void> {
    const login = await this.api.login(user.trim(), password);
    this.enter(login, stay ? this.kept : this.passing);
  }

  signOut(): void {
    for (const keeper of [this.passing, this.kept]) keeper.removeItem(TOKEN);
    this.leave();
  }

  /** Removes everything that this browser keeps of the person. */
  forget(): void {
    const account = this.account.peek();
    if (!account) return;
    for (const what of ['history', 'contacts', 'chats']) this.kept.removeItem(this.key(account.address, what));
    this.signOut();
  }

  private enter(login: Login, keeper: Keeper, socket?: SipSocket): void {
    this.login = login;
    this.expired.set(false);
    save(keeper, TOKEN, { token: login.token });
    const before = this.account.peek();
    if (before) {
      before.agent.renew(login);
      this.schedule(login, keeper);
      return;
    }
    const { address } = login;
    const domain = address.slice(address.lastIndexOf('@') + 1);
    const agent = new Agent(this.config, domain, login, this.ownName(), {
      incoming: (session) => this.incoming(session),
      message: (from, name, text) => this.received(bare(from), name, text),
      refused: () => void this.renew(keeper),
    }, true, socket);
    // First of all, or the page would be drawn before anything is sent.
    agent.start();
    this.account.set({
      address,
      agent,
      history: new History(this.kept, this.key(address, 'history')),
      contacts: new Contacts(this.kept, this.key(address, 'contacts')),
      chats: new Chats(this.kept, this.key(address, 'chats')),
    });
    root((end) => {
      this.endWatch = end;
      effect(() => this.explain(agent.link()));
    });
    this.schedule(login, keeper);
  }

  private leave(): void {
    window.clearTimeout(this.renewal);
    this.endWatch();
    this.account.peek()?.agent.stop();
    this.login = null;
    this.account.set(null);
    this.diagnosis.set(null);
    this.expired.set(false);
  }

  private key(address: string, what: string): string {
    return `falcot-rtc-phone:${address}:${what}`;
  }

  private schedule(login: Login, keeper: Keeper): void {
    this.later(login.ttl * RENEW_AT, keeper);
  }

  private later(seconds: number, keeper: Keeper): void {
    window.clearTimeout(this.renewal);
    this.renewal = window.setTimeout(() => void this.renew(keeper), seconds * 1000);
  }

  private async renew(keeper: Keeper): Promise<void> {
    const held = this.login;
    if (!held) return;
    try {
      this.enter(await this.api.renew(held.token), keeper);
      for (const call of this.calls.peek()) call.renew();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.kind === 'refused') {
        keeper.removeItem(TOKEN);
        // Calls in progress go on; without any there is nothing to stay for.
        this.expired.set(true);
        if (!this.calls.peek().length) this.leave();
        this.tell(t('sessionEnded'), true);
      } else {
        this.later(Math.max(5, error.seconds), keeper);
      }
    }
  }

  private explain(link: Link): void {
    if (link.state === 'registered') this.diagnosis.set(null);
    if (link.state !== 'waiting') return;
    const page = new URL('config.js', window.location.href).href;
    void diagnose(this.config.servers[0], page).then((found) => {
      if (this.account.peek()?.agent.link().state !== 'registered') this.diagnosis.set(found);
    });
  }

  /** How others see who calls, if the person or the site has said so. */
  ownName(): string {
    return this.choices.all.peek().name || this.config.user.name;
  }

  rename(name: string): void {
    this.choices.set({ name: name.trim().slice(0, 80) });
    this.account.peek()?.agent.rename(this.ownName());
  }

  // calls

  parse(text: string): Target | null {
    return target(text, this.domain);
  }

  /** Whom `text` names: somebody in the address book, or an address. */
  find(text: string): Target | null {
    const contacts = this.account.peek()?.contacts;
    const named = contacts?.named(text);
    if (named) return this.parse(named.address);
    const typed = this.parse(text);
    // Not an address: then a part of a name will do that only one contact has.
    const [first, second] = typed || !text.trim() ? [] : matching(contacts?.all.peek() ?? [], text);
    return first && !second ? this.parse(first.address) : typed;
  }

  nameOf(address: string, given = ''): string {
    // What somebody without an account calls himself is nothing that anybody verified.
    if (isGuest(address)) return t('visitor');
    return this.account()?.contacts.find(address)?.name || given || shown(address, this.domain);
  }

  peerName(call: Call): string {
    const { uri, name } = call.peer();
    return this.nameOf(bare(uri), name);
  }

  async dial(text: string, wish: boolean): Promise<Call | null> {
    const { dialling } = this.config;
    const video = dialling.video && (wish || !dialling.audio);
    const wanted = this.find(text);
    const { account } = this;
    const agent = account.peek()?.agent;
    if (!wanted || !agent) {
      this.tell(t('badAddress', { address: text.trim() }), true);
      return null;
    }
    if (bare(wanted.uri) === account.peek()?.address) {
      this.tell(t('ownAddress'), true);
      return null;
    }
    if (!this.means.registered()) {
      this.tell(t('notConnected'), true);
      return null;
    }
    const stream = await this.open(video);
    if (!stream) return null;
    this.holdOthers(null);
    const session = agent.call(wanted.uri, stream, this.means.configuration(), video);
    return this.add(this.made(session, stream));
  }

  async answer(call: Call, video: boolean): Promise<void> {
    const stream = await this.open(video);
    if (!stream) return;
    // Whoever called may have given up while the browser asked for the microphone.
    if (call.state.peek() !== 'incoming') {
      media.stop(stream);
      return;
    }
    this.holdOthers(call);
    this.current.set(call);
    await call.answer(stream);
  }

  /** Takes `call` up and holds the others. */
  select(call: Call): void {
    this.holdOthers(call);
    this.current.set(call);
    if (call.held.peek()) this.setHold(call, false);
  }

  setHold(call: Call, on: boolean, tries = 20): void {
    if (call.state.peek() !== 'talking' || call.held.peek() === on) return;
    // A re-INVITE may be under way.
    if (!call.hold(on) && tries) window.setTimeout(() => this.setHold(call, on, tries - 1), 250);
  }

  async transfer(call: Call, text: string): Promise<void> {
    const wanted = this.find(text);
    if (!wanted) {
      this.tell(t('badAddress', { address: text.trim() }), true);
      return;
    }
    const who = wanted.shown;
    if (!(await call.transfer(wanted.uri))) this.tell(t('transferFailed', { who }), true);
  }

  /** Connects the other ends of two calls with each other. */
  async join(call: Call, other: Call): Promise<void> {
    const who = this.peerName(other);
    if (!(await call.transfer(other.peer.peek().uri, other))) this.tell(t('transferFailed', { who }), true);
  }

  async act(doing: Promise<void>): Promise<void> {
    try {
      await doing;
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
      if (error.kind !== 'cancelled') this.tell(t(TROUBLES[error.kind]), true);
    }
  }

  private holdOthers(call: Call | null): void {
    for (const one of this.calls.peek()) if (one !== call) this.setHold(one, true);
  }

  private async open(video: boolean): Promise<MediaStream | null> {
    const { microphone, camera } = this.choices.all.peek();
    try {
      const { stream, without } = await media.open({ video, microphone, camera });
      if (without) this.tell(t('withoutPicture', { reason: t(TROUBLES[without]) }), false);
      return stream;
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
      this.tell(t(TROUBLES[error.kind]), true);
      return null;
    }
  }

  private made(session: RTCSession, stream: MediaStream | null): Call {
    return new Call(session, this.means, (call) => this.over(call), (call, wish) => this.refer(call, wish), stream);
  }

  private add(call: Call): Call {
    this.calls.set([...this.calls.peek(), call]);
    if (call.outgoing || !this.current.peek()) this.current.set(call);
    return call;
  }

  private incoming(session: RTCSession): void {
    const { replaces } = session.data as Successor;
    const call = this.made(session, null);
    if (replaces) {
      // Somebody takes the other end's place: we said yes to the call already.
      const selected = this.current.peek() === replaces;
      this.add(call);
      if (selected) this.current.set(call);
      void call.answer(copy(replaces));
      return;
    }
    this.add(call);
    if (this.calls.peek().length > 8) {
      call.busy();
      return;
    }
    const note = this.notify(t(call.wantsVideo ? 'incomingVideo' : 'incomingCall'), this.peerName(call), call.id, () => this.current.set(call));
    if (note) this.announced.set(call, note);
  }

  /** The other end asks us to call somebody: within our own domain we do so, and nowhere else. */
  private refer(call: Call, wish: Referral): void {
    const address = bare(wish.uri);
    if (address.slice(address.lastIndexOf('@') + 1) !== this.domain) {
      wish.reject();
      this.tell(t('referRefused', { who: this.peerName(call), to: address }), true);
      return;
    }
    const stream = copy(call);
    this.tell(t('referring', { to: this.nameOf(address) }), false);
    wish.accept((session) => {
      const next = this.made(session, stream);
      this.add(next);
      this.current.set(next);
    }, {
      mediaStream: stream,
      pcConfig: this.means.configuration(),
      rtcOfferConstraints: { offerToReceiveAudio: true, offerToReceiveVideo: true },
    });
  }

  private over(call: Call): void {
    const rest = this.calls.peek().filter((one) => one !== call);
    this.calls.set(rest);
    const ending = call.ending.peek() ?? 'silent';
    const address = bare(call.peer.peek().uri);
    const name = this.peerName(call);
    const since = call.since.peek();
    this.account.peek()?.history.add({
      id: `${call.startedAt}-${call.id}`,
      address,
      name: call.peer.peek().name,
      outgoing: call.outgoing,
      at: call.startedAt,
      seconds: since ? Math.max(1, Math.round((Date.now() - since) / 1000)) : 0,
      video: call.wantsVideo,
    });
    const key = ENDINGS[ending];
    const quiet = ending === 'transferred' || ending === 'elsewhere';
    if (key) this.tell(t(key, { who: name }), !quiet);
    else if (ending === 'missed') {
      this.tell(t('endMissed', { who: name }), false);
      this.notify(t('pastMissed'), name, `missed:${address}`, () => undefined);
    }
    if (this.current.peek() === call) {
      const next = rest.find((one) => one.state.peek() !== 'incoming') ?? rest[0] ?? null;
      this.current.set(next);
    }
    if (!rest.length && this.expired.peek()) this.leave();
  }

  private ring(): void {
    const volume = this.choices.all().ring;
    const calls = this.calls();
    const incoming = calls.some((call) => call.state() === 'incoming');
    const talking = calls.some((call) => call.state() === 'talking' || call.state() === 'connecting');
    const calling = calls.some((call) => call.state() === 'ringing');
    for (const [call, note] of this.announced) {
      if (call.state() === 'incoming') continue;
      note.close();
      this.announced.delete(call);
    }
    if (incoming) this.sounds.loop(talking ? 'waiting' : 'ring', volume);
    else this.sounds.loop(calling && !talking ? 'ring-back' : null);
  }

  // messages

  async write(address: string, text: string): Promise<void> {
    const account = this.account.peek();
    if (!account || !text.trim()) return;
    const id = `${Date.now()}-${(this.count += 1)}`;
    account.chats.add(address, '', { id, own: true, text, at: Date.now(), state: 'sending' }, true);
    const sent = this.means.registered() && await account.agent.send(`sip:${address}`, text);
    account.chats.mark(address, id, sent ? 'sent' : 'failed');
  }

  private received(address: string, name: string, text: string): void {
    const account = this.account.peek();
    if (!account || !this.config.messages) return;
    const read = account.chats.open.peek() === address && !document.hidden;
    const id = `${Date.now()}-${(this.count += 1)}`;
    account.chats.add(address, name, { id, own: false, text: text.slice(0, 4000), at: Date.now(), state: 'sent' }, read);
    if (read) return;
    if (this.config.messageTone) this.sounds.message(this.choices.all.peek().ring);
    this.notify(this.nameOf(address, name), text.slice(0, 200), address, () => account.chats.open.set(address));
  }

  // words

  tell(text: string, bad: boolean): void {
    const id = (this.count += 1);
    this.notices.set([...this.notices.peek().filter((one) => one.text !== text), { id, bad, text }].slice(-3));
    window.setTimeout(() => this.dismiss(id), bad ? 20_000 : 8000);
  }

  dismiss(id: number): void {
    this.notices.set(this.notices.peek().filter((one) => one.id !== id));
  }

  /** A word for whoever looks elsewhere; it takes the place of an earlier one about the same. */
  private notify(title: string, body: string, about: string, chosen: () => void): Notification | null {
    if (!this.choices.all.peek().notify || !document.hidden || Notification.permission !== 'granted') return null;
    try {
      const shownOne = new Notification(title, { body, tag: `falcot-rtc-phone:${about}`, icon: 'icon.svg', lang: language.peek() });
      shownOne.onclick = () => {
        window.focus();
        chosen();
        shownOne.close();
      };
      return shownOne;
    } catch {
      // Chromium on Android has notifications in service workers only.
      console.warn('this browser has no notifications for pages');
      return null;
    }
  }
}

function copy(call: Call): MediaStream {
  return new MediaStream(call.local.peek()?.getTracks().map((track) => track.clone()) ?? []);
}
