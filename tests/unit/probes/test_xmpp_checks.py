# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from xml.etree.ElementTree import Element

import pytest

from falcot_rtc.probes import xmpp_checks
from falcot_rtc.probes.connection import Deadline
from falcot_rtc.probes.errors import ProtocolError, Unexpected
from tests.unit.probes.loopback import scripted
from tests.unit.probes.samples import TICKET, target
from tests.unit.probes.test_xmpp import STARTTLS, at, features, mechanisms, saying


@pytest.mark.parametrize(
    ("kind", "transport", "port", "purpose"),
    [
        ("turn", "udp", "3478", "turn-udp"),
        ("turn", "tcp", "3478", "turn-tcp"),
        ("turns", "tcp", "5349", "turn-tls"),
    ],
)
def test_announced_services_are_the_sites_own(
    kind: str, transport: str, port: str, purpose: str
) -> None:
    service = Element("service", {"type": kind, "transport": transport, "port": port})
    assert xmpp_checks._announced_target(TICKET, service).purpose == purpose


def test_a_service_that_is_not_there_is_named() -> None:
    service = Element("service", {"type": "turn", "host": "h", "port": "3467"})
    with pytest.raises(ProtocolError, match="announces turn at h port 3467/udp"):
        xmpp_checks._announced_target(TICKET, service)


def test_without_turn_there_are_no_credentials_to_prove() -> None:
    ticket = replace(TICKET, services=("xmpp",))
    outcome = xmpp_checks.turn_credentials(ticket, (target("xmpp-client"),), Deadline(at=0.0))
    assert outcome.status == "skip"


def test_logins_in_clear_text_are_noticed() -> None:
    with scripted(saying(features(STARTTLS))) as port:
        outcome = xmpp_checks.cleartext_refused(TICKET, (at(port),), Deadline.after(5))
        assert outcome.status == "ok"
    with scripted(saying(mechanisms("PLAIN"))) as port:
        with pytest.raises(Unexpected, match="no SASL mechanism; got PLAIN"):
            xmpp_checks.cleartext_refused(TICKET, (at(port),), Deadline.after(5))
