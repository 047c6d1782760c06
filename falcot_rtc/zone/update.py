# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Publishing: dynamic update (RFC 2136) of exactly our own records, signed by TSIG (RFC 8945).

What we once published and want no more goes by its whole data, never by name or type: whatever
else stands there is somebody else's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address

import dns.exception
import dns.query
import dns.rcode
import dns.tsig
import dns.update

from falcot_rtc import audit
from falcot_rtc.errors import FalcotError, UsageError
from falcot_rtc.host import Host
from falcot_rtc.policies import dns as policy
from falcot_rtc.policy import Site
from falcot_rtc.zone import ask, memory, records, servers, tsig
from falcot_rtc.zone.records import Row
from falcot_rtc.zone.servers import Server
from falcot_rtc.zone.tsig import TsigKey

TIMEOUT = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one zone needs: records with their TTL to add, rows to withdraw."""

    zone: str
    server: Server
    add: tuple[tuple[Row, int], ...]
    delete: tuple[Row, ...]
    wanted: frozenset[Row]

    @property
    def lines(self) -> list[str]:
        """nsupdate(1)'s words, the deletions first."""
        gone = [f"update delete {row}" for row in self.delete]
        return gone + [
            f"update add {row.name} {ttl} {row.type} {row.data}" for row, ttl in self.add
        ]


def find_server(host: Host, given: str) -> Server | None:
    """The server of a name or address; None for none given. Raises FalcotError if unknown."""
    if not given:
        return None
    try:
        return Server(name="", address=str(ip_address(given)), port=servers.PORT)
    except ValueError:
        addresses = servers.addresses(servers.resolver(host), given)
    if not addresses:
        raise FalcotError(f"dns update: {given} has no address", hint="name the server's address")
    return Server(name=given, address=addresses[0], port=servers.PORT)


def apex(host: Host, domain: str, server: Server | None) -> tuple[str, Server]:
    """The zone that a domain is in, and its primary: `server`, or the one that its SOA names."""
    if server is None:
        zone, primary = servers.primary(servers.resolver(host), domain)
        found = find_server(host, primary.rstrip("."))
        assert found is not None
        return zone, found
    for name in servers.ancestors(domain):
        said = ask.ask(server, [(name.to_text().lower(), "SOA")])
        if said.fault and not said.refused:
            break
        if any(answer.rows for answer in said.answers.values()):
            return name.to_text().lower(), server
    raise FalcotError(
        f"dns update: {server} has no zone for {domain}{f': {said.fault}' if said.fault else ''}",
        hint="name its primary with --server, or update-server in policy.d/dns.toml",
    )


def plan(host: Host, site: Site, server: Server | None) -> list[Change]:
    """What to change in each zone, former ones of ours included; asks each primary."""
    wanted = records.wanted(host, site)
    ttls = {records.row(r.name, r.type, r.data): policy.ttl(site, r) for r in wanted}
    zones: dict[str, tuple[Server, set[Row]]] = {}
    for domain in site.settings.domains:
        name, primary = apex(host, domain.name, server)
        _, rows = zones.setdefault(name, (primary, set()))
        rows |= records.rows(tuple(policy.zone_records(site, wanted, domain.name)))
    for former in memory.load(host):
        if former not in zones:
            zones[former] = (apex(host, former, server)[1], set())
    before = memory.load(host)
    return [
        _change(name, primary, frozenset(rows), before.get(name, frozenset()), ttls)
        for name, (primary, rows) in sorted(zones.items())
    ]


def _change(
    zone: str, server: Server, wanted: frozenset[Row], before: frozenset[Row], ttls: dict[Row, int]
) -> Change:
    there = present(zone, server, wanted | before)
    return Change(
        zone=zone,
        server=server,
        add=tuple((row, ttls[row]) for row in sorted(wanted) if there.get(row) != ttls[row]),
        delete=tuple(sorted(row for row in before - wanted if row in there)),
        wanted=wanted,
    )


def present(zone: str, server: Server, rows: Iterable[Row]) -> dict[Row, int]:
    """Those of the rows that the server has, with their TTL."""
    said = ask.ask(server, sorted({(row.name, row.type) for row in rows}))
    if said.fault:
        raise FalcotError(f"dns update: {server}, asked for {zone}: {said.fault}")
    return {row: answer.ttl for answer in said.answers.values() for row in answer.rows}


def send(host: Host, change: Change, key: TsigKey | None) -> None:
    """Send it in one message, which the server carries out whole or not at all, and look again."""
    before = memory.load(host).get(change.zone, frozenset())
    memory.save(host, change.zone, before | change.wanted)
    message = dns.update.UpdateMessage(change.zone, **(key.signing() if key else {}))
    for row in change.delete:
        message.delete(row.name, row.type, row.data)
    for row, ttl in change.add:
        message.add(row.name, ttl, row.type, row.data)
    if change.add or change.delete:
        exchange(change.zone, change.server, message)
        sent = {row for row, _ in change.add}
        absent = sent - present(change.zone, change.server, sent).keys()
        if absent:
            raise FalcotError(
                f"dns update: {change.server} took the update, but has not: "
                f"{'; '.join(map(str, sorted(absent)))}",
                hint="is there an alias (CNAME) with that name? falcot-rtc dns check tells",
            )
    memory.save(host, change.zone, change.wanted)


def carry_out(host: Host, change: Change, key: TsigKey | None) -> None:
    """Send it, with a line in the journal."""
    send(host, change, key)
    if change.lines:
        audit.note(
            f"dns: {change.zone} on {change.server}: {len(change.add)} records added, "
            f"{len(change.delete)} withdrawn"
        )


def everything(host: Host, site: Site) -> list[Change]:
    """Publish all that the site wants, as dns.toml says; returns what was changed."""
    tuned = site.tunables["dns"]
    path = str(tuned["update-key"])
    key = tsig.read(host, path) if path else None
    changes = plan(host, site, find_server(host, tuned["update-server"]))
    for change in changes:
        carry_out(host, change, key)
    return changes


def exchange(zone: str, server: Server, message: dns.update.UpdateMessage) -> None:
    """Have the server carry it out; raises FalcotError with what it said otherwise."""
    where = f"dns update: {server}, zone {zone.rstrip('.')}"
    try:
        # Some forty records do not fit into a datagram.
        answer = dns.query.tcp(message, server.address, timeout=TIMEOUT, port=server.port)
    except dns.tsig.PeerError as error:
        raise FalcotError(
            f"{where}: the key is not accepted: {error}",
            hint="the same key, by name, algorithm and secret, on both; and both clocks right",
        ) from error
    except (dns.exception.DNSException, OSError, EOFError) as error:
        raise FalcotError(f"{where}: {str(error) or type(error).__name__}") from error
    code = answer.rcode()
    if code != dns.rcode.NOERROR:
        raise _refused(where, code, signed=bool(message.keyring))


def _refused(where: str, code: dns.rcode.Rcode, *, signed: bool) -> FalcotError:
    said = f"{where}: refused: {dns.rcode.to_text(code)}"
    if code == dns.rcode.REFUSED and not signed:
        return UsageError(said, hint="give --key-file, or update-key in policy.d/dns.toml")
    if code == dns.rcode.NOTAUTH:
        return FalcotError(said, hint="is the key known there, and is that the zone's primary?")
    return FalcotError(said, hint="is this key allowed to update the zone (update-policy)?")
