# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""`falcot-rtc user import` and `user export`: many people at once, or a whole site."""

from __future__ import annotations

import argparse
import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from falcot_rtc import paths
from falcot_rtc.errors import FalcotError, UsageError, named
from falcot_rtc.host import Host

NICENESS = 10


def user_import(given: argparse.Namespace) -> int:
    from falcot_rtc import apply
    from falcot_rtc.accounts import sync
    from falcot_rtc.accounts.bulk import Import
    from falcot_rtc.accounts.formats import readers, text
    from falcot_rtc.accounts.merge import Terms
    from falcot_rtc.undumped import undumped

    if given.passwords and not given.generate:
        raise UsageError("user import: --passwords is for --generate")
    form = given.format or ("csv" if given.file == "-" else readers.guess(given.file))
    undumped()
    # It takes every processor, and people are on the telephone.
    os.nice(NICENESS)
    host = Host()
    site, _ = apply.read_site(host)
    domains = tuple(domain.name for domain in site.settings.domains)
    terms = Terms(
        domains=domains,
        domain=(given.domain or site.settings.domain).lower(),
        realm=site.settings.realm,
        kind=sync.kind(site),
    )
    if terms.domain not in domains:
        raise UsageError(
            f"user import: --domain {named(given.domain)} is none of {', '.join(domains)}"
        )
    before = host.text(paths.SETTINGS)

    @contextmanager
    def lock() -> Iterator[None]:
        with host.lock():
            if host.text(paths.SETTINGS) != before:
                raise FalcotError(
                    "user import: the site's settings changed meanwhile", hint="run it again"
                )
            yield

    with (
        _opened(given.file) as stream,
        _kept(given.passwords) as passwords,
        _progress(stream, given.dry_run) as progress,
        sync.open_store(host) as store,
    ):
        bulk = Import(
            store=store,
            projections=() if given.dry_run else sync.projections(host, site),
            terms=terms,
            lock=lock,
            generate=given.generate,
            tell=lambda pairs: _tell(passwords, pairs),
            progress=progress,
        )
        found = readers.FORMATS[form](text.lines(stream))
        outcome = bulk.rehearse(found) if given.dry_run else bulk.run(found)
    for note in outcome.notes:
        print(f"{given.file}:{note.line}: note: {note.text}", file=sys.stderr)
    for row in sorted(outcome.refused, key=lambda one: one.line):
        who = f"{named(row.name)}: " if row.name else ""
        print(f"{given.file}:{row.line}: {who}{row.reason}", file=sys.stderr)
    if outcome.waiting:
        print("these wait for a new password: falcot-rtc user passwd NAME", file=sys.stderr)
    for address, lacks in outcome.waiting:
        print(f"  {address} for {', '.join(lacks)}", file=sys.stderr)
    would = "would be " if given.dry_run else ""
    print(
        f"{outcome.added} {would}added, {outcome.changed} {would}changed,"
        f" {outcome.unchanged} as they were, {len(outcome.refused)} refused",
        file=sys.stderr,
    )
    return 1 if outcome.refused else 0


def user_export(given: argparse.Namespace) -> int:
    from falcot_rtc.accounts import sync
    from falcot_rtc.accounts.formats import jsonl, people
    from falcot_rtc.undumped import undumped

    undumped()
    with sync.open_store(Host()) as store:
        accounts = store.accounts()
    secret = given.format == "jsonl"
    with _kept(given.output, anew=True) as output:
        if secret and output is sys.stdout and _read_by_others(output):
            print(
                "warning: with these hashes anybody can log in as these people; use --output FILE",
                file=sys.stderr,
            )
        output.writelines((jsonl if secret else people).write(accounts))
    return 0


def _read_by_others(output: TextIO) -> bool:
    status = os.fstat(output.fileno())
    return output.isatty() or (stat.S_ISREG(status.st_mode) and bool(status.st_mode & 0o077))


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = Path(file).open("rb")  # noqa: SIM115
    except OSError as error:
        raise UsageError(f"{named(file)}: {error.strerror}") from error
    with stream:
        yield stream


@contextmanager
def _kept(file: str | None, *, anew: bool = False) -> Iterator[TextIO]:
    """A file that only root reads, or standard output."""
    if not file:
        yield sys.stdout
        return
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(file, flags | (0 if anew else os.O_APPEND), 0o600)
    except OSError as error:
        raise UsageError(f"{named(file)}: {error.strerror}") from error
    with os.fdopen(descriptor, "w" if anew else "a") as stream:
        os.fchmod(descriptor, 0o600)
        if anew:
            os.ftruncate(descriptor, 0)
        yield stream


def _tell(output: TextIO, passwords: Sequence[tuple[str, str]]) -> None:
    from falcot_rtc.accounts.formats import people

    output.writelines(people.row(*pair) for pair in passwords)
    output.flush()
    if passwords and stat.S_ISREG(os.fstat(output.fileno()).st_mode):
        os.fsync(output.fileno())


@contextmanager
def _progress(stream: BinaryIO, rehearsal: bool) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, with an end if the file's length can be known."""
    if not sys.stderr.isatty():
        yield lambda line: None
        return
    from rich.console import Console
    from rich.progress import Progress

    total = None
    if stream.seekable():
        total = sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(1 << 20), b""))
        stream.seek(0)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("checking" if rehearsal else "importing", total=total)
        yield lambda line: bar.update(task, completed=line)
