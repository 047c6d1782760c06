# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from string import Formatter

from falcot_rtc.probes.table import ROWS, TRANSPORTS


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def test_ids_are_distinct_and_begin_with_a_role() -> None:
    ids = [row.id for row in ROWS]
    assert len(set(ids)) == len(ids)
    assert {i.partition(".")[0] for i in ids} == {"turn", "sip", "xmpp", "web", "{role}"}


def test_ids_tell_what_the_checks_of_a_row_differ_in() -> None:
    for row in ROWS:
        expected = {
            "each": {"family", "transport" if len(fields(row.id)) == 2 else "purpose"},
            "family": {"family"},
            "site": set(),
        }[row.per]
        assert fields(row.id) - {"role"} == expected, row.id


def test_each_need_is_a_row_of_its_own_that_needs_nothing() -> None:
    by_id = {row.id: row for row in ROWS}
    for row in ROWS:
        if row.needs:
            assert not by_id[row.needs].needs
            assert set(row.purposes) <= set(by_id[row.needs].purposes)


def test_purposes_are_known_and_titles_translatable() -> None:
    for row in ROWS:
        assert set(row.purposes) <= set(TRANSPORTS)
        assert row.title
        assert "{" not in row.title
