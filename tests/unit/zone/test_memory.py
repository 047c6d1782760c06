# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest

from falcot_rtc import paths
from falcot_rtc.errors import FalcotError
from falcot_rtc.zone import memory
from falcot_rtc.zone.records import Row
from tests.unit.fake_host import fresh, put

ONE, TWO = (Row(name=f"{n}.falcot.com.", type="A", data="198.51.100.19") for n in ("a", "b"))


def test_each_zone_is_remembered_by_itself_and_forgotten_when_empty(tmp_path: Path) -> None:
    host = fresh(tmp_path)
    assert memory.load(host) == {}
    memory.save(host, "falcot.com.", {ONE, TWO})
    memory.save(host, "example.net.", {ONE})
    assert memory.load(host) == {"falcot.com.": {ONE, TWO}, "example.net.": {ONE}}
    memory.save(host, "falcot.com.", ())
    assert memory.load(host) == {"example.net.": {ONE}}


@pytest.mark.parametrize("text", ["{", "[]", '{"a.": [["b."]]}', '{"a.": 3}'])
def test_a_damaged_memory_is_an_error_with_a_way_out(tmp_path: Path, text: str) -> None:
    host = fresh(tmp_path)
    put(tmp_path, paths.PUBLISHED, text)
    with pytest.raises(FalcotError, match="is damaged") as caught:
        memory.load(host)
    assert "remove it" in caught.value.hint
