# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring in many people: hashed on all processors, stored and projected a batch at a time.

Each batch is one change under the lock of all writers, which is free in between. The store comes
first, and knows what it has not told yet: a killed import leaves every account whole or absent
once any later change has been told. Whoever has his password already costs no hash, so a second
import goes on where the first one ended.
"""

from __future__ import annotations

import itertools
import os
import secrets
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import cast

from falcot_rtc.accounts import hashes
from falcot_rtc.accounts import verifier as verifiers
from falcot_rtc.accounts.account import Account
from falcot_rtc.accounts.formats.entry import Entry, Found, Note, Refused
from falcot_rtc.accounts.merge import Terms, agrees, merged, screened
from falcot_rtc.accounts.projections import Projection, catch_up
from falcot_rtc.accounts.store import AccountStore
from falcot_rtc.accounts.verifier import Verifier
from falcot_rtc.errors import UsageError

# Rows of one change, and how many such are hashed while one is written.
BATCH = 200
AHEAD = 2


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of the rows; `waiting` names who lacks a log-in, and which."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list)
    waiting: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A row that was found good, and what hashes its password; None if there is nothing to hash."""

    entry: Entry
    made: Future[Verifier] | None = None
    generated: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import. `lock` is held for each batch; `tell` takes its generated passwords, by address,
    before they are in force, and keeps them; `progress` takes the number of the last line done.
    """

    store: AccountStore
    projections: Sequence[Projection]
    terms: Terms
    lock: Callable[[], AbstractContextManager[None]]
    generate: bool = False
    tell: Callable[[Sequence[tuple[str, str]]], None] = lambda passwords: None
    progress: Callable[[int], None] = lambda line: None
    outcome: Outcome = field(default_factory=Outcome)
    _lines: dict[str, int] = field(default_factory=dict, repr=False)

    def run(self, found: Found) -> Outcome:
        """Bring in every good row."""
        with self.lock():
            catch_up(self.store, self.projections)
        # PBKDF2 works without the interpreter's lock: threads use every processor, and no
        # second process ever sees a password.
        pool = ThreadPoolExecutor(len(os.sched_getaffinity(0)))
        try:
            waiting: deque[list[Job]] = deque()
            for jobs in self._batches(found, pool):
                waiting.append(jobs)
                if len(waiting) > AHEAD:
                    self._write(waiting.popleft())
            while waiting:
                self._write(waiting.popleft())
        finally:
            pool.shutdown(cancel_futures=True)
        return self.outcome

    def rehearse(self, found: Found) -> Outcome:
        """Say what run() would do, and change nothing."""
        try:
            with self.lock(), self.store.batch() as put:
                for jobs in self._batches(found, None):
                    for job in jobs:
                        self._put(job, put)
                    self._done(jobs)
                raise _Rehearsed
        except _Rehearsed:
            return self.outcome

    def _batches(self, found: Found, pool: ThreadPoolExecutor | None) -> Iterator[list[Job]]:
        while rows := list(itertools.islice(found, BATCH)):
            yield [job for row in rows if (job := self._job(row, pool)) is not None]

    def _job(self, row: Entry | Refused | Note, pool: ThreadPoolExecutor | None) -> Job | None:
        if isinstance(row, Note):
            self.outcome.notes.append(row)
            return None
        if isinstance(row, Refused):
            self.outcome.refused.append(row)
            return None
        entry = row
        try:
            entry = screened(row, self.terms)
            self._first(entry)
            known = self.store.find(entry.name, entry.domain)
            if entry.verifier is not None or (known and agrees(entry, known, self.terms)):
                return Job(entry=entry)
            generated = None
            if entry.password is None:
                if not self.generate:
                    raise UsageError("no password", hint="--generate makes one for such rows")
                generated = secrets.token_urlsafe(12)
            password = generated or entry.password or ""
            if pool is None:
                made: Future[Verifier] = Future()
                made.set_result(self._hash(entry, password, iterations=1))
            else:
                made = pool.submit(self._hash, entry, password)
            return Job(entry=entry, made=made, generated=generated)
        except UsageError as error:
            self._refuse(entry, error)
            return None

    def _first(self, entry: Entry) -> None:
        address = f"{entry.name}@{entry.domain}"
        line = self._lines.setdefault(address, entry.line)
        if line != entry.line:
            raise UsageError(f"line {line} has {address} already")

    def _refuse(self, entry: Entry, error: UsageError) -> None:
        name = f"{entry.name}@{entry.domain}" if entry.domain else entry.name
        self.outcome.refused.append(Refused(line=entry.line, name=name, reason=str(error)))

    def _hash(
        self, entry: Entry, password: str, *, iterations: int = hashes.ITERATIONS
    ) -> Verifier:
        realm, kind = self.terms.realm, self.terms.kind
        return verifiers.of_password(
            entry.name, entry.domain, realm, password, kind, iterations=iterations
        )

    def _write(self, jobs: list[Job]) -> None:
        for job in jobs:
            if job.made is not None:
                # Before the lock: it is for writing, not for waiting.
                job.made.exception()
        as_they_are = [self._as_it_is(job) for job in jobs]
        if all(as_they_are):
            for account in as_they_are:
                self._count(cast(Account, account), new=None)
        else:
            with self.lock():
                with self.store.batch() as put:
                    generated = [told for job in jobs if (told := self._put(job, put))]
                    self.tell(generated)
                catch_up(self.store, self.projections)
        self._done(jobs)

    def _done(self, jobs: list[Job]) -> None:
        if jobs:
            self.progress(jobs[-1].entry.line)

    def _as_it_is(self, job: Job) -> Account | None:
        """The account, if nothing about it changes."""
        known = self.store.find(job.entry.name, job.entry.domain)
        if job.made is not None or known is None or not agrees(job.entry, known, self.terms):
            return None
        return known if merged(job.entry, known, None) == known else None

    def _put(self, job: Job, put: Callable[[Account], None]) -> tuple[str, str] | None:
        """Decided anew, for others had their turn since; returns a generated password's."""
        entry = job.entry
        known = self.store.find(entry.name, entry.domain)
        try:
            verifier = None
            if known is None or not agrees(entry, known, self.terms):
                verifier = self._verifier(job)
            account = merged(entry, known, verifier)
            if account != known:
                put(account)
        except UsageError as error:
            self._refuse(entry, error)
            return None
        self._count(account, new=None if account == known else known is None)
        return (account.address, job.generated) if job.generated and verifier else None

    def _verifier(self, job: Job) -> Verifier:
        entry = job.entry
        if entry.verifier is not None:
            return entry.verifier
        if job.made is not None:
            return job.made.result()
        if entry.password is None and job.generated is None:
            raise UsageError("somebody deleted the account, and the row has no password")
        # Somebody else changed the account just now.
        return self._hash(entry, entry.password or job.generated or "")

    def _count(self, account: Account, *, new: bool | None) -> None:
        """`new` is None for an account that was so already."""
        self.outcome.unchanged += new is None
        self.outcome.added += new is True
        self.outcome.changed += new is False
        lacks = account.lacks(self.terms.realm)
        if lacks:
            self.outcome.waiting.append((account.address, lacks))


class _Rehearsed(Exception):
    """Ends the transaction of a rehearsal."""
