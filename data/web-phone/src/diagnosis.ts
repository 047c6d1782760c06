// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Why the SIP proxy cannot be reached: browsers tell pages nothing, but the site's other addresses do.

export type Diagnosis = 'offline' | 'certificate' | 'proxy' | 'blocked';

export type Reach = (url: string) => Promise<boolean>;

/** Whether anything at all answers there with a certificate that this browser trusts. */
async function reach(url: string): Promise<boolean> {
  try {
    await fetch(url, { mode: 'no-cors', cache: 'no-store', credentials: 'omit', signal: AbortSignal.timeout(8000) });
    return true;
  } catch {
    return false;
  }
}

/**
 * The proxy's port answers HTTP requests too, and the web server listens at the proxy's name with the same
 * certificate: who reaches the page but neither of them has trouble with that name's certificate.
 */
export async function diagnose(server: string, page: string, try_: Reach = reach): Promise<Diagnosis> {
  const { host, hostname, port } = new URL(server);
  if (!(await try_(page))) return 'offline';
  if (await try_(`https://${host}/`)) return 'blocked';
  // On port 443 it is the proxy itself that answers there.
  if (!port) return 'proxy';
  return (await try_(`https://${hostname}/`)) ? 'proxy' : 'certificate';
}
