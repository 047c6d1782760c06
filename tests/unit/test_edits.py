# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from falcot_rtc import edits
from falcot_rtc.resources import TreeFile
from tests.unit.test_plan import FILE, planned, settled


def test_what_differs_from_what_was_rendered_is_an_edit() -> None:
    edit = TreeFile(path=FILE.path, content="my own\n")
    now = settled(tree={FILE.path: edit}, rendered={FILE.path: edits.fingerprint(FILE.content)})
    assert edits.edited(now) == [FILE.path]


def test_a_file_that_is_gone_or_of_an_unrecorded_generation_is_none() -> None:
    digest = edits.fingerprint(FILE.content)
    assert edits.edited(settled(tree={}, rendered={FILE.path: digest})) == []
    assert edits.edited(settled(rendered={})) == []


def test_what_was_rendered_otherwise_is_no_edit() -> None:
    old = TreeFile(path=FILE.path, content="older\n")
    now = settled(tree={FILE.path: old}, rendered={FILE.path: edits.fingerprint(old.content)})
    assert edits.edited(now) == []
    assert planned(now)[0] == "write generation 5"
