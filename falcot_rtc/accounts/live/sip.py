# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices and calls of a person in kamailio, and their end; its usrloc, dialog and tm modules."""

from __future__ import annotations

import re
import select
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from falcot_rtc.accounts.live import jsonrpc, sip_bye
from falcot_rtc.accounts.live.session import Kind, Session
from falcot_rtc.accounts.live.unit import silent
from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host

SOCKET = "/run/kamailio/falcot-rtc"
UNIT = "kamailio.service"
TABLE, PROFILE, ENDINGS = "location", "person", "endings"
PATIENCE = 5.0  # seconds for the answers to BYE, which nobody has to give, and for connections
_POLL = 0.05

# JSON-RPC's own: kamailio does not know the method, or not these parameters.
_WRONG = range(-32768, -31999)
_RINGING, _ESTABLISHED = (1, 2), (3, 4)
_RECEIVED = re.compile(r"sips?:([^;]+)(?:;transport=(\w+))?", re.IGNORECASE)
_ADDRESS = re.compile(r"sips?:(?:[^@;>]*@)?[^;>?]*")

Ask = Callable[..., Any]


def seen(host: Host, address: str) -> tuple[Session, ...]:
    """Registered devices, then calls in progress."""
    ask = _asker(host)
    if ask is None:
        return ()
    return (
        *registrations(_contacts(ask, address), int(time.time())),
        *calls(_dialogs(ask, address), address),
    )


def end(host: Host, address: str) -> int:
    """End calls on both sides, forget devices and close their connections; how many of each.

    The connections on which the person proved who he is are closed last, so that his devices still
    hear that the call is over; without them nobody speaks for him any more.
    """
    ask = _asker(host)
    if ask is None:
        return 0
    count = len(registrations(_contacts(ask, address), int(time.time())))
    _forgiving(ask, "ul.rm", TABLE, address)
    dialogs = _dialogs(ask, address)
    for dialog in dialogs:
        _hang_up(ask, dialog)
    _await(lambda: not _dialogs(ask, address))
    ask("htable.seti", ENDINGS, address, 1)
    if not _await(lambda: _forgiving(ask, "htable.get", ENDINGS, address) is None):
        raise FalcotError(
            f"kamailio: the connections of {address} are not closed",
            hint="systemctl restart kamailio.service closes all",
        )
    return count + len(dialogs)


def registrations(contacts: Iterable[Mapping[str, Any]], now: int) -> tuple[Session, ...]:
    """What usrloc's ul.lookup tells of the contacts of one address."""
    found = []
    for contact in contacts:
        left = contact["Expires"]
        if not isinstance(left, int):
            continue  # "deleted" or "expired" until usrloc's timer comes by
        found.append(
            Session(
                service="sip",
                kind=Kind.REGISTRATION,
                device=_given(contact["User-Agent"]),
                where=_where(_given(contact["Received"]) or contact["Address"]),
                since=int(contact["Last-Modified"]),
                expires=now + left,
            )
        )
    return tuple(sorted(found, key=lambda one: (one.since or 0, one.where)))


def calls(dialogs: Iterable[Mapping[str, Any]], address: str) -> tuple[Session, ...]:
    """What the dialog module's dlg.profile_list tells of the calls of one address."""
    found = []
    for dialog in dialogs:
        parties = [_uri(dialog[name]) for name in ("from_uri", "to_uri")]
        others = [one for one in parties if one != address]
        since = int(dialog["start_ts"]) or int(dialog["init_ts"])
        found.append(
            Session(
                service="sip",
                kind=Kind.CALL,
                device=others[0] if others else address,
                where="ringing" if dialog["state"] in _RINGING else "established",
                since=since,
                expires=None,
            )
        )
    return tuple(sorted(found, key=lambda one: (one.since or 0, one.device)))


def _asker(host: Host) -> Ask | None:
    """A function that asks kamailio; None where it does not run."""
    path: Path = host.at(SOCKET)

    def ask(method: str, *parameters: str | int) -> Any:
        return jsonrpc.call(path, method, *parameters)

    try:
        ask("core.version")
    except OSError as error:
        silent(host, UNIT, error)
        return None
    return ask


def _forgiving(ask: Ask, method: str, *parameters: str | int) -> Any:
    """None instead of the error about something that is gone, or somebody out of reach."""
    try:
        return ask(method, *parameters)
    except jsonrpc.Refused as error:
        if error.code in _WRONG:
            raise
        return None


def _contacts(ask: Ask, address: str) -> list[Mapping[str, Any]]:
    record = _forgiving(ask, "ul.lookup", TABLE, address) or {"Contacts": []}
    return [one["Contact"] for one in record["Contacts"]]


def _dialogs(ask: Ask, address: str) -> list[Mapping[str, Any]]:
    return [
        one
        for one in ask("dlg.profile_list", PROFILE, address)
        if one["state"] in (*_RINGING, *_ESTABLISHED)
    ]


def _hang_up(ask: Ask, dialog: Mapping[str, Any]) -> None:
    """BYE to both, or for a call that still rings CANCEL to the callee; too late is no error."""
    if dialog["state"] in _RINGING:
        _forgiving(ask, "tm.cancel", dialog["call-id"], dialog["caller"]["cseq"])
        return
    # dlg.end_dlg asks the caller first, and if he answers at once forgets to ask the callee: seen
    # with 6.0.1. A callee who is asked twice says to the second that there is no such call.
    _forgiving(ask, "tm.t_uac_start", *sip_bye.to_callee(dialog))
    _forgiving(ask, "dlg.end_dlg", dialog["h_entry"], dialog["h_id"])


def _await(done: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not (there := done()) and time.monotonic() < deadline:
        select.select([], [], [], _POLL)
    return there


def _given(value: object) -> str:
    """kamailio writes what it has not in two ways."""
    return "" if value in (None, "[not set]", "n/a") else str(value)


def _where(uri: str) -> str:
    found = _RECEIVED.search(uri)
    if found is None:
        return uri
    return f"{found[1].rpartition('@')[2]} {(found[2] or 'udp').upper()}"


def _uri(uri: str) -> str:
    found = _ADDRESS.search(uri)
    return found[0].partition(":")[2].lower() if found else uri
