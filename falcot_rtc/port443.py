# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The handbook's mode of port 443: which role has it, on which address of its own. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from falcot_rtc import addresses, fields
from falcot_rtc.addresses import Address
from falcot_rtc.errors import UsageError
from falcot_rtc.keys import Key

PORT = 443
ROLES = ("turn", "sip", "xmpp", "web")
FAMILIES = ("ipv4", "ipv6")

KEYS = (
    Key(
        path="port443.enabled",
        parse=fields.boolean,
        default=False,
        doc="Whether each service is on port 443 too, each of an address of its own.",
    ),
    Key(
        path="port443.roles",
        parse=fields.list_of(fields.one_of(*ROLES)),
        default=ROLES,
        doc="The roles for which that holds; the others have their ordinary ports alone.",
    ),
    Key(
        path="port443.ordinary-ports",
        parse=fields.boolean,
        default=True,
        doc="Whether the ordinary ports of those roles stay open beside 443.",
    ),
    *(
        Key(
            path=f"port443.{role}.{family}.{side}",
            parse=addresses.PARSERS[family],
            doc=doc.format(role=role, family=addresses.TITLES[family]),
        )
        for role in ROLES
        for family in FAMILIES
        for side, doc in (
            ("bind", "The {family} address on which {role} has port 443."),
            ("public", "What others see of it behind NAT; absent: the same."),
        )
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Port443:
    """The addresses of each role that is on port 443 of its own; none has any when it is off.

    Where `ordinary` is false those roles listen nowhere else.
    """

    addresses: Mapping[str, tuple[Address, ...]] = field(default_factory=dict)
    ordinary: bool = True

    def of(self, role: str) -> tuple[Address, ...]:
        return self.addresses.get(role, ())

    @property
    def every(self) -> tuple[Address, ...]:
        return tuple(address for role in ROLES for address in self.of(role))


def read(
    values: Mapping[str, Any], services: tuple[str, ...], main: tuple[Address, ...], where: str
) -> Port443:
    """What the settings say; raises UsageError naming the roles that lack an address.

    The web is on port 443 of the main addresses anyway, so it needs none of its own.
    """
    if not values["port443.enabled"]:
        return Port443()
    roles = [role for role in ROLES if role in services and role in values["port443.roles"]]
    found = {
        role: tuple(
            address
            for family in FAMILIES
            if (address := addresses.given(values, f"port443.{role}.{family}", family))
        )
        for role in roles
    }
    families = [address.family for address in main if address.family in FAMILIES]
    for address in (address for rows in found.values() for address in rows):
        if address.family not in families:
            raise UsageError(
                f"{where}: {address.key}.bind: there is no address.{address.family}.bind beside it",
                hint=f"falcot-rtc config set address.{address.family}.bind ADDRESS",
            )
    lacking = _lacking(found, families)
    if lacking:
        raise _too_few(lacking, roles, where)
    return Port443(addresses=found, ordinary=values["port443.ordinary-ports"])


def _lacking(
    found: Mapping[str, tuple[Address, ...]], families: list[str]
) -> list[tuple[str, str]]:
    """Each role and family without an address, where any other role has one of that family.

    A family that no role has is left out on purpose. The TURN server's name has no IPv6 address
    beside an IPv4 one, so it needs none.
    """
    needy = [role for role in found if role != "web"]
    given = {role: {address.family for address in found[role]} for role in needy}
    wanted = [f for f in families if any(f in of for of in given.values())] or families[:1]
    return [
        (role, family)
        for family in wanted
        for role in needy
        if family not in given[role] and not (role == "turn" and "ipv4" in given[role])
    ]


def _too_few(lacking: list[tuple[str, str]], roles: list[str], where: str) -> UsageError:
    role, family = lacking[0]
    listed = ", ".join(f"{one} ({addresses.TITLES[of]})" for one, of in lacking)
    rest = ", ".join(one for one in roles if one not in dict(lacking)) or "none"
    return UsageError(
        f"{where}: port443: no address of its own on which to have port {PORT}: {listed}; "
        "no two services can share one",
        hint=f"falcot-rtc config set port443.{role}.{family}.bind ADDRESS, or leave out who has "
        f"none: falcot-rtc config set port443.roles '{rest}'",
    )
