# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from falcot_rtc import edits
from falcot_rtc.resources import TreeFile
from tests.unit.test_plan import DROPIN, FILE, WANTED, planned, settled


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


WRITTEN = {DROPIN: (edits.fingerprint("[Service]\n"), edits.fingerprint("newer"))}


def test_outside_the_generations_edits_are_told_from_what_was_written() -> None:
    for untouched in (b"[Service]\n", b"newer"):
        outside = {**settled().outside, DROPIN: untouched}
        assert edits.edited_outside(settled(outside=outside, written=WRITTEN), WANTED) == {}
    edited = {**settled().outside, DROPIN: b"# \xe4\n"}
    now = settled(outside=edited, written=WRITTEN)
    assert edits.edited_outside(now, WANTED) == {DROPIN: "# \udce4\n"}


def test_without_digests_of_an_earlier_version_nothing_is_called_an_edit() -> None:
    assert edits.edited_outside(settled(outside={DROPIN: b"older\n"}), WANTED) == {}


def test_a_file_in_the_place_of_a_link_is_an_edit() -> None:
    outside = {**settled().outside, "/etc/a/a.conf": b"my own\n"}
    now = settled(outside=outside, written=WRITTEN)
    assert edits.edited_outside(now, WANTED) == {"/etc/a/a.conf": "my own\n"}
