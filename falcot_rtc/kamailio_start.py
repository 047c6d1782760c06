# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start kamailio on a staged file in an empty network: `kamailio -c` accepts what cannot run.

systemd-run(1) gives it the sandbox of the real unit, a location table of its own, and an end: its
parent returns once every module has been initialised, and with it all the rest is killed.
"""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from falcot_rtc.accounts.sip import image
from falcot_rtc.errors import FalcotError

SCHEMA = Path("/usr/share/kamailio/db_sqlite")
LOCATION = "/var/lib/falcot-rtc/sip/location"
USER = "kamailio"


def command(configuration: str, location: str) -> tuple[str, ...]:
    """The start test of `configuration`, with `location` in place of the live directory."""
    properties = (
        f"User={USER}",
        f"Group={USER}",
        "PrivateNetwork=yes",
        "TemporaryFileSystem=/run/kamailio:mode=0777",
        f"BindPaths={location}:{LOCATION}",
        "ProtectSystem=strict",
        "PrivateTmp=yes",
        "NoNewPrivileges=yes",
        "AmbientCapabilities=CAP_NET_BIND_SERVICE",
        "TimeoutStartSec=30",
        # Asked to end while it still forks, kamailio waits out its exit_timeout of 60 s.
        "KillSignal=SIGKILL",
    )
    return (
        "systemd-run",
        *("--quiet", "--wait", "--collect", "--pipe", "--service-type=oneshot"),
        *(word for name in properties for word in ("--property", name)),
        "--",
        *("/usr/sbin/kamailio", "-E", "-P", "/run/kamailio/kamailio.pid"),
        *("-f", configuration, "-m", "64", "-M", "8"),
    )


def complaints(output: str) -> list[str]:
    """What kamailio called an error or worse, each once."""
    lines = [line.strip() for line in output.splitlines()]
    found = [line for line in lines if "ERROR" in line or "CRITICAL" in line]
    return list(dict.fromkeys(found)) or lines[-3:]


def main(argv: Sequence[str] | None = None) -> int:
    (configuration,) = sys.argv[1:] if argv is None else argv
    if not Path("/run/systemd/system").is_dir():
        print("kamailio: not started for a test, systemd does not run here", file=sys.stderr)
        return 0
    try:
        empty = image(SCHEMA, "standard", "usrloc")
    except FalcotError as error:
        print(error, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="falcot-rtc-", dir="/run") as directory:
        owner = pwd.getpwnam(USER)
        table = Path(directory) / "location.sqlite"
        table.write_bytes(empty)
        for path in (Path(directory), table):
            os.chown(path, owner.pw_uid, owner.pw_gid)
        done = subprocess.run(command(configuration, directory), capture_output=True, text=True)
    if done.returncode:
        print("\n".join(complaints(done.stderr + done.stdout)), file=sys.stderr)
    return 1 if done.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
