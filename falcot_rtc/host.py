# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host: the one place that reads and writes its files and runs its commands."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from falcot_rtc import locking, paths
from falcot_rtc.errors import FalcotError, UsageError

if TYPE_CHECKING:
    from falcot_rtc.probes.ticket import Target

COMMAND_TIMEOUT = 120
LOCK_TIMEOUT = 60
HANDSHAKE_TIMEOUT = 5.0
POLICY_RC_D = "/usr/sbin/policy-rc.d"
FORBIDDEN = 101


class Host:
    """A Debian system below `root`; commands run only where `root` is the running system."""

    lock_timeout = LOCK_TIMEOUT

    def __init__(self, root: Path = Path("/")) -> None:
        self.root = root

    def at(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    # reading

    def exists(self, path: str) -> bool:
        return os.path.lexists(self.at(path))

    def read(self, path: str) -> bytes | None:
        """The content, or None where there is no such file."""
        try:
            return self.at(path).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def text(self, path: str) -> str:
        """The content as UTF-8, empty where there is no such file."""
        content = self.read(path)
        try:
            return (content or b"").decode()
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            byte = error.object[error.start]
            raise UsageError(
                f"{path}: not UTF-8 text: byte 0x{byte:02x} in line {line}",
                hint="save it as UTF-8: iconv -f latin1 -t utf8 converts what an old editor wrote",
            ) from error

    def target(self, path: str) -> str | None:
        """Where a symbolic link points; None for anything else."""
        try:
            return str(self.at(path).readlink())
        except OSError:
            return None

    def names(self, directory: str) -> list[str]:
        """The sorted names in a directory, none where it does not exist."""
        try:
            return sorted(entry.name for entry in self.at(directory).iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []

    def walk(self, directory: str) -> list[str]:
        """The files below a directory, relative to it, sorted."""
        base = self.at(directory)
        return sorted(str(p.relative_to(base)) for p in base.rglob("*") if not p.is_dir())

    def access(self, path: str) -> tuple[str, str, int]:
        """Owner, group and permission bits."""
        status = self.at(path).stat()
        return _user_name(status.st_uid), _group_name(status.st_gid), status.st_mode & 0o7777

    @property
    def has_systemd(self) -> bool:
        return self.at("/run/systemd/system").is_dir()

    # writing

    def ids(self, owner: str, group: str) -> tuple[int, int]:
        """The numbers of a user and a group; raises FalcotError where one does not exist."""
        try:
            return pwd.getpwnam(owner).pw_uid, grp.getgrnam(group).gr_gid
        except KeyError as error:
            raise FalcotError(
                f"user or group {owner}:{group} does not exist",
                hint="is the service's package installed?",
            ) from error

    def own(self, path: Path, owner: str, group: str) -> None:
        os.chown(path, *self.ids(owner, group))

    def make_directory(
        self, path: str, *, owner: str = "root", group: str = "root", mode: int = 0o755
    ) -> None:
        at = self.at(path)
        at.mkdir(parents=True, exist_ok=True)
        self.own(at, owner, group)
        at.chmod(mode)

    def write(
        self, path: str, content: bytes, *, owner: str = "root", group: str = "root", mode: int
    ) -> None:
        """Replace a file atomically and durably; owner and mode hold before the name appears."""
        at = self.at(path)
        with _replacing(at) as temporary:
            with _created(temporary) as stream:
                self.own(temporary, owner, group)
                os.fchmod(stream.fileno(), mode)
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())

    def link(self, path: str, target: str) -> None:
        """Point a symbolic link at `target`, replacing what was there atomically."""
        with _replacing(self.at(path)) as temporary:
            temporary.symlink_to(target)

    def remove(self, path: str) -> None:
        at = self.at(path)
        if at.is_dir() and not at.is_symlink():
            shutil.rmtree(at)
        else:
            at.unlink(missing_ok=True)
            _temporary(at).unlink(missing_ok=True)

    def remove_empty_directory(self, path: str) -> None:
        with contextlib.suppress(OSError):
            self.at(path).rmdir()

    # commands

    def run(
        self,
        *argv: str,
        check: bool = True,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        timeout: int = COMMAND_TIMEOUT,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a command; raises FalcotError with its last words when it fails or is missing."""
        environment = {**os.environ, "LC_ALL": "C.UTF-8", **(env or {})}
        try:
            done = subprocess.run(
                argv, input=stdin, capture_output=True, env=environment, timeout=timeout
            )
        except FileNotFoundError as error:
            raise FalcotError(f"{argv[0]}: no such command") from error
        except subprocess.TimeoutExpired as error:
            raise FalcotError(f"{' '.join(argv)}: no end after {timeout} s") from error
        if check and done.returncode:
            words = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
            raise FalcotError(f"{' '.join(argv)}: {'; '.join(words[-3:]) or done.returncode}")
        return done

    def last_words(self, unit: str) -> str:
        """The unit's last journal lines, on one line."""
        shown = self.run(
            "journalctl", "--unit", unit, "--lines=4", "--output=cat", "--no-pager", check=False
        )
        lines = shown.stdout.decode(errors="replace").strip().splitlines()
        return " / ".join(lines) or f"see journalctl -u {unit}"

    def permits(self, unit: str, action: str) -> bool:
        """Whether policy-rc.d(8) lets us do this; image builds and chroots forbid it."""
        if not self.exists(POLICY_RC_D):
            return True
        name = unit.removesuffix(".service")
        return (
            self.run(str(self.at(POLICY_RC_D)), name, action, check=False).returncode != FORBIDDEN
        )

    def handshake(self, domain: str, target: Target) -> bytes:
        """The leaf certificate (DER) that a port of this host shows; FalcotError if it has none."""
        from falcot_rtc.probes import web_checks
        from falcot_rtc.probes.connection import Deadline, explained

        deadline = Deadline.after(HANDSHAKE_TIMEOUT)
        with explained(f"{target.address} port {target.port}", "shaking hands"):
            return web_checks.served(domain, target, deadline)

    def lock(self) -> AbstractContextManager[None]:
        """The one lock of every writer; raises FalcotError when another holds it for a minute."""
        return locking.locked(self.at(paths.LOCK), self.lock_timeout)


def _temporary(at: Path) -> Path:
    """Always the same name beside `at`: what a killed writer left goes with the next one.

    Two writers at once would take it from each other, so both have to hold the lock.
    """
    return at.with_name(f".{at.name}.falcot-rtc-new")


def _created(path: Path) -> BinaryIO:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags, 0o600), "wb")


@contextlib.contextmanager
def _replacing(at: Path) -> Iterator[Path]:
    """A name to be filled, which then replaces `at`; an OSError names `at`."""
    temporary = _temporary(at)
    try:
        at.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)
        try:
            yield temporary
            temporary.replace(at)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_directory(at.parent)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(at)) from error


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
