# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from falcot_rtc import difference
from falcot_rtc.resources import TreeFile
from tests.unit.test_plan import DROPIN, WANTED, settled


def test_the_secret_is_shown_in_no_diff() -> None:
    old = TreeFile(path="a/a.conf", content="x = 1\nsecret = hush\n")
    new = TreeFile(path="a/a.conf", content="x = 2\nsecret = hush\nother = hush\n")
    shown = difference.diff((new,), settled(tree={old.path: old}), ["hush", ""])
    assert "hush" not in shown
    assert "+x = 2" in shown
    assert "-x = 1" in shown
    assert "+(hidden: carries a secret)" in shown


def test_a_diff_shows_new_changed_and_removed_files() -> None:
    now = settled(
        tree={"gone": TreeFile(path="gone", content="bye\n")}, outside={DROPIN: b"\xff\n"}
    )
    shown = difference.diff(WANTED, now, []).splitlines()
    assert "-bye" in shown
    assert "+one" in shown
    assert f"--- {DROPIN} (now)" in shown
    assert "-\ufffd" in shown
    assert difference.diff(WANTED, settled(), []) == ""
