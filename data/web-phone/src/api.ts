// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The site's desk for short-lived log-ins (docs/web-phone-api.md).
import { isRecord } from './storage';

export interface Login {
  readonly address: string;
  readonly token: string;
  readonly sip: { readonly username: string; readonly password: string };
  readonly iceServers: readonly RTCIceServer[];
  /** Seconds for which all of it is good. */
  readonly ttl: number;
}

export interface GuestLogin extends Omit<Login, 'token'> {
  readonly target: string;
  readonly title: string;
}

export type Refusal = 'refused' | 'limited' | 'busy' | 'absent' | 'unreachable' | 'malformed';

export class ApiError extends Error {
  constructor(readonly kind: Refusal, readonly seconds = 0) {
    super(kind);
  }
}

export type Fetch = (url: string, options: RequestInit) => Promise<Response>;

/** Seconds until an answer that does not come is given up. */
const PATIENCE = 20;

export class Api {
  constructor(private readonly base: string, private readonly fetch: Fetch = (url, options) => window.fetch(url, options)) {}

  async login(user: string, password: string): Promise<Login> {
    return login(await this.post('login', { body: JSON.stringify({ user, password }) }));
  }

  async renew(token: string): Promise<Login> {
    return login(await this.post('renew', { headers: { Authorization: `Bearer ${token}` } }));
  }

  async guest(name: string): Promise<GuestLogin> {
    const found = await this.post(`call/${encodeURIComponent(name)}`, {});
    const [target, title] = [found.target, found.title];
    if (typeof target !== 'string' || typeof title !== 'string') throw new ApiError('malformed');
    return { ...login({ ...found, token: '' }), target, title };
  }

  private async post(path: string, options: RequestInit): Promise<Record<string, unknown>> {
    let answer: Response;
    try {
      answer = await this.fetch(`${this.base}/${path}`, {
        method: 'POST',
        cache: 'no-store',
        credentials: 'omit',
        signal: AbortSignal.timeout(PATIENCE * 1000),
        ...options,
        headers: { 'Content-Type': 'application/json', ...options.headers },
      });
    } catch {
      throw new ApiError('unreachable');
    }
    const said: unknown = await answer.json().catch(() => null);
    if (answer.ok && isRecord(said)) return said;
    const seconds = isRecord(said) && typeof said.seconds === 'number' ? said.seconds : 0;
    throw new ApiError(refusal(answer.status), seconds);
  }
}

function refusal(status: number): Refusal {
  switch (status) {
    case 400: return 'malformed';
    case 401: case 403: return 'refused';
    case 404: return 'absent';
    case 429: return 'limited';
    default: return 'busy';
  }
}

function login(found: Record<string, unknown>): Login {
  const { address, token, sip, iceServers, ttl } = found;
  if (
    typeof address !== 'string' || typeof token !== 'string' || typeof ttl !== 'number' || !isRecord(sip)
    || typeof sip.username !== 'string' || typeof sip.password !== 'string' || !Array.isArray(iceServers)
  ) {
    throw new ApiError('malformed');
  }
  return {
    address,
    token,
    ttl,
    sip: { username: sip.username, password: sip.password },
    iceServers: iceServers as RTCIceServer[],
  };
}
