# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""tests.lab.source: the tree that a build sees."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from falcot_rtc.errors import FalcotError
from tests.lab.source import copy, files, name, suffixed, tree_digest, version

CHANGELOG = """falcot-rtc (1.0-1) unstable; urgency=medium

  * Mentions (1.0-1) again.

 -- A <a@example.org>  Mon, 23 Nov 2026 20:00:00 +0000

falcot-rtc (0.9) unstable; urgency=medium
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    (root / "debian").mkdir(parents=True)
    (root / "debian" / "rules").write_text("#!/usr/bin/make -f\n")
    (root / "debian" / "rules").chmod(0o755)
    (root / ".gitignore").write_text("/dist/\n")
    (root / "dist").mkdir()
    (root / "dist" / "old.deb").write_text("old")
    (root / "link").symlink_to("missing")
    subprocess.run(["git", "init", "--quiet", root], check=True)
    return root


def test_files_are_untracked_ones_too_but_not_ignored_ones(tree: Path) -> None:
    assert [str(name) for name in files(tree)] == [".gitignore", "debian/rules", "link"]


def test_deleted_files_are_left_out(tree: Path) -> None:
    subprocess.run(["git", "-C", tree, "add", "debian/rules"], check=True)
    (tree / "debian" / "rules").unlink()
    assert Path("debian/rules") not in files(tree)


def test_digest_follows_content_name_and_mode(tree: Path) -> None:
    names = files(tree)
    before = tree_digest(tree, names)
    assert tree_digest(tree, names) == before
    (tree / "debian" / "rules").chmod(0o644)
    without_mode = tree_digest(tree, names)
    assert without_mode != before
    (tree / "debian" / "rules").write_text("other")
    assert tree_digest(tree, names) != without_mode


def test_copy_keeps_modes_and_links(tree: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    copy(tree, files(tree), target)
    assert (target / "debian" / "rules").stat().st_mode & 0o777 == 0o755
    assert str((target / "link").readlink()) == "missing"
    assert tree_digest(target, files(tree)) == tree_digest(tree, files(tree))


def test_suffix_goes_to_the_newest_version_only() -> None:
    changed = suffixed(CHANGELOG, "~deb13u1")
    assert version(changed) == "1.0-1~deb13u1"
    assert "Mentions (1.0-1) again" in changed
    assert "(0.9)" in changed


def test_the_changelog_names_the_source_package() -> None:
    assert name(CHANGELOG) == "falcot-rtc"


def test_a_changelog_without_version_is_named() -> None:
    with pytest.raises(FalcotError, match="debian/changelog"):
        version("nothing here")
