# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from typing import Any

from falcot_rtc.accounts.live.sip_bye import to_callee

# kamailio 6.0.1, two baresip phones.
DIALOG: dict[str, Any] = {
    "call-id": "6ab7c494a25a2143",
    "from_uri": "sip:joe@falcot.com",
    "to_uri": "sip:jane@falcot.com;transport=tls",
    "caller": {"tag": "556de98ee52368ce", "cseq": "46927"},
    "callee": {
        "tag": "7b47966a91ba78b6",
        "contact": "sip:jane-0x56@198.51.100.1:44032;transport=tls;alias=198.51.100.1~44032~3",
        "cseq": "0",
        "route_set": "",
        "socket": "tls:198.51.100.19:5061",
    },
}


def test_a_client_of_ours_is_reached_by_its_connection() -> None:
    assert to_callee(DIALOG) == (
        "BYE",
        "sip:jane-0x56@198.51.100.1:44032;transport=tls",
        "sip:198.51.100.1:44032;transport=tls",
        "tls:198.51.100.19:5061",
        "From: <sip:joe@falcot.com>;tag=556de98ee52368ce\r\n"
        "To: <sip:jane@falcot.com;transport=tls>;tag=7b47966a91ba78b6\r\n"
        "Call-ID: 6ab7c494a25a2143\r\n"
        "CSeq: 46928 BYE\r\n",
    )


def test_a_browser_over_ipv6() -> None:
    contact = "sip:j@93a5.invalid;transport=ws;alias=[2001:db8::1]~56500~6"
    found = to_callee({**DIALOG, "callee": {**DIALOG["callee"], "contact": contact}})
    assert found[1:3] == ("sip:j@93a5.invalid;transport=ws", "sip:[2001:db8::1]:56500;transport=ws")


def test_another_domain_is_reached_by_its_proxies() -> None:
    callee = {
        **DIALOG["callee"],
        "contact": "sip:zoe@192.0.2.7:5061;transport=tls",
        "route_set": "<sip:proxy.example:5061;transport=tls;lr>, <sip:inner.example;lr>",
    }
    _, target, hop, _, headers = to_callee({**DIALOG, "callee": callee})
    assert target == "sip:zoe@192.0.2.7:5061;transport=tls"
    assert hop == "sip:proxy.example:5061;transport=tls;lr"
    assert headers.endswith(
        "Route: <sip:proxy.example:5061;transport=tls;lr>, <sip:inner.example;lr>\r\n"
    )
