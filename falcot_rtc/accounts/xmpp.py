# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""prosody's account files (mod_auth_internal_hashed on mod_storage_internal, prosody 13).

/var/lib/prosody/HOST/accounts/USER.dat, both names percent-encoded as util.datamanager does. The
directories belong to prosody, which reads a file anew at every login.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from falcot_rtc.accounts import directory, names
from falcot_rtc.accounts.account import Account
from falcot_rtc.accounts.directory import Node, Owner
from falcot_rtc.accounts.hashes import ScramKind
from falcot_rtc.accounts.projections import Changes, Row
from falcot_rtc.errors import FalcotError

STORE = "accounts"
_SUFFIX = ".dat"
_NUMBERS = ("created", "updated", "iteration_count")
_TEXTS = ("salt", "stored_key", "server_key")
# One assignment of a serialised Lua table; a text in these files needs no escape but these.
_ENTRY = re.compile(r'\s*\["(\w+)"\]\s*=\s*(?:"((?:[^"\\\n]|\\.)*)"|([\w.]+))\s*;')
_TABLE = re.compile(rf"\s*return\s*\{{((?:{_ENTRY.pattern})*)\s*\}}\s*;?\s*", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class XmppProjection:
    """The account files of `domains` below `data`, prosody's data directory.

    `kind` is prosody's password_hash: an account with another one could not log in.
    """

    data: Path
    domains: tuple[str, ...]
    kind: ScramKind
    prosody: Owner
    name: str = "xmpp"

    def rows(self, accounts: Iterable[Account]) -> Mapping[str, Row]:
        """The fields of a file by name@domain; FalcotError for a hash that prosody can't use."""
        rows = {}
        for one in accounts:
            scram = one.scram
            if one.domain not in self.domains or scram is None:
                continue
            if scram.kind is not self.kind:
                raise FalcotError(
                    f"{one.address}: hashed with {scram.kind}, but prosody's password_hash is"
                    f" {self.kind}",
                    hint=f"set the password again: falcot-rtc user passwd {one.address}",
                )
            numbers = (one.created, one.updated, scram.iterations)
            texts = (scram.salt, scram.stored_key, scram.server_key)
            rows[one.address] = (*map(str, numbers), *texts)
        return rows

    def read(self) -> Mapping[str, Row]:
        """The fields of every file by name@domain; no field for one which is not as we write it."""
        return {
            f"{_user(file)}@{domain}": row
            for domain in self.domains
            for file, row in self._files(domain)
        }

    def keys(self, name: str, domain: str) -> frozenset[str]:
        return frozenset((f"{name}@{domain}",) if domain in self.domains else ())

    @property
    def begun(self) -> bool:
        """Whether a domain has its directory; prosody's own was made anew if none has."""
        return any((self.data / encode(domain) / STORE).is_dir() for domain in self.domains)

    def write(self, changes: Changes) -> None:
        """Replace or remove one file an account, each at once."""
        folder = Node(owner=self.prosody, mode=0o750)
        file = Node(owner=self.prosody, mode=0o640)
        for domain in sorted({key.rpartition("@")[2] for key in changes.keys}):
            write = {
                _file(key): serialise(row).encode()
                for key, row in sorted(changes.write.items())
                if key.rpartition("@")[2] == domain
            }
            remove = [_file(key) for key in changes.remove if key.rpartition("@")[2] == domain]
            with directory.opened(self.data, encode(domain), STORE, make=folder) as accounts:
                directory.replace_all(accounts, write, file)
                directory.remove(accounts, *remove)
        if any(names.is_reserved(key) for key in changes.keys):
            for domain in self.domains:
                self._sweep(domain)

    def _sweep(self, domain: str) -> None:
        """Remove what prosody keeps in its other stores for checks' accounts that are gone.

        It writes there as a client leaves, so some of it comes after the account was removed.
        """
        try:
            with directory.opened(self.data, encode(domain)) as stores:
                kinds = [kind for kind in directory.directories(stores) if kind != STORE]
            with directory.opened(self.data, encode(domain), STORE) as accounts:
                files = [file for file in directory.names(accounts) if file.endswith(_SUFFIX)]
        except FileNotFoundError:
            # Nobody was ever added there.
            return
        present = {_user(file) for file in files}
        for kind in kinds:
            with directory.opened(self.data, encode(domain), kind) as store:
                for file in directory.names(store):
                    user = decode(file.partition(".")[0])
                    if names.is_reserved(user) and user not in present:
                        directory.remove(store, file)

    def _files(self, domain: str) -> Iterable[tuple[str, Row]]:
        try:
            with directory.opened(self.data, encode(domain), STORE) as accounts:
                return [
                    (name, parse(directory.read(accounts, name)))
                    for name in directory.names(accounts)
                    if name.endswith(_SUFFIX) and name == encode(_user(name)) + _SUFFIX
                ]
        except FileNotFoundError:
            return ()


def encode(name: str) -> str:
    """A name in prosody's store: every byte but ASCII letters and digits as %xx."""
    return "".join(
        chr(byte) if chr(byte).isalnum() and byte < 128 else f"%{byte:02x}"
        for byte in name.encode()
    )


def decode(name: str) -> str:
    """The opposite of encode()."""
    raw = re.sub(rb"%([0-9a-fA-F]{2})", lambda code: bytes.fromhex(code[1].decode()), name.encode())
    return raw.decode(errors="replace")


def _file(key: str) -> str:
    return encode(key.rpartition("@")[0]) + _SUFFIX


def _user(file: str) -> str:
    return decode(file.removesuffix(_SUFFIX))


def serialise(row: Row) -> str:
    """The file of an account, as util.serialization writes it, in a fixed order."""
    values = dict(zip((*_NUMBERS, *_TEXTS), row, strict=True))
    lines = [f'\t["{name}"] = {int(values[name])};\n' for name in _NUMBERS]
    # Salt and keys are hex digits and hyphens: nothing to escape in Lua.
    lines += [f'\t["{name}"] = "{values[name]}";\n' for name in _TEXTS]
    return f"return {{\n{''.join(lines)}}};\n"


def parse(content: bytes) -> Row:
    """The opposite of serialise(), in any order; () if a field is missing, odd or too much."""
    table = _TABLE.fullmatch(content.decode(errors="replace"))
    if table is None:
        return ()
    values = {
        match[1]: match[2] if match[3] is None else match[3] for match in _ENTRY.finditer(table[1])
    }
    if values.keys() != {*_NUMBERS, *_TEXTS}:
        return ()
    return tuple(values[name] for name in (*_NUMBERS, *_TEXTS))
