# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""`falcot-rtc cert install`: take up certificate, chain and key from files as people have them."""

from __future__ import annotations

import argparse
import datetime
import getpass
import sys
from collections.abc import Mapping
from pathlib import Path

from falcot_rtc import (
    apply,
    audit,
    bundle,
    certificates,
    paths,
    publishing,
    settings,
    settings_file,
    sources,
)
from falcot_rtc.errors import UsageError
from falcot_rtc.host import Host
from falcot_rtc.judgement import Pair
from falcot_rtc.policies import tls
from falcot_rtc.policy import Site

CHAIN, KEY = f"{paths.INSTALLED}/fullchain.pem", f"{paths.INSTALLED}/key.pem"
CHOICE = {
    "certificate.path": CHAIN,
    "certificate.key": KEY,
    "certificate.source": "existing",
}


def install(given: argparse.Namespace) -> int:
    host = Host()
    contents = [_content(name) for name in given.files]
    passphrase = None
    if given.password_stdin:
        passphrase = sys.stdin.readline().rstrip("\n").encode()
    pair = _pair(contents, passphrase)
    site, _ = apply.read_site(host)
    _judge(host, site, pair)
    others_wait = bool(apply.prepare(host).lines)
    before = _put(host, pair)
    names = f"{certificates.fingerprint(pair.chain)[:16]} by {certificates.issuer(pair.chain)}"
    if others_wait:
        print("installed; other changes are waiting: falcot-rtc apply carries all of them out")
        return 0
    try:
        done = apply.apply(host)
    except BaseException:
        _restore(host, before)
        raise
    audit.note(f"certificate: {names} was installed by {audit.who()}")
    print(f"the certificate until {certificates.expiry(pair.chain):%Y-%m-%d} is served")
    return 0 if publishing.follow(host, done, print) else 1


def _content(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"cert install: {name}: {error.strerror or error}") from error


def _pair(contents: list[bytes], passphrase: bytes | None) -> Pair:
    try:
        return bundle.pair(contents, passphrase)
    except bundle.NeedsPassphrase as error:
        if passphrase is not None or not sys.stdin.isatty():
            raise UsageError(
                f"cert install: {error.message}",
                hint="give the passphrase on standard input, with --password-stdin",
            ) from error
    return bundle.pair(contents, getpass.getpass("Passphrase: ").encode())


def _judge(host: Host, site: Site, pair: Pair) -> None:
    domains = tuple(domain.name for domain in site.settings.domains)
    faults = certificates.faults(
        pair,
        tls.names(site.settings),
        domains,
        datetime.datetime.now(datetime.UTC),
        host.read(sources.ANCHORS) or b"",
    )
    if faults:
        raise UsageError(f"cert install: {'; '.join(faults)}", hint="nothing was changed")


def _put(host: Host, pair: Pair) -> Mapping[str, bytes | None]:
    """Write files and settings; returns what was there before."""
    with host.lock():
        before = {path: host.read(path) for path in (KEY, CHAIN, paths.SETTINGS)}
        text = settings_file.put(host.text(paths.SETTINGS), CHOICE)
        settings.parse(text)
        host.make_directory(paths.INSTALLED, mode=0o700)
        host.write(KEY, pair.key, mode=0o600)
        host.write(CHAIN, pair.chain, mode=0o600)
        if text.encode() != before[paths.SETTINGS]:
            host.write(paths.SETTINGS, text.encode(), mode=0o644)
    return before


def _restore(host: Host, before: Mapping[str, bytes | None]) -> None:
    with host.lock():
        for path, content in before.items():
            if content is None:
                host.remove(path)
            else:
                host.write(path, content, mode=0o644 if path == paths.SETTINGS else 0o600)
        if before[KEY] is None:
            host.remove_empty_directory(paths.INSTALLED)
