# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""tests.lab.history: the previous version's trees."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from falcot_rtc.errors import FalcotError
from tests.lab import history, source

ENTRY = """falcot-rtc ({version}) unstable; urgency=medium

  * Follows (0.1-1).

 -- A <a@example.org>  Mon, 23 Nov 2026 20:00:00 +0000

"""
WHO = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")


def git(tree: Path, *argv: str) -> str:
    done = subprocess.run(
        ["git", *WHO, "-C", tree, *argv], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(tree: Path, *versions: str, note: str) -> str:
    """A commit with `note` in a file and entries for `versions`, newest first."""
    (tree / "debian").mkdir(exist_ok=True)
    (tree / "debian" / "changelog").write_text("".join(ENTRY.format(version=v) for v in versions))
    (tree / "note").write_text(note)
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", f"--message={note}")
    return git(tree, "rev-parse", "HEAD")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    subprocess.run(["git", "init", "--quiet", root], check=True)
    (root / "other").write_text("before any changelog")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=start")
    return root


def test_the_previous_version_is_that_of_the_second_entry() -> None:
    text = ENTRY.format(version="1.1-1") + ENTRY.format(version="1.0-1")
    assert history.previous(text) == "1.0-1"
    with pytest.raises(FalcotError, match=r"no version before 1\.1-1"):
        history.previous(ENTRY.format(version="1.1-1"))


def test_the_span_ends_before_the_commit_with_the_next_version(tree: Path) -> None:
    commit(tree, "0.9-1", note="older")
    first = commit(tree, "1.0-1", "0.9-1", note="first")
    last = commit(tree, "1.0-1", "0.9-1", note="more of it")
    commit(tree, "1.1-1", "1.0-1", "0.9-1", note="next")
    commit(tree, "1.1-1", "1.0-1", "0.9-1", note="more of the next")
    assert history.span(tree) == history.Span(version="1.0-1", first=first, last=last)


def test_an_entry_that_is_not_yet_committed_counts(tree: Path) -> None:
    first = commit(tree, "1.0-1", note="first")
    last = commit(tree, "1.0-1", note="last")
    changelog = tree / "debian" / "changelog"
    changelog.write_text(ENTRY.format(version="1.1-1") + changelog.read_text())
    assert history.span(tree) == history.Span(version="1.0-1", first=first, last=last)


def test_a_shallow_clone_is_refused_with_a_way_out(tree: Path, tmp_path: Path) -> None:
    commit(tree, "1.0-1", note="first")
    commit(tree, "1.0-1", note="last")
    commit(tree, "1.1-1", "1.0-1", note="next")
    for depth in (1, 2):
        clone = tmp_path / f"clone-{depth}"
        git(tree, "clone", "--quiet", f"--depth={depth}", f"file://{tree}", str(clone))
        with pytest.raises(FalcotError, match=r"all of version 1\.0-1") as caught:
            history.span(clone)
        assert "git fetch --unshallow" in caught.value.hint


def test_a_checkout_can_be_built_from(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FALCOT_RTC_CACHE", str(tmp_path / "cache"))
    old = commit(tree, "1.0-1", note="old")
    commit(tree, "1.1-1", "1.0-1", note="new")
    made = history.checkout(old, tree)
    assert (made / "note").read_text() == "old"
    assert source.files(made) == source.files(tree)
    assert history.checkout(old, tree) == made
