# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import json
from pathlib import Path

import pytest

from falcot_rtc import apply, edits, paths, records
from falcot_rtc.errors import FalcotError
from falcot_rtc.resources import HostFile
from tests.unit.fake_host import FakeHost, again, files, fresh
from tests.unit.test_plan import settled

DROPIN = "/etc/systemd/system/coturn.service.d/50-falcot-rtc.conf"
OLD, NEW = (edits.fingerprint(text) for text in ("old\n", "new\n"))
WANTED = (HostFile(path=DROPIN, content="new\n"),)

pytestmark = pytest.mark.usefixtures("network", "volatile")


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    return fresh(tmp_path)


def run(host: FakeHost) -> apply.Prepared:
    return apply.apply(again(host), report=lambda line: None)


def noted(host: FakeHost) -> dict[str, list[str]]:
    return dict(json.loads(host.text(paths.MANIFEST))["files"])


def test_a_file_may_be_the_older_or_the_newer_one_until_all_is_done(host: FakeHost) -> None:
    before = settled(written={DROPIN: (OLD,), "/gone": (OLD,)})
    records.claim(host, WANTED, before, only=False)
    assert noted(host) == {DROPIN: sorted([OLD, NEW]), "/gone": [OLD]}
    records.claim(host, WANTED, before, only=True)
    assert noted(host) == {DROPIN: [NEW]}


def test_five_generations_are_kept_and_the_present_one(host: FakeHost) -> None:
    for number in (1, 2, 3, 9, 10, 11, 12):
        host.make_directory(f"{paths.GENERATIONS}/{number}")
    records.prune(host, 1)
    assert host.names(paths.GENERATIONS) == ["1", "10", "11", "12", "3", "9"]


def test_an_edit_outside_the_generations_is_never_lost(host: FakeHost) -> None:
    run(host)
    ours = host.read(DROPIN)
    assert ours is not None
    edited = ours + b"# ge\xe4ndert\n"
    host.write(DROPIN, edited, mode=0o644)
    host.system.refuses["coturn.service"] = "coturn"
    with pytest.raises(FalcotError):
        run(host)
    assert host.read(DROPIN) == edited
    host.system.refuses.clear()
    run(host)
    assert host.read(DROPIN) == ours
    (kept,) = [path for path in files(host) if path.startswith(paths.EDITED)]
    assert DROPIN in kept
    assert host.read(kept) == edited
    assert run(host).lines == []
