# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each verb of falcot-rtc(8) does; errors go up to the CLI."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from falcot_rtc import (
    answers,
    apply,
    difference,
    facts,
    hold,
    idn,
    paths,
    publishing,
    settings,
    settings_file,
    strays,
    tables,
)
from falcot_rtc.apply import Prepared
from falcot_rtc.errors import FalcotError, UsageError, named
from falcot_rtc.host import Host
from falcot_rtc.resources import Unit

if TYPE_CHECKING:
    from falcot_rtc.probes.checks import Result


def setup(given: argparse.Namespace) -> int:
    import getpass

    from falcot_rtc import hooks
    from falcot_rtc import setup as interview

    if not sys.stdin.isatty():
        raise UsageError(
            "setup: standard input is not a terminal",
            hint="use falcot-rtc config set, or preseed debconf",
        )
    host = Host()
    proposed = answers.present(host.text(paths.SETTINGS))
    terminal = interview.Terminal(say=print, ask=input, ask_hidden=getpass.getpass)
    answered = interview.interview(terminal, proposed, every=given.all)
    return hooks.configure(host, answered, by_debconf=False)


def _warn_of_strays(host: Host) -> None:
    for line in strays.found(facts.source(host)):
        print(f"falcot-rtc: warning: {line}", file=sys.stderr)


def plan(given: argparse.Namespace) -> int:
    host = Host()
    prepared = apply.prepare(host)
    secrets = prepared.site.secrets.values() if prepared.site else ()
    changed = difference.diff(prepared.resources, prepared.facts, secrets)
    if changed:
        print(changed + "\n")
    for line in prepared.lines:
        print(line)
    _warn_of_strays(host)
    try:
        apply.look_ahead(host, prepared)
    except FalcotError as error:
        print(f"apply would refuse that: {error}")
        return 1
    if prepared.refused:
        print(f"the certificate is refused, the one before stays in service: {prepared.refused}")
    if not prepared.lines:
        print("nothing to do")
    return 0


def apply_now(given: argparse.Namespace) -> int:
    if given.dry_run:
        return plan(given)
    host = Host()
    done = apply.apply(host)
    if not done.lines:
        print("nothing to do")
    published = publishing.follow(host, done, print)
    _warn_of_strays(host)
    return 1 if done.refused or not published else 0


def _show(results: list[Result], given: argparse.Namespace) -> int:
    from falcot_rtc.probes import outcome

    bad = [r for r in results if r.status == outcome.FAIL]
    doubtful = [r for r in results if r.status == outcome.WARN]
    if given.json:
        print(json.dumps([asdict(r) for r in results], indent=1))
    elif given.nagios:
        word = "CRITICAL" if bad else "WARNING" if doubtful else "OK"
        named = ", ".join(r.id for r in bad + doubtful) or f"{len(results)} checks passed"
        print(f"FALCOT-RTC {word} - {named}")
        return 2 if bad else 1 if doubtful else 0
    else:
        shown = [r for r in results if r.status != outcome.OK] if given.failed else results
        tables.show(
            ((r.status, r.id, r.title, r.detail) for r in shown), ("", "check", "claim", "seen")
        )
        # One service that ended fails a score of checks, which all have the same way out.
        advised: dict[str, list[str]] = {}
        for r in bad + doubtful:
            if r.hint:
                advised.setdefault(r.hint, []).append(r.id)
        for hint, names in advised.items():
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            print(f"{names[0]}{more}: {hint}")
        counts = {s: sum(r.status == s for r in results) for s in ("ok", "warn", "fail", "skip")}
        print(", ".join(f"{number} {status}" for status, number in counts.items() if number))
    return 1 if bad else 0


def _ticket_text(name: str) -> str:
    if name == "-":
        return sys.stdin.read()
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"check: {name}: cannot be read: {error}",
            hint="give the file that `falcot-rtc check --ticket` of the other host filled",
        ) from error


def check(given: argparse.Namespace) -> int:
    from falcot_rtc import check as checking
    from falcot_rtc.probes import checks, ticket

    if given.ticket_file:
        text = _ticket_text(given.ticket_file)
        return _show(list(checks.run(ticket.loads(text))), given)
    host = Host()
    if given.ticket:
        site, _ = apply.read_site(host)
        sys.stdout.write(ticket.dumps(checking.ticket(host, site)))
        return 0
    return _show(checking.check(host), given)


def _seen(host: Host) -> tuple[Prepared, FalcotError | None]:
    """What is and what would be; with settings that describe no site, what is, and why."""
    try:
        return apply.prepare(host), None
    except FalcotError as error:
        stock = facts.gather(host, (), hold.units(), ())
        return Prepared(facts=stock), error


def status(given: argparse.Namespace) -> int:
    host = Host()
    prepared, wrong = _seen(host)
    site, states = prepared.site, prepared.facts.units
    units = [r.name for r in prepared.resources if isinstance(r, Unit)]
    if wrong:
        units = [name for name, state in sorted(states.items()) if state.loaded]
    shown = {
        "managed": site is not None,
        "error": str(wrong or ""),
        "generation": facts.generation(host),
        "domains": [d.name for d in site.settings.domains] if site else [],
        "services": list(site.settings.services) if site else [],
        "held": list(hold.held(host)),
        "units": {u: asdict(states[u]) for u in units},
        "overlays": {p: sorted(files) for p, files in site.overlays.items()} if site else {},
        "pending": prepared.lines,
    }
    if given.json:
        print(json.dumps(shown, indent=1))
        return wrong.exit_code if wrong else 0
    if not wrong:
        domains = [idn.shown(d.name) for d in site.settings.domains] if site else []
        print(f"domains     {', '.join(domains) or 'none: not managed'}")
        print(f"services    {', '.join(shown['services'])}")  # type: ignore[arg-type]
    print(f"generation  {shown['generation'] or 'none'}")
    for unit in units:
        state = states[unit]
        words = ["runs" if state.active else "does not run"]
        words = ["keeps failing"] if state.failing else words
        words += [] if state.enabled else ["not enabled"]
        print(f"unit        {unit}: {', '.join(words)}")
    for unit in hold.held(host):
        print(f"held        {unit}: not configured yet")
    for line in prepared.lines:
        print(f"pending     {line}")
    if wrong:
        raise wrong
    _warn_of_strays(host)
    return 0


def config_get(given: argparse.Namespace) -> int:
    text = Host().text(paths.SETTINGS)
    document = settings.load(text) if text else {}
    if given.key is None:
        for key in settings.KEYS:
            print(f"{key.path}\t{settings_file.flat(document, key.path)}")
        return 0
    if given.key not in settings.BY_PATH:
        known = ", ".join(settings.BY_PATH)
        raise UsageError(f"config: {given.key}: no such key", hint=f"known keys: {known}")
    print(settings_file.flat(document, given.key))
    return 0


def _fit_together(text: str) -> None:
    """Raise UsageError where keys that are right one by one describe no site."""
    try:
        settings.parse(text)
    except UsageError as error:
        together = "keys that need each other: falcot-rtc config set KEY VALUE KEY VALUE"
        raise UsageError(error.message, hint=f"{error.hint}; {together}") from error


def config_set(given: argparse.Namespace) -> int:
    keys, values = given.pairs[::2], given.pairs[1::2]
    if len(keys) != len(values):
        raise UsageError(
            f"config set: {named(keys[-1])}: a value is missing behind it",
            hint="an empty value, '', removes a key",
        )
    if len(set(keys)) != len(keys):
        raise UsageError("config set: a key is given twice", hint="give it once")
    host = Host()
    with host.lock():
        after = host.text(paths.SETTINGS)
        changed = {}
        for key, value in zip(keys, values, strict=True):
            text = settings_file.put(after, {key: value}, settings_file.explained(key))
            if text != after:
                changed[key] = value
            after = text
        _fit_together(after)
        if changed and not given.check:
            host.write(paths.SETTINGS, after.encode(), mode=0o644)
    for key, value in changed.items():
        done = "would change" if given.check else "is set" if value else "is removed"
        print(f"{key} {done}" + ("" if given.check else "; falcot-rtc apply makes it so"))
    return 1 if changed and given.check else 0


def dump_preseed(given: argparse.Namespace) -> int:
    text = Host().text(paths.SETTINGS)
    if not text:
        raise FalcotError(
            f"{paths.SETTINGS}: does not exist", hint="run dpkg-reconfigure falcot-rtc"
        )
    values = answers.present(text)
    for q in answers.KEYED:
        print(f"falcot-rtc {q.name} {q.type} {values[q.name]}".rstrip())
    return 0
