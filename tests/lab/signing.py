# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A throw-away OpenPGP key in the cache, and signatures by it (gpg(1), apt-secure(8))."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.cache import cache, ensure
from tests.lab.command import run

SECRET = "secret.asc"
PUBLIC = "public.gpg"
IDENTITY = "falcot-rtc lab (throw-away key)"


@contextmanager
def _gpg() -> Iterator[tuple[str, ...]]:
    """gpg with a home of its own in /tmp: an agent's socket path may not exceed 108 bytes."""
    home = tempfile.mkdtemp(prefix="falcot-rtc-gpg-")
    try:
        yield ("gpg", "--homedir", home, "--batch", "--quiet", "--no-tty", "--yes")
    finally:
        run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)
        shutil.rmtree(home, ignore_errors=True)


def _make_key(partial: Path) -> None:
    with _gpg() as gpg:
        # rsa: the oldest apt and every verifier in use can check it.
        unattended = ("--passphrase", "", "--pinentry-mode", "loopback")
        run([*gpg, *unattended, "--quick-generate-key", IDENTITY, "rsa3072", "sign", "never"])
        secret = run([*gpg, *unattended, "--armor", "--export-secret-keys"]).stdout
        run([*gpg, "--output", partial / PUBLIC, "--export"])
    path = partial / SECRET
    path.touch(mode=0o600)
    path.write_text(secret, encoding="utf-8")


def key() -> Path:
    """The directory of the key, made on first use."""
    return ensure(cache() / "key", _make_key)


def keyring() -> Path:
    """The public key in the binary form that apt's Signed-By takes."""
    return key() / PUBLIC


def sign_release(suite: Path) -> None:
    """Write InRelease and Release.gpg next to the Release file in the directory `suite`."""
    release = suite / "Release"
    with _gpg() as gpg:
        run([*gpg, "--import", key() / SECRET])
        sign = (*gpg, "--digest-algo", "SHA512")
        run([*sign, "--output", suite / "InRelease", "--clearsign", release])
        run([*sign, "--output", suite / "Release.gpg", "--armor", "--detach-sign", release])
