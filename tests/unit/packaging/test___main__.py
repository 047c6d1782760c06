# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import gzip
import lzma
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from falcot_rtc.packaging import __main__ as packaging
from falcot_rtc.packaging import files, relations
from falcot_rtc.policies import ALL

DEBIAN = Path(__file__).parents[3] / "debian"


def test_generated_files_of_debian_are_what_the_policies_say() -> None:
    wanted = files.expected(ALL, packaging.config(DEBIAN))
    assert files.stale(wanted, packaging.present(DEBIAN)) == ()


def test_generate_repairs_what_check_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(DEBIAN, tmp_path / "debian")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "debian" / "falcot-rtc.templates").write_text("stale\n", encoding="utf-8")
    (tmp_path / "debian" / "policy.d" / "gone.toml").write_text("#\n", encoding="utf-8")
    assert packaging.main(["check"]) == 1
    assert "debian/falcot-rtc.templates, debian/policy.d/gone.toml" in capsys.readouterr().err
    assert packaging.main(["generate"]) == 0
    assert packaging.main(["check"]) == 0
    assert not (tmp_path / "debian" / "policy.d" / "gone.toml").exists()


def test_substvars_of_a_release(capsys: pytest.CaptureFixture[str]) -> None:
    assert packaging.main(["substvars", "--release", "trixie"]) == 0
    assert capsys.readouterr().out == (
        f"falcot-rtc:Depends={relations.depends(ALL, 'trixie')}\n"
        f"falcot-rtc:Recommends={relations.recommends(ALL, 'trixie')}\n"
    )


def test_unknown_release_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert packaging.main(["preferences", "--release", "sarge"]) == 2
    assert "release 'sarge' is not one of" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("suffix", "pack"), [("", bytes), (".gz", gzip.compress), (".xz", lzma.compress)]
)
def test_indexes_are_read_as_archives_publish_them(
    tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]
) -> None:
    text = "Package: prosody\nVersion: 13\n"
    path = tmp_path / f"Packages{suffix}"
    path.write_bytes(pack(text.encode()))
    assert packaging.read_index(path) == text


def index(tmp_path: Path, suite: str, newer: dict[str, str]) -> str:
    """A Packages file of `suite` with all packages at their trixie floor, but for `newer`."""
    path = tmp_path / suite
    versions = {p.name: p.floors.get("trixie", "1") for p in relations.packages(ALL)}
    path.write_text(
        "\n".join(f"Package: {n}\nVersion: {v}\n" for n, v in {**versions, **newer}.items()),
        encoding="utf-8",
    )
    return f"{suite}={path}"


def test_floors_pass_with_stable_and_backports(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stable = index(tmp_path, "trixie", {"prosody": "13.0.1-1", "prosody-modules": "0.0~hg2025"})
    backports = index(tmp_path, "trixie-backports", {})
    assert packaging.main(["floors", "--release", "trixie", stable, backports]) == 0
    assert "can be had at their floors" in capsys.readouterr().out


def test_floors_fail_readably_without_backports(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stable = index(tmp_path, "trixie", {"prosody": "13.0.1-1"})
    assert packaging.main(["floors", "--release", "trixie", stable]) == 1
    assert "prosody (>= 13.0.6~): trixie has 13.0.1-1" in capsys.readouterr().err
