# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest

from falcot_rtc import apply
from falcot_rtc.zone import records
from falcot_rtc.zone.records import Row
from tests.unit.fake_host import fresh

pytestmark = pytest.mark.usefixtures("network", "volatile")


@pytest.mark.parametrize(
    ("record", "other"),
    [
        (("A.Example.", "SRV", "0 1 5061 Sip.A."), ("a.example.", "SRV", "0 1 5061 sip.a.")),
        (("a.", "AAAA", "2001:DB8::0001"), ("a.", "AAAA", "2001:db8::1")),
        (("a.", "TLSA", "2 1 1 " + "AB" * 32), ("a.", "TLSA", "2 1 1 " + "ab" * 32)),
        (
            ("a.", "NAPTR", '10 0 "s" "RELAY:turn.udp" "" _Turn._udp.A.'),
            ("a.", "NAPTR", '10 0 "s" "RELAY:turn.udp" "" _turn._udp.a.'),
        ),
    ],
)  # fmt: skip
def test_case_and_notation_do_not_tell_records_apart(
    record: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    assert records.row(*record) == records.row(*other)


def test_texts_keep_their_case_since_servers_compare_them() -> None:
    assert records.row("a.", "NAPTR", '10 0 "s" "SIPS+D2T" "" b.').data.endswith('"SIPS+D2T" "" b.')


def test_keys_are_among_them_once_there_is_a_certificate(tmp_path: Path) -> None:
    host = fresh(tmp_path)
    site, _ = apply.read_site(host)
    assert not [r for r in records.wanted(host, site) if r.type == "TLSA"]
    apply.apply(host)
    found = records.rows(records.wanted(host, site))
    (data,) = {row.data for row in found if row.type == "TLSA"}
    assert data.startswith("2 1 1 ")
    assert Row(name="_5222._tcp.xmpp-gw.falcot.com.", type="TLSA", data=data) in found
