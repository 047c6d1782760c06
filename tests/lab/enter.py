# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command inside a root file system: `enter.py ROOT USER [SOURCE:TARGET …] -- COMMAND …`.

A program of its own because it has to run in a mount namespace made for it (unshare(1)).
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
}


def account(passwd: str, user: str) -> tuple[int, int, str]:
    """User id, group id and home of `user`.

    Not pwd.getpwnam(): inside the root it would load name-service plug-ins of another glibc.
    """
    for line in passwd.splitlines():
        fields = line.split(":")
        if fields[0] == user:
            return int(fields[2]), int(fields[3]), fields[5]
    raise LookupError(f"no user {user} in the root file system")


def main(argv: list[str]) -> None:
    split = argv.index("--")
    root, user, *binds = argv[:split]
    mounts = [("--rbind", "/dev", "/dev"), ("--types", "proc", "proc", "/proc")]
    mounts += [("--bind", *bind.split(":", 1)) for bind in binds]
    for *options, target in mounts:
        Path(f"{root}{target}").mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", *options, f"{root}{target}"], check=True)
    # A new network namespace has its loopback interface down.
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    os.chroot(root)
    user_id, group_id, home = account(Path("/etc/passwd").read_text(encoding="utf-8"), user)
    os.chdir(home if Path(home).is_dir() else "/")
    os.setgroups([])
    os.setgid(group_id)
    os.setuid(user_id)
    command = argv[split + 1 :]
    os.execvpe(command[0], command, {**ENVIRONMENT, "HOME": home, "USER": user})


if __name__ == "__main__":
    main(sys.argv[1:])
