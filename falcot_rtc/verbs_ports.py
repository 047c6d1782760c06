# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""`falcot-rtc ports`: every socket of the site, and a packet filter that follows from them."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict

from falcot_rtc import apply, audit, firewall, paths, settings_file, ssh_ports, tables
from falcot_rtc.endpoints import bracketed
from falcot_rtc.errors import FalcotError, UsageError
from falcot_rtc.host import Host
from falcot_rtc.policies import firewall as policy
from falcot_rtc.policy import Site

SHORTEST, LONGEST = 5, 3600


def ports(given: argparse.Namespace) -> int:
    host = Host()
    site, _ = apply.read_site(host)
    if given.json:
        print(json.dumps([{"id": e.id, **asdict(e)} for e in site.endpoints], indent=1))
        return 0
    if given.nft:
        sys.stdout.write(firewall.complete(host, policy.ruleset(site), os.environ))
        return 0
    tables.show(
        (
            (
                e.id,
                e.protocol,
                e.address,
                str(e.port) if e.last_port is None else f"{e.port}-{e.last_port}",
                e.reach,
                e.daemon,
            )
            for e in site.endpoints
        ),
        ("purpose", "protocol", "address", "port", "for", "served by"),
    )
    return 0


def load(given: argparse.Namespace) -> int:
    if not SHORTEST <= given.seconds <= LONGEST:
        raise UsageError(f"ports: --seconds {given.seconds} is not from {SHORTEST} to {LONGEST}")
    host = Host()
    site, _ = apply.read_site(host)
    if site.settings.firewall:
        print("it is in force already; each falcot-rtc apply brings it up to date")
        return 0
    if apply.prepare(host).actions:
        raise FalcotError(
            "ports: other changes are waiting, so it would not fit what runs",
            hint="falcot-rtc plan shows them, falcot-rtc apply carries them out",
        )
    text = firewall.complete(host, policy.ruleset(site), os.environ)
    firewall.judge(host, text)
    sys.stdout.write(text)
    _remarks(host, site)
    if not given.yes and not _agreed():
        return 1
    firewall.take_back_after(host, given.seconds)
    firewall.load(host, text)
    audit.note(f"ports: packet filter in force for {given.seconds} s, by {audit.who()}")
    print(
        f"# In force for {given.seconds} seconds. Log in anew; if that works:"
        "\nfalcot-rtc ports confirm"
    )
    return 0


def _remarks(host: Host, site: Site) -> None:
    open_ = ssh_ports.find(host, os.environ)
    listed = ", ".join(map(str, open_)) or "none: there is no sshd here"
    print(f"\n# ssh stays reachable at tcp {listed}")
    for filter_ in firewall.others(host):
        print(f"# {filter_}: filters as well, and what it drops this can't let in")
    for socket in firewall.shut(host, site, open_):
        where = f"{socket.protocol} {bracketed(socket.address)}:{socket.port}"
        name = f"{socket.protocol}/{socket.port}"
        print(f'# {where} could not be reached any more (also-open = ["{name}"] in firewall.toml)')


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise UsageError("ports: not loaded, as nobody is asked here", hint="give --yes")
    return input("Put it in force? [y/N] ").strip().lower() in ("y", "yes", "j", "ja")


def confirm(given: argparse.Namespace) -> int:
    host = Host()
    if not firewall.is_loaded(host):
        raise FalcotError(
            "ports: there is nothing to confirm: it is not in force, or was taken back",
            hint="falcot-rtc ports load",
        )
    firewall.keep(host)
    before = _put(host, "true")
    try:
        apply.apply(host)
    except FalcotError:
        _restore(host, before)
        firewall.unload(host)
        raise
    audit.note(f"ports: packet filter kept, by {audit.who()}")
    print("it stays in force, and comes back at each boot")
    return 0


def unload(given: argparse.Namespace) -> int:
    host = Host()
    site, _ = apply.read_site(host)
    if site.settings.firewall:
        _put(host, "")
        apply.apply(host)
    firewall.keep(host)
    firewall.unload(host)
    audit.note(f"ports: packet filter unloaded, by {audit.who()}")
    print("it is not in force any more")
    return 0


def _put(host: Host, value: str) -> str:
    """Set `firewall`; returns the settings as they were."""
    with host.lock():
        before = host.text(paths.SETTINGS)
        after = settings_file.put(before, {"firewall": value})
        host.write(paths.SETTINGS, after.encode(), mode=0o644)
    return before


def _restore(host: Host, text: str) -> None:
    with host.lock():
        host.write(paths.SETTINGS, text.encode(), mode=0o644)
