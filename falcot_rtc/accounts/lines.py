# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A projection's file of rows (falcot_rtc.turn_auth.users) for a reader without the right to write.

A small file, or one with other parameters, is made anew and renamed into place; a large one gets
the changed rows appended, until it has doubled. So a change costs the same at any size, and a
reader without locks or any right to write has a consistent state, whenever a writer is killed. An
SQLite file changed in place would not do: only who may write it can undo a killed transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from falcot_rtc.accounts import directory
from falcot_rtc.accounts.directory import AS_IS, Node, Owner
from falcot_rtc.accounts.projections import Changes, Row
from falcot_rtc.turn_auth import users

# Smaller files are made anew at any change: they keep no key that was replaced.
_SMALL = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesFile:
    """The file `name` in `base` (an existing directory), for the group of `reader`.

    `parameter` is a row that each file of ours has; `former` another file, which goes with the
    first change.
    """

    base: Path
    name: str
    parameter: str
    reader: Owner
    writer: Owner = AS_IS
    former: str = ""

    @property
    def begun(self) -> bool:
        try:
            with directory.opened(self.base.parent, self.base.name) as top:
                return users.size(directory.read(top, self.name, limit=users.HEAD)) is not None
        except FileNotFoundError:
            return False

    def read(self) -> Mapping[str, Row]:
        """Everything in the file; nothing if it is missing or no file of ours, to be made anew."""
        try:
            with directory.opened(self.base.parent, self.base.name) as top:
                found = users.update(users.Rows(), directory.read(top, self.name)).all()
        except FileNotFoundError:
            return {}
        return {key: (value,) for key, value in found.items()} if self.parameter in found else {}

    def write(self, changes: Changes) -> None:
        """Append `changes`, or replace the file by one with them carried out."""
        group = Owner(uid=self.writer.uid, gid=self.reader.gid)
        with directory.opened(self.base.parent, self.base.name) as top:
            directory.own(top, Node(owner=group, mode=0o750))
            if self._appended(top, changes):
                return
            present = {key: value for key, (value,) in self.read().items()}
            rows = {key: value for key, value in present.items() if key not in changes.remove}
            rows |= {key: value for key, (value,) in changes.write.items()}
            directory.replace(top, self.name, users.image(rows), Node(owner=group, mode=0o640))
            if present and self.former:
                directory.remove(top, self.former)

    def _appended(self, top: int, changes: Changes) -> bool:
        if any(key.startswith(users.PARAMETER) for key in changes.keys):
            return False
        if not directory.exists(top, self.name):
            return False
        made = users.size(directory.read(top, self.name, limit=users.HEAD)) or 0
        values: dict[str, str | None] = dict.fromkeys(sorted(changes.remove))
        values |= {key: value for key, (value,) in sorted(changes.write.items())}
        # The newline ends a row of which a killed writer wrote a part.
        more = b"\n" + users.lines(values)
        if made < _SMALL or directory.size(top, self.name) + len(more) > 2 * made:
            return False
        directory.append(top, self.name, more)
        return True
