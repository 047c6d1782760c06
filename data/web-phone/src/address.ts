// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What people type or click, as a SIP URI (RFC 3261 section 19.1, RFC 3966 for telephone numbers).

/** An address to call: the URI, and how people write it. */
export interface Target {
  readonly uri: string;
  readonly shown: string;
}

const HOST = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
// The unreserved and user-unreserved characters, and escapes.
const USER = /^(?:[a-z0-9\-_.!~*'()&=+$,;?/]|%[0-9a-f]{2})+$/i;
const NUMBER = /^\+?[0-9*#][0-9*#() ./-]*$/;

/** The target that `text` names, or null if it names none. */
export function target(text: string, domain: string): Target | null {
  let rest = text.trim();
  const scheme = /^(sips?|tel|callto|mailto|xmpp|im):/i.exec(rest);
  if (scheme) rest = rest.slice(scheme[0].length).replace(/^\/\//, '');
  // Parameters and headers are for programs; whoever gave us a link shall not choose them.
  const at = rest.lastIndexOf('@');
  const cut = /[;?>]/.exec(at < 0 ? rest : rest.slice(at));
  if (cut) rest = rest.slice(0, Math.max(at, 0) + cut.index);
  rest = rest.replace(/^</, '');
  if (scheme && /^tel|callto/i.test(scheme[0])) {
    rest = decoded(rest);
  }
  const mark = rest.lastIndexOf('@');
  const user = mark < 0 ? rest : rest.slice(0, mark);
  const host = (mark < 0 ? domain : rest.slice(mark + 1)).toLowerCase();
  // Names of this site's people are lower case, whatever a keyboard made of them.
  const written = host === domain ? user.toLowerCase() : user;
  const name = NUMBER.test(written) ? written.replace(/[() ./-]/g, '') : written;
  const escaped = name.replace(/#/g, '%23');
  if (!name || !USER.test(escaped) || !HOST.test(host)) return null;
  return { uri: `sip:${escaped}@${host}`, shown: host === domain ? name : `${name}@${host}` };
}

/** How an address is written beside a call: without the domain that all share. */
export function shown(address: string, domain: string): string {
  const mark = address.lastIndexOf('@');
  const user = decoded(address.slice(0, mark));
  return address.slice(mark + 1).toLowerCase() === domain ? user : `${user}@${address.slice(mark + 1)}`;
}

/** USER@HOST of a SIP URI, as a key for contacts and conversations. */
export function bare(uri: string): string {
  const inside = uri.replace(/^sips?:/i, '').replace(/[;?>].*$/, '');
  const mark = inside.lastIndexOf('@');
  return `${inside.slice(0, mark)}@${inside.slice(mark + 1).toLowerCase()}`;
}

/** Whether that is the address of a call without an account (falcot_rtc.accounts.names). */
export function isGuest(address: string): boolean {
  return /^guest-[0-9a-f]{16}@/.test(address);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** One or two letters that stand for a person where there is no picture. */
export function initials(name: string): string {
  const words = name.replace(/@.*$/, '').split(/[\s._-]+/).filter((word) => /^\p{L}/u.test(word));
  const letters = (words.length > 1 ? [words[0], words[words.length - 1]] : words).map((word) => [...(word ?? '')][0]);
  return letters.join('').toUpperCase() || '#';
}
