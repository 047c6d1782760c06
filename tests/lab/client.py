# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The other end of the wire: a root file system of its own in the client's network namespace.

Its programs are Debian's and never run as services of the build machine. The name server there
is nsd(8); it answers for the given zones and knows that no other name exists.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from falcot_rtc.errors import FalcotError
from tests.lab import overlay
from tests.lab.command import CLEAN_ENVIRONMENT, run
from tests.lab.network import CLIENT_IPV4, CLIENT_IPV6, Network, resolv_conf
from tests.lab.nspawn import Process, detached

ENTER = Path(__file__).with_name("enter.py")
LAB = "/srv/lab"
EMPTY_ROOT_ZONE = """$TTL 60
@ IN SOA a.root-servers.invalid. hostmaster.invalid. 1 60 60 3600 60
@ IN NS a.root-servers.invalid.
"""


def outside(network: Network, argv: Sequence[str | Path]) -> tuple[str, ...]:
    """`argv` as a command of the build machine in the client's namespace."""
    return ("ip", "netns", "exec", network.client, *(str(word) for word in argv))


def inside(
    network: Network,
    directory: Path,
    argv: Sequence[str | Path],
    *,
    user: str = "root",
    binds: Mapping[Path, str] | None = None,
) -> tuple[str, ...]:
    """`argv` as a command of the client's own root file system; `binds` are visible in it."""
    mounts = [f"{source}:{target}" for source, target in (binds or {}).items()]
    return (
        "nsenter",
        f"--net={network.client_namespace()}",
        "unshare",
        "--mount",
        "/usr/bin/python3",
        str(ENTER),
        str(overlay.root(directory)),
        user,
        *mounts,
        "--",
        *(str(word) for word in argv),
    )


def set_up(directory: Path, lowers: tuple[Path, ...]) -> None:
    """Mount the client's root file system below `directory`."""
    root = overlay.mount(directory, lowers)
    (root / "etc" / "resolv.conf").write_text(resolv_conf(), encoding="utf-8")
    (root / "etc" / "hosts").write_text("127.0.0.1 localhost\n::1 localhost\n", encoding="utf-8")


def nsd_conf(origins: Sequence[str]) -> str:
    """An nsd.conf(5) that answers for `origins` on every address of the client."""
    lines = ["server:", '  username: ""', '  chroot: ""', '  zonesdir: ""', '  pidfile: ""']
    lines += ['  database: ""', f'  logfile: "{LAB}/nsd.log"', "  server-count: 1"]
    lines += ["  rrl-ratelimit: 0", '  zonelistfile: "/run/nsd.list"', '  xfrdir: "/run"']
    lines += ['  xfrdfile: ""']
    lines += [f"  ip-address: {address}" for address in (*CLIENT_IPV4, *CLIENT_IPV6)]
    lines += ["remote-control:", "  control-enable: no"]
    for origin in origins:
        lines += ["zone:", f'  name: "{origin}"', f'  zonefile: "{zone_file(origin)}"']
    return "\n".join(lines) + "\n"


def delegated(text: str) -> str:
    """The zone with this name server instead of those that it names, as who runs a zone puts it."""
    lines = [line for line in text.splitlines() if not line.startswith("@ IN NS ")]
    lines += ["@ IN NS ns.client", f"ns.client IN A {CLIENT_IPV4[0]}"]
    lines += [f"ns.client IN AAAA {CLIENT_IPV6[0]}"]
    return "\n".join(lines) + "\n"


def zone_file(origin: str) -> str:
    return f"{LAB}/{'root' if origin == '.' else origin}.zone"


def serve(network: Network, directory: Path, zones: Mapping[str, str]) -> Process:
    """Start a name server for `zones` (origin -> zone file text); return when it answers."""
    root = overlay.root(directory)
    (root / LAB.strip("/")).mkdir(parents=True, exist_ok=True)
    served = {".": EMPTY_ROOT_ZONE, **{o: delegated(text) for o, text in zones.items()}}
    for origin, text in served.items():
        (root / zone_file(origin).strip("/")).write_text(text, encoding="utf-8")
        check = ("nsd-checkzone", origin, zone_file(origin))
        run(inside(network, directory, check), hint=f"the zone of {origin} given to the lab")
    conf = root / LAB.strip("/") / "nsd.conf"
    conf.write_text(nsd_conf(tuple(served)), encoding="utf-8")
    command = inside(network, directory, ("nsd", "-d", "-c", f"{LAB}/nsd.conf"))
    with (directory / "nsd.console").open("ab") as output:
        started = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=CLEAN_ENVIRONMENT,
            start_new_session=True,
        )
    server = detached(started)
    query = ("dig", "+short", "+tries=1", "+time=1", f"@{CLIENT_IPV4[0]}", ".", "SOA")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and server.is_alive():
        if run(inside(network, directory, query), check=False).stdout.startswith("a.root"):
            return server
        server.wait(0.05)
    said = (directory / "nsd.console").read_text(encoding="utf-8", errors="replace")
    raise FalcotError(f"the lab's name server does not answer: {said.strip()}")
