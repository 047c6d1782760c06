# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packet filter on the host: loaded, tried for a while, unloaded; and what else filters there.

falcot-rtc-firewall.service calls this with load or unload; the table is named in its policy.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping

from falcot_rtc import listening, paths, ssh_ports
from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host
from falcot_rtc.listening import Socket
from falcot_rtc.policies import firewall as policy
from falcot_rtc.policy import Site

TAKE_BACK = "falcot-rtc-firewall-takeback"
LOADED = f"{paths.CURRENT}/{policy.FILE}"


def complete(host: Host, ruleset: str, environment: Mapping[str, str]) -> str:
    """The rendered table with the ports of ssh in it."""
    ports = ", ".join(map(str, ssh_ports.find(host, environment)))
    added = f"\nadd element inet {policy.TABLE} ssh_ports {{ {ports} }}\n" if ports else ""
    return ruleset + added


def load(host: Host, text: str) -> None:
    """Put the table in force, in one step; what was loaded before is replaced."""
    host.run("nft", "-f", "-", stdin=text.encode())


def judge(host: Host, text: str) -> None:
    """Raise FalcotError with nft's words for a table that the kernel would not take."""
    host.run("nft", "-c", "-f", "-", stdin=text.encode())


def is_loaded(host: Host) -> bool:
    return host.run("nft", "list", "table", "inet", policy.TABLE, check=False).returncode == 0


def unload(host: Host) -> None:
    if is_loaded(host):
        host.run("nft", "delete", "table", "inet", policy.TABLE)


def take_back_after(host: Host, seconds: int) -> None:
    """Let systemd unload it then, whatever becomes of this session."""
    keep(host)
    host.run(
        "systemd-run", "--quiet", "--collect", f"--unit={TAKE_BACK}", f"--on-active={seconds}",
        "--timer-property=AccuracySec=100ms", "/usr/sbin/nft", "delete", "table", "inet",
        policy.TABLE,
    )  # fmt: skip


def keep(host: Host) -> None:
    """End the waiting of `take_back_after`."""
    host.run("systemctl", "stop", f"{TAKE_BACK}.timer", check=False)


def others(host: Host) -> list[str]:
    """A line for each packet filter of somebody else's that decides on what comes in."""
    done = host.run("nft", "-j", "list", "chains", check=False)
    chains = json.loads(done.stdout or b"{}").get("nftables", [])
    found = [
        f"table {chain['family']} {chain['table']}, chain {chain['name']}"
        f"{', policy drop' if chain.get('policy') == 'drop' else ''}"
        for chain in (row.get("chain", {}) for row in chains)
        if chain.get("hook") in ("input", "prerouting", "ingress")
        and chain.get("type") == "filter"
        and not chain["table"].startswith("falcot_rtc_")
    ]
    # The tables of iptables-legacy, which nft does not see.
    legacy = {*host.text("/proc/net/ip_tables_names").split()}
    legacy |= {*host.text("/proc/net/ip6_tables_names").split()}
    return found + [f"iptables-legacy, table {name}" for name in sorted(legacy)]


def shut(host: Host, site: Site, ports: tuple[int, ...]) -> list[Socket]:
    """Listeners of others that could be reached so far and then no more."""
    also = {tuple(one.split("/")) for one in site.tunables["firewall"]["also-open"]}
    open_ = {(e.protocol, e.port) for e in site.endpoints if e.last_port is None}
    ranges = [(e.protocol, e.ports) for e in site.endpoints if e.last_port is not None]
    found = {
        (s.protocol, s.address, s.port): s
        for s in listening.present(host)
        if not s.address.startswith("127.")
        and s.address != "::1"
        and (s.protocol, s.port) not in open_
        and (s.protocol, str(s.port)) not in also
        and not (s.protocol == "tcp" and s.port in ports)
        and not any(s.protocol == protocol and s.port in ports_ for protocol, ports_ in ranges)
    }
    return [found[key] for key in sorted(found)]


def main(argv: list[str]) -> int:
    host = Host()
    try:
        if argv == ["load"]:
            load(host, complete(host, host.text(LOADED), os.environ))
        elif argv == ["unload"]:
            unload(host)
        else:
            print("usage: firewall load|unload", file=sys.stderr)
            return 2
    except FalcotError as error:
        print(f"falcot-rtc: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
