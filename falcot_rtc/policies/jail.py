# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses that keep trying passwords are shut out by fail2ban(1), jail.conf(5), nft(8)."""

from __future__ import annotations

from dataclasses import dataclass

from falcot_rtc import failed_login, fields, render
from falcot_rtc.accounts.names import RESERVED_PREFIX
from falcot_rtc.policy import Policy, Site
from falcot_rtc.resources import HostFile, Package, Resource
from falcot_rtc.settings import Key

FAIL2BAN = "/etc/fail2ban"
CLIENT = "/usr/bin/fail2ban-client"
JAILS = f"{FAIL2BAN}/jail.d/falcot-rtc.conf"
ACTION = f"{FAIL2BAN}/action.d/falcot-rtc.conf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Jail:
    """Whose journal is read, by which filter, and the purposes of the sockets that are closed.

    People's own ports: servers of other domains and relayed media stay as they are.
    """

    role: str
    units: tuple[str, ...]
    filter: str
    purposes: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"falcot-rtc-{self.role}"


ALL = (
    Jail(
        role="turn",
        units=("coturn.service",),
        filter="falcot-rtc-turn",
        purposes=(
            "turn-udp",
            "turn-tcp",
            "turn-tls",
            "turn-alternate-udp",
            "turn-alternate-tcp",
        ),
    ),
    Jail(
        role="sip",
        units=("kamailio.service",),
        filter="falcot-rtc",
        purposes=("sip-tls", "sip-wss", "sip-tcp"),
    ),
    Jail(
        role="xmpp",
        units=("prosody.service",),
        filter="falcot-rtc",
        purposes=("xmpp-client", "xmpp-client-tls", "xmpp-https"),
    ),
    Jail(
        role="web",
        units=("falcot-rtc-password.service", "falcot-rtc-phone.service"),
        filter="falcot-rtc",
        purposes=("web-https",),
    ),
)

TUNABLES = (
    Key(
        path="max-failures",
        parse=fields.integer(3, 10000),
        default=20,
        doc=(
            "Failed logins to one service within find-seconds after which fail2ban shuts their "
            "address out of it. A whole office may share one address."
        ),
    ),
    Key(
        path="find-seconds",
        parse=fields.integer(60, 86400),
        default=600,
        doc="Seconds after which a failed login is forgotten.",
    ),
    Key(
        path="ban-seconds",
        parse=fields.integer(60, 604800),
        default=600,
        doc="How long an address is shut out for the first time; twice as long each further time.",
    ),
    Key(
        path="ban-max-seconds",
        parse=fields.integer(60, 31536000),
        default=86400,
        doc="The longest time for which an address is shut out.",
    ),
    Key(
        path="trusted",
        parse=fields.list_of(fields.network),
        default=(),
        doc="Networks that are never shut out, such as an office behind NAT.",
    ),
    Key(
        path="delay-after",
        parse=fields.integer(1, 10000),
        default=3,
        doc=(
            "Failed XMPP logins from one address within find-seconds after which each further "
            "login from there waits for delay-seconds. SIP has limits in sip.toml."
        ),
    ),
    Key(
        path="delay-seconds",
        parse=fields.integer(0, 30),
        default=2,
        doc="How long such a login waits.",
    ),
)


def unbanned(site: Site) -> tuple[str, ...]:
    """Loopback, this host by all its addresses, and whom the administrator trusts."""
    every = (*site.settings.addresses, *site.settings.port443.every)
    own = (str(one) for a in every for one in (a.bind, a.public))
    trusted = (str(network) for network in site.tunables["jail"]["trusted"])
    return tuple(dict.fromkeys(("127.0.0.0/8", "::1", *own, *trusted)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A jail with its ports, and its sockets by family in the words of nft(8)."""

    jail: Jail
    ports: tuple[int, ...]
    four: tuple[str, ...]
    six: tuple[str, ...]


def _row(site: Site, jail: Jail) -> Row:
    closed = [e for purpose in jail.purposes for e in site.purpose(purpose)]
    sockets = dict.fromkeys((e.address, e.port) for e in closed)
    return Row(
        jail=jail,
        ports=tuple(sorted({e.port for e in closed})),
        four=tuple(f"{address} . {port}" for address, port in sockets if ":" not in address),
        six=tuple(f"{address} . {port}" for address, port in sockets if ":" in address),
    )


def resources(site: Site) -> tuple[Resource, ...]:
    jails = [jail for jail in ALL if jail.role in site.settings.services]
    if not jails:
        return ()
    return (
        HostFile(path=ACTION, content=render.template("jail/action.conf.j2")),
        HostFile(
            path=JAILS,
            content=render.template(
                "jail/jails.conf.j2",
                rows=[_row(site, jail) for jail in jails],
                unbanned=unbanned(site),
                tunables=site.tunables["jail"],
            ),
        ),
        *(
            HostFile(
                path=f"{FAIL2BAN}/filter.d/{name}.conf",
                content=render.template(
                    f"jail/{name}.conf.j2",
                    prefix=failed_login.PREFIX,
                    check_prefix=RESERVED_PREFIX,
                ),
            )
            for name in dict.fromkeys(jail.filter for jail in jails)
        ),
    )


# fail2ban reads the journal by python3-systemd; without it, our jails would keep it from starting.
POLICY = Policy(
    name="jail",
    packages=(Package(name="fail2ban", recommended=True), Package(name="python3-systemd")),
    tunables=TUNABLES,
    resources=resources,
)
