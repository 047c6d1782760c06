# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an ACME CA looks for in the DNS (RFC 8555 section 8.4), by dynamic update.

certbot(1) runs this as its manual hooks, with the name and the value in the environment. Other
values at the same name stay: somebody else may be asking as well.
"""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Mapping, Sequence

import dns.exception
import dns.update

from falcot_rtc import apply
from falcot_rtc.errors import FalcotError, UsageError
from falcot_rtc.host import Host
from falcot_rtc.policy import Site
from falcot_rtc.zone import ask, records, servers, tsig, update
from falcot_rtc.zone.records import Row
from falcot_rtc.zone.servers import Server

TTL = 60
# Seconds that secondaries may take: they are told at once (RFC 1996), but not all listen.
PATIENCE = 120.0
PAUSE = 1.0
# As many as a resolver follows, more or less.
ALIASES = 8


def row(environment: Mapping[str, str]) -> Row:
    """The record that certbot wants."""
    try:
        domain, value = environment["CERTBOT_DOMAIN"], environment["CERTBOT_VALIDATION"]
    except KeyError as error:
        raise UsageError(f"{error} is not set", hint="certbot runs this") from error
    return records.row(f"_acme-challenge.{domain}.", "TXT", f'"{value}"')


def followed(host: Host, wanted: Row) -> Row:
    """The record where the CA ends up looking: the name may be an alias (RFC 8555 section 8.4), as
    of who lets no machine write to the zone itself."""
    name = wanted.name
    for _ in range(ALIASES):
        try:
            name = servers.resolver(host).resolve(name, "CNAME")[0].target.to_text().lower()
        except (FalcotError, dns.exception.DNSException):
            break
    return Row(name=name, type=wanted.type, data=wanted.data)


def publish(host: Host, site: Site, wanted: Row) -> None:
    """Return once every server of the zone that answers has it, as the CA may ask any of them."""
    wanted = followed(host, wanted)
    server = _send(host, site, wanted, there=True)
    everybody = _servers(host, wanted) or [server]
    deadline = time.monotonic() + PATIENCE
    while missing := [one for one in everybody if _lacks(one, wanted)]:
        if time.monotonic() > deadline:
            raise FalcotError(f"{missing[0]} does not have {wanted.name} after {PATIENCE:.0f} s")
        select.select([], [], [], PAUSE)


def withdraw(host: Host, site: Site, wanted: Row) -> None:
    _send(host, site, followed(host, wanted), there=False)


def _send(host: Host, site: Site, wanted: Row, *, there: bool) -> Server:
    tuned = site.tunables["dns"]
    key = tsig.read(host, str(tuned["update-key"]))
    zone, server = _primary(host, wanted, str(tuned["update-server"]))
    message = dns.update.UpdateMessage(zone, **key.signing())
    if there:
        message.add(wanted.name, TTL, wanted.type, wanted.data)
    else:
        message.delete(wanted.name, wanted.type, wanted.data)
    update.exchange(zone, server, message)
    return server


def _primary(host: Host, wanted: Row, given: str) -> tuple[str, Server]:
    """The server that was named, unless an alias led into a zone that it does not have."""
    named = update.find_server(host, given)
    try:
        return update.apex(host, wanted.name, named)
    except FalcotError:
        if named is None or wanted.name.startswith("_acme-challenge."):
            raise
        return update.apex(host, wanted.name, None)


def _servers(host: Host, wanted: Row) -> Sequence[Server]:
    try:
        zone = servers.find(servers.resolver(host), wanted.name)
    except FalcotError:
        # The host may be unable to resolve its own names; the primary has it all the same.
        return ()
    return zone.servers if zone else ()


def _lacks(server: Server, wanted: Row) -> bool:
    said = ask.ask(server, [(wanted.name, wanted.type)])
    return not said.fault and not any(wanted in a.rows for a in said.answers.values())


def main(argv: Sequence[str] | None = None) -> int:
    (what,) = sys.argv[1:] if argv is None else argv
    host = Host()
    try:
        site, _ = apply.read_site(host)
        {"publish": publish, "withdraw": withdraw}[what](host, site, row(os.environ))
    except FalcotError as error:
        print(f"dns challenge: {error.message}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
