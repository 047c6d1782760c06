# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write whole files into a directory that a daemon's user may own, and trust nothing found there.

Every step is relative to an open directory and follows no symbolic link (openat(2), O_NOFOLLOW): a
daemon that was taken over can't have root write or delete anywhere else.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from falcot_rtc.errors import FalcotError

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Descriptors that one replace_all() holds open.
_AT_ONCE = 100
# From so many files on, flushing all that the file system holds costs less.
_MANY = 10
_INSTALLED = "is the service installed whose directory this is?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Numeric owner; -1 leaves what the file system gives."""

    uid: int = -1
    gid: int = -1


# The owner that the file system gives.
AS_IS = Owner()


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Owner and mode of a file or a directory."""

    owner: Owner
    mode: int


@contextmanager
def opened(base: Path, *below: str, make: Node | None = None) -> Iterator[int]:
    """A descriptor of the directory `base`/`below`…; missing ones below `base` are made as `make`.

    FileNotFoundError if one is missing and `make` is None, FalcotError if one is a link or no
    directory.
    """
    try:
        descriptor = os.open(base, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError as error:
        if make is None:
            raise
        raise FalcotError(f"{base}: there is no such directory", hint=_INSTALLED) from error
    try:
        for name in below:
            if make is not None:
                _make(descriptor, name, make)
            try:
                inner = os.open(name, _DIRECTORY, dir_fd=descriptor)
            except FileNotFoundError:
                raise
            except OSError as error:
                raise FalcotError(
                    f"{base}/{'/'.join(below)}: {name!r} is not a directory: {error.strerror}",
                    hint="links are not followed here; remove what is in the way",
                ) from error
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def _make(descriptor: int, name: str, node: Node) -> None:
    with suppress(FileExistsError):
        os.mkdir(name, 0o700, dir_fd=descriptor)
        made = os.open(name, _DIRECTORY, dir_fd=descriptor)
        try:
            os.fchown(made, node.owner.uid, node.owner.gid)
            os.fchmod(made, node.mode)
        finally:
            os.close(made)


def read(descriptor: int, name: str, *, limit: int = -1) -> bytes:
    """The content of a plain file, or so many bytes of it; FalcotError if it is a link."""
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=descriptor)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise FalcotError(f"{name}: {error.strerror}", hint="remove what is in the way") from error
    with os.fdopen(file, "rb") as content:
        return content.read(limit)


def replace(descriptor: int, name: str, content: bytes, node: Node) -> None:
    """Put `content` under `name` at once: a reader sees the old file or the new one, whole."""
    replace_all(descriptor, {name: content}, node)


def replace_all(descriptor: int, files: Mapping[str, bytes], node: Node) -> None:
    """The same for many files, each at once, in less time than one by one."""
    names = list(files)
    for start in range(0, len(names), _AT_ONCE):
        _replace(descriptor, {name: files[name] for name in names[start : start + _AT_ONCE]}, node)
    os.fsync(descriptor)


def _replace(descriptor: int, files: Mapping[str, bytes], node: Node) -> None:
    scratch = {name: f".{name[:200]}.new" for name in files}
    written: dict[str, int] = {}
    try:
        for name, content in files.items():
            # What a killed writer left: the lock of writers allows no other.
            _unlink(descriptor, scratch[name])
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            file = os.open(scratch[name], flags, 0o600, dir_fd=descriptor)
            written[name] = file
            os.fchown(file, node.owner.uid, node.owner.gid)
            os.fchmod(file, node.mode)
            _write(file, content)
        _sync(descriptor, list(written.values()))
        for name in written:
            os.rename(scratch[name], name, src_dir_fd=descriptor, dst_dir_fd=descriptor)
    except BaseException:
        for name in written:
            _unlink(descriptor, scratch[name])
        raise
    finally:
        for file in written.values():
            os.close(file)


def _sync(descriptor: int, files: Sequence[int]) -> None:
    """Make all that was written to the files, which are in that directory, durable."""
    if len(files) < _MANY:
        for file in files:
            os.fsync(file)
    elif ctypes.CDLL(None, use_errno=True).syncfs(descriptor) != 0:
        # syncfs(2): one commit of the file system's journal, not one a file.
        raise OSError(ctypes.get_errno(), "syncfs")


def append(descriptor: int, name: str, content: bytes) -> None:
    """Add `content` to the end of a plain file, durably."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    file = os.open(name, flags, dir_fd=descriptor)
    try:
        _write(file, content)
        os.fsync(file)
    finally:
        os.close(file)


def _write(file: int, content: bytes) -> None:
    while content:
        content = content[os.write(file, content) :]


def _unlink(descriptor: int, name: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=descriptor)


def remove(descriptor: int, *names: str) -> None:
    """Remove the names; they need not exist."""
    for name in names:
        _unlink(descriptor, name)
    os.fsync(descriptor)


def own(descriptor: int, node: Node) -> None:
    """Give an open directory the owner and mode of `node`, if it has others."""
    present = os.fstat(descriptor)
    if stat.S_IMODE(present.st_mode) != node.mode:
        os.fchmod(descriptor, node.mode)
    wanted = (node.owner.uid, node.owner.gid)
    if any(
        new not in (-1, old)
        for new, old in zip(wanted, (present.st_uid, present.st_gid), strict=True)
    ):
        os.fchown(descriptor, *wanted)


def size(descriptor: int, name: str) -> int:
    """Of the file, in bytes."""
    return os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_size


def exists(descriptor: int, name: str) -> bool:
    """Whether the name is there, be it a file or anything else."""
    try:
        os.stat(name, dir_fd=descriptor, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def names(descriptor: int) -> tuple[str, ...]:
    """What the directory contains, sorted."""
    return tuple(sorted(os.listdir(descriptor)))


def directories(descriptor: int) -> tuple[str, ...]:
    """The directories among them, sorted; links are none."""
    with os.scandir(descriptor) as entries:
        return tuple(sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False)))
