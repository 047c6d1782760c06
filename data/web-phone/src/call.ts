// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// One call: a JsSIP session with its media, as cells that a view can read.
import type { EndEvent, RTCSession } from 'jssip/lib/RTCSession';
import { cell, type Cell } from './cell';
import * as media from './media';
import { look, type Quality, type Sums } from './quality';

export type State = 'dialling' | 'ringing' | 'incoming' | 'connecting' | 'talking' | 'ended';

/** Why a call ended, for people; `silent` needs no word. */
export type Ending =
  | 'silent' | 'busy' | 'declined' | 'unknown' | 'absent' | 'unanswered' | 'missed' | 'elsewhere' | 'incompatible'
  | 'forbidden' | 'lost' | 'proxy' | 'transferred' | 'relayless';

export interface Peer {
  readonly uri: string;
  readonly name: string;
}

export interface Means {
  /** TURN and STUN servers with present credentials. */
  configuration(): RTCConfiguration;
  /** Whether requests can be sent now. */
  registered(): boolean;
  camera(): string;
  /** Milliseconds for which a key sounds at the other end. */
  readonly keyMs: number;
  /** A call without a way through the relay is not made. */
  readonly needsRelay: boolean;
  /** Seconds after which a call that nobody takes is given up. */
  readonly patience: number;
}

// What JsSIP lacks in its types.
type Refer = { on(event: string, listener: (data: { request?: { status_line?: { status_code: number } } }) => void): void };

const CAUSES: Readonly<Record<string, Ending>> = {
  Busy: 'busy',
  Rejected: 'declined',
  'Not Found': 'unknown',
  'Address Incomplete': 'unknown',
  Unavailable: 'absent',
  'No Answer': 'unanswered',
  'Request Timeout': 'absent',
  Expires: 'unanswered',
  Canceled: 'missed',
  'Incompatible SDP': 'incompatible',
  'Missing SDP': 'incompatible',
  'Bad Media Description': 'incompatible',
  'Authentication Error': 'forbidden',
  'Connection Error': 'proxy',
  'RTP Timeout': 'lost',
  'WebRTC Error': 'incompatible',
  'Dialog Error': 'lost',
};

/** Milliseconds that a connection may be broken before we mend it; the called end leaves the first try to the caller. */
const MEND_AFTER = { outgoing: 1500, incoming: 5000 };
/** Milliseconds without a connection after which a call is over. */
const LOST_AFTER = 45_000;
/** Milliseconds to wait for more candidates once there is one that works from anywhere, or one at all. */
const ENOUGH_AFTER = 400;
const SOME_AFTER = 3000;
let count = 0;

export class Call {
  readonly id = `call-${(count += 1)}`;
  readonly state: Cell<State>;
  readonly peer: Cell<Peer>;
  readonly outgoing: boolean;
  /** The caller offers a picture. */
  readonly wantsVideo: boolean;
  readonly muted = cell(false);
  readonly pictured = cell(false);
  readonly sharing = cell(false);
  readonly held = cell(false);
  readonly heldByPeer = cell(false);
  readonly broken = cell(false);
  readonly remote = cell<MediaStream | null>(null);
  readonly remotePictured = cell(false);
  readonly local = cell<MediaStream | null>(null);
  readonly since = cell(0);
  readonly quality = cell<Quality | null>(null);
  readonly ending = cell<Ending | null>(null);
  readonly keys = cell('');
  /** Text of a transfer under way: the other end is being connected. */
  readonly transferring = cell(false);
  readonly startedAt = Date.now();
  private sums: Sums | null = null;
  private timers: number[] = [];
  private mending: number | undefined;
  private hanging: number | undefined;
  private camera: MediaStreamTrack | null = null;
  private display: MediaStreamTrack | null = null;

  constructor(
    readonly session: RTCSession,
    private readonly means: Means,
    private readonly ended: (call: Call) => void,
    private readonly referred: (call: Call, request: Referral) => void,
    local: MediaStream | null = null,
  ) {
    this.outgoing = String(session.direction) === 'outgoing';
    this.state = cell<State>(this.outgoing ? 'dialling' : 'incoming');
    const { uri, display_name } = session.remote_identity;
    this.peer = cell({ uri: `sip:${uri.user}@${uri.host}`, name: display_name ?? '' });
    this.wantsVideo = this.outgoing ? Boolean(local?.getVideoTracks().length) : offersVideo(session);
    if (local) this.take(local);
    this.follow();
  }

  /** Raises media.MediaError without a microphone. */
  async answer(stream: MediaStream): Promise<void> {
    if (this.state.peek() !== 'incoming') {
      media.stop(stream);
      return;
    }
    this.take(stream);
    this.state.set('connecting');
    this.session.answer({ mediaStream: stream, pcConfig: this.means.configuration() });
  }

  decline(): void {
    this.session.terminate({ status_code: 603, reason_phrase: 'Decline' });
  }

  busy(): void {
    this.session.terminate({ status_code: 486, reason_phrase: 'Busy Here' });
  }

  hangUp(): void {
    if (this.state.peek() === 'ended') return;
    if (this.state.peek() === 'incoming') this.decline();
    else this.session.terminate();
  }

  mute(muted: boolean): void {
    this.muted.set(muted);
    // JsSIP has to know: it switches tracks on and off again with each re-INVITE.
    if (muted) this.session.mute({ audio: true });
    else this.session.unmute({ audio: true });
  }

  /** Raises media.MediaError. Off, the camera itself is off, and the other end learns of it. */
  async picture(on: boolean): Promise<void> {
    if (on === this.pictured.peek()) return;
    if (on) {
      this.camera = await media.camera(this.means.camera());
      this.pictured.set(true);
      this.show();
      if (!this.sharing.peek()) await this.send(this.camera);
      return;
    }
    this.camera?.stop();
    this.camera = null;
    this.pictured.set(false);
    this.show();
    if (!this.sharing.peek()) await this.unsend();
  }

  /** Takes another microphone or camera in the middle of a call. */
  async replace(track: MediaStreamTrack): Promise<void> {
    const stream = this.local.peek();
    if (!stream || this.state.peek() === 'ended') {
      track.stop();
      return;
    }
    if (track.kind === 'video') {
      this.camera?.stop();
      this.camera = track;
      this.show();
      if (!this.sharing.peek()) await this.sender('video')?.replaceTrack(track);
      return;
    }
    track.enabled = !this.muted.peek();
    for (const old of stream.getAudioTracks()) {
      stream.removeTrack(old);
      old.stop();
    }
    stream.addTrack(track);
    await this.sender('audio')?.replaceTrack(track);
  }

  /** Raises media.MediaError; the browser's own button ends it, too. */
  async share(on: boolean): Promise<void> {
    if (!on) {
      await this.unshare();
      return;
    }
    const track = await media.screen();
    this.display = track;
    track.addEventListener('ended', () => void this.unshare());
    this.sharing.set(true);
    this.show();
    await this.send(track);
  }

  hold(on: boolean): boolean {
    return on ? this.session.hold() : this.session.unhold();
  }

  /** Sends keys as RFC 4733 events. */
  press(keys: string): void {
    this.session.sendDTMF(keys, { duration: this.means.keyMs, interToneGap: 70, transportType: 'RFC2833' as never });
    this.keys.set(this.keys.peek() + keys);
  }

  /** Asks the other end to call `uri`, or to take `other`'s place (RFC 3515, RFC 3891); the answer is whether it did. */
  transfer(uri: string, other: Call | null = null): Promise<boolean> {
    this.transferring.set(true);
    return new Promise((done) => {
      const finish = (well: boolean) => {
        this.transferring.set(false);
        if (well) {
          this.ending.set('transferred');
          this.hangUp();
          other?.hangUp();
        }
        done(well);
      };
      const refer = this.session.refer(uri, other ? { replaces: other.session } : {}) as unknown as Refer | false;
      if (!refer) {
        finish(false);
        return;
      }
      refer.on('accepted', () => finish(true));
      refer.on('failed', () => finish(false));
      refer.on('requestFailed', () => finish(false));
      // Some end the call themselves as soon as they got what they need.
      this.session.on('ended', () => finish(true));
    });
  }

  /** New TURN credentials: used for whatever is gathered from now on. */
  renew(): void {
    const pc = this.session.connection;
    if (this.state.peek() === 'ended' || !pc) return;
    pc.setConfiguration(this.means.configuration());
    if (this.state.peek() === 'talking' && this.quality.peek()?.relayed) this.restart();
  }

  /** Finds new paths for the media (ICE restart, RFC 8445 section 9); later, if a request is under way. */
  restart(): void {
    window.clearTimeout(this.mending);
    if (this.state.peek() !== 'talking') return;
    const begun = this.means.registered() && this.session.isReadyToReOffer()
      && this.session.renegotiate({ rtcOfferConstraints: { iceRestart: true } }, () => this.restored());
    if (!begun) this.mending = window.setTimeout(() => this.restart(), 1000);
  }

  private restored(): void {
    if (this.broken.peek() && this.session.connection?.connectionState === 'connected') this.mended();
  }

  private follow(): void {
    const { session } = this;
    // JsSIP's own timer is for those who are called.
    if (this.outgoing) this.timers.push(window.setTimeout(() => this.giveUp(), this.means.patience * 1000));
    const terminate = session.terminate.bind(session);
    // JsSIP ends a call whose media or re-INVITE failed. Both can be mended while the other end is there.
    session.terminate = (options) => {
      const cause = String(options?.cause ?? '');
      if (session.isEstablished() && ['RTP Timeout', 'WebRTC Error', 'Connection Error'].includes(cause)) {
        this.interrupted();
        return;
      }
      terminate(options);
    };
    session.on('progress', () => {
      if (this.outgoing && this.state.peek() === 'dialling') this.state.set('ringing');
    });
    session.on('accepted', () => this.state.set('connecting'));
    session.on('confirmed', () => this.talk());
    session.on('hold', ({ originator }) => this.onHold(String(originator), true));
    session.on('unhold', ({ originator }) => this.onHold(String(originator), false));
    session.on('replaces', ({ accept }) => {
      (accept as Referral['accept'])((next) => {
        (next.data as Successor).replaces = this;
      }, {});
    });
    session.on('ended', (event) => this.end(event));
    session.on('failed', (event) => this.end(event));
    session.on('refer', ({ request, accept, reject }) => {
      const to = (request as unknown as { refer_to: { uri: { toString(): string } } }).refer_to;
      this.referred(this, { uri: to.uri.toString(), accept: accept as Referral['accept'], reject });
    });
    if (this.means.needsRelay) {
      session.on('sdp', ({ originator, type, sdp }) => {
        if (String(originator) !== 'local' || type !== 'offer' || this.state.peek() !== 'dialling') return;
        if (/^a=candidate:.* typ relay/m.test(sdp)) return;
        this.ending.set('relayless');
        session.terminate();
      });
    }
    // A relay that does not answer would hold the call up for half a minute.
    let some = 0;
    session.on('icecandidate', ({ candidate, ready }) => {
      if (!some) some = window.setTimeout(ready, SOME_AFTER);
      if (candidate.type === 'relay') window.setTimeout(ready, ENOUGH_AFTER);
    });
    // An outgoing session has its connection already.
    if (session.connection) this.connect(session.connection);
    else session.on('peerconnection', ({ peerconnection }) => this.connect(peerconnection));
  }

  private giveUp(): void {
    if (this.state.peek() !== 'dialling' && this.state.peek() !== 'ringing') return;
    this.ending.set('unanswered');
    this.session.terminate();
  }

  private connect(pc: RTCPeerConnection): void {
    pc.addEventListener('track', ({ track, streams }) => {
      const stream = streams[0] ?? new MediaStream([track]);
      this.remote.set(stream);
      const look = () => this.remotePictured.set(
        stream.getVideoTracks().some((one) => one.readyState === 'live' && !one.muted),
      );
      for (const event of ['mute', 'unmute', 'ended']) track.addEventListener(event, look);
      stream.addEventListener('removetrack', look);
      look();
    });
    pc.addEventListener('connectionstatechange', () => {
      if (this.state.peek() !== 'talking') return;
      if (pc.connectionState === 'connected') this.mended();
      else if (pc.connectionState === 'disconnected' || pc.connectionState === 'failed') this.interrupted();
    });
  }

  private interrupted(): void {
    if (this.state.peek() === 'ended') return;
    this.broken.set(true);
    this.hanging ??= window.setTimeout(() => {
      this.ending.set('lost');
      this.session.terminate();
    }, LOST_AFTER);
    window.clearTimeout(this.mending);
    const after = MEND_AFTER[this.outgoing ? 'outgoing' : 'incoming'];
    this.mending = window.setTimeout(() => this.restart(), after);
  }

  private mended(): void {
    this.broken.set(false);
    window.clearTimeout(this.hanging);
    window.clearTimeout(this.mending);
    this.hanging = undefined;
  }

  private talk(): void {
    if (this.since.peek()) return;
    this.since.set(Date.now());
    this.state.set('talking');
    this.timers.push(window.setInterval(() => void this.measure(), 2000));
    void this.measure();
  }

  private async measure(): Promise<void> {
    const pc = this.session.connection;
    if (!pc || this.state.peek() === 'ended') return;
    const report = await pc.getStats();
    const { quality, sums } = look([...report.values()], this.sums);
    this.sums = sums;
    this.quality.set(quality);
  }

  private onHold(originator: string, on: boolean): void {
    (originator === 'local' ? this.held : this.heldByPeer).set(on);
  }

  private end({ originator, cause, message }: EndEvent): void {
    const remote = String(originator) === 'remote';
    const reason = (message as { getHeader?(name: string): string } | null)?.getHeader?.('Reason') ?? '';
    const answered = this.since.peek() > 0 || this.state.peek() === 'connecting';
    if (!this.ending.peek()) {
      if (/cause=200/.test(reason)) this.ending.set('elsewhere');
      else if (answered) this.ending.set(remote || cause === 'Terminated' ? 'silent' : CAUSES[cause] ?? 'lost');
      else if (String(originator) === 'local') this.ending.set(cause === 'No Answer' ? this.outgoing ? 'unanswered' : 'missed' : 'silent');
      else this.ending.set(code(message) === 403 ? 'forbidden' : CAUSES[cause] ?? 'absent');
    }
    for (const timer of this.timers) window.clearInterval(timer);
    window.clearTimeout(this.hanging);
    window.clearTimeout(this.mending);
    media.stop(this.local.peek());
    this.camera?.stop();
    this.display?.stop();
    this.local.set(null);
    this.remote.set(null);
    this.state.set('ended');
    this.ended(this);
  }

  private take(stream: MediaStream): void {
    this.camera = stream.getVideoTracks()[0] ?? null;
    this.pictured.set(this.camera !== null);
    this.local.set(stream);
  }

  /** What we see of ourselves: the screen while it is shared, else the camera. */
  private show(): void {
    const audio = this.local.peek()?.getAudioTracks() ?? [];
    const video = this.display ?? this.camera;
    this.local.set(new MediaStream(video ? [...audio, video] : audio));
  }

  private sender(kind: string): RTCRtpSender | undefined {
    const found = this.session.connection.getTransceivers().find((one) => one.receiver.track.kind === kind && one.direction !== 'stopped');
    return found?.sender;
  }

  /** Sends a picture, with a re-INVITE when there was none before. */
  private async send(track: MediaStreamTrack): Promise<void> {
    const pc = this.session.connection;
    const transceiver = this.videoTransceiver();
    if (transceiver) {
      await transceiver.sender.replaceTrack(track);
      if (/sendrecv|sendonly/.test(transceiver.direction)) return;
      transceiver.direction = 'sendrecv';
    } else {
      pc.addTrack(track, this.local.peek() ?? new MediaStream());
    }
    this.renegotiate();
  }

  private renegotiate(): void {
    if (this.state.peek() === 'ended') return;
    const begun = this.session.isReadyToReOffer() && this.session.renegotiate();
    if (!begun) this.timers.push(window.setTimeout(() => this.renegotiate(), 500));
  }

  private async unshare(): Promise<void> {
    if (!this.display) return;
    this.display.stop();
    this.display = null;
    this.sharing.set(false);
    if (this.state.peek() === 'ended') return;
    this.show();
    if (this.camera) await this.sender('video')?.replaceTrack(this.camera);
    else await this.unsend();
  }

  /** Stops sending a picture, which the other end's view follows. */
  private async unsend(): Promise<void> {
    const transceiver = this.videoTransceiver();
    if (!transceiver || this.state.peek() === 'ended') return;
    await transceiver.sender.replaceTrack(null);
    transceiver.direction = 'recvonly';
    this.renegotiate();
  }

  private videoTransceiver(): RTCRtpTransceiver | undefined {
    return this.session.connection.getTransceivers()
      .find((one) => one.receiver.track.kind === 'video' && one.direction !== 'stopped');
  }
}

/** What `data` of a session says that came by an INVITE with Replaces (RFC 3891). */
export interface Successor {
  replaces?: Call;
}

export interface Referral {
  readonly uri: string;
  accept(started: (session: RTCSession) => void, options: object): void;
  reject(): void;
}

function offersVideo(session: RTCSession): boolean {
  const { _request: request } = session as unknown as { _request?: { body?: string } };
  return /^m=video [1-9]/m.test(request?.body ?? '');
}

function code(message: unknown): number {
  return (message as { status_code?: number } | null)?.status_code ?? 0;
}
