// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// A WebSocket for JsSIP that can be dropped and taken up again at once, when we learn of it before TCP does.

export class SipSocket {
  readonly via_transport = 'WSS';
  readonly sip_uri: string;
  readonly url: string;
  onconnect: () => void = () => undefined;
  ondisconnect: (error: boolean, code?: number, reason?: string) => void = () => undefined;
  ondata: (data: string | ArrayBuffer) => void = () => undefined;
  private socket: WebSocket | null = null;

  private attempts = 0;

  /** With several addresses, each attempt takes the next one. */
  constructor(private readonly urls: readonly [string, ...string[]]) {
    [this.url] = urls;
    this.sip_uri = `sip:${new URL(this.url).host};transport=ws`;
  }

  /** May be called before JsSIP does, which then finds the connection under way or there. */
  connect(): void {
    if (this.socket) {
      // Not at once: JsSIP decides after this call whether it will register.
      if (this.isConnected()) queueMicrotask(() => this.isConnected() && this.onconnect());
      return;
    }
    const made = new WebSocket(this.urls[this.attempts % this.urls.length] ?? this.url, 'sip');
    this.attempts += 1;
    made.binaryType = 'arraybuffer';
    made.onopen = () => {
      this.attempts -= 1;
      this.onconnect();
    };
    made.onmessage = ({ data }) => this.ondata(data as string | ArrayBuffer);
    made.onclose = ({ wasClean, code, reason }) => this.lost(!wasClean, code, reason);
    this.socket = made;
  }

  disconnect(): void {
    this.release()?.close();
  }

  /** Treats the connection as lost, whatever TCP believes. */
  drop(): void {
    const held = this.socket;
    if (!held) return;
    held.onclose = null;
    held.close();
    this.lost(true);
  }

  send(message: string): boolean {
    if (!this.isConnected()) return false;
    this.socket?.send(message);
    return true;
  }

  isConnected(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  isConnecting(): boolean {
    return this.socket?.readyState === WebSocket.CONNECTING;
  }

  private lost(error: boolean, code?: number, reason?: string): void {
    this.release();
    this.ondisconnect(error, code, reason);
  }

  private release(): WebSocket | null {
    const held = this.socket;
    if (held) held.onopen = held.onmessage = held.onclose = null;
    this.socket = null;
    return held;
  }
}
