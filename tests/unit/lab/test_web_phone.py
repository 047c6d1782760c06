# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest

from tests.lab import web_phone


def test_a_version_without_a_phone_is_left_as_it_is(tmp_path: Path) -> None:
    web_phone.put(tmp_path / "tree", (Path("setup.py"),), tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_what_was_built_is_put_where_the_package_expects_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With npm's result in the cache already: these tests have no network."""
    tree, target = tmp_path / "tree", tmp_path / "copy"
    source = tree / web_phone.SOURCE / "package.json"
    source.parent.mkdir(parents=True)
    source.write_text("{}")
    built = tmp_path / "built"
    (built / "readable").mkdir(parents=True)
    (built / "phone.js").write_text("short")
    (built / "readable" / "phone.js").write_text("long")
    asked: list[tuple[Path, ...]] = []

    def made(_: Path, names: tuple[Path, ...]) -> Path:
        asked.append(names)
        return built

    monkeypatch.setattr(web_phone, "made", made)
    name = web_phone.SOURCE / "package.json"
    web_phone.put(tree, (Path("setup.py"), name), target)
    assert asked == [(name,)]
    assert (target / "data/web-phone/dist/phone.js").read_text() == "short"
    assert (target / "debian/missing-sources/phone.js").read_text() == "long"
    assert not (target / "data/web-phone/dist/readable").exists()
