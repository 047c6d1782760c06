# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import json
from pathlib import Path
from typing import Any

import pytest

from falcot_rtc.accounts.live import jsonrpc, sip
from falcot_rtc.accounts.live.session import Kind, Session
from falcot_rtc.host import Host
from tests.unit.accounts.live.local_server import datagrams

NOW = 1_795_487_500
# ul.lookup of kamailio 6.0.1: a phone, a browser, and one that unregistered a moment ago.
CONTACTS: list[dict[str, Any]] = [
    {
        "Address": "sip:joe-0x55eb7a0f5e80@198.51.100.1:36111;transport=tls",
        "Expires": 57,
        "User-Agent": "baresip v1.1.0 (x86_64/linux)",
        "Received": "sip:198.51.100.1:44016;transport=tls",
        "State": "CS_NEW",
        "Tcpconn-Id": 41,
        "Last-Modified": 1795487494,
    },
    {
        "Address": "sip:joe@93a5e8f3cf48.invalid;transport=ws",
        "Expires": 119,
        "User-Agent": "n/a",
        "Received": "sip:[2001:db8:1000:2000::1]:56500;transport=ws",
        "State": "CS_NEW",
        "Tcpconn-Id": 43,
        "Last-Modified": 1795487496,
    },
    {
        "Address": "sip:joe@198.51.100.7:36111;transport=tls",
        "Expires": "deleted",
        "User-Agent": "gone",
        "Received": "[not set]",
        "State": "CS_DIRTY",
        "Tcpconn-Id": -1,
        "Last-Modified": 1795487000,
    },
]
# dlg.profile_list of kamailio 6.0.1.
DIALOG: dict[str, Any] = {
    "h_entry": 342,
    "h_id": 6149,
    "call-id": "6ab7c494a25a2143",
    "from_uri": "sip:joe@falcot.com",
    "to_uri": "sip:jane@falcot.com;transport=tls",
    "state": 4,
    "start_ts": 1795487495,
    "init_ts": 1795487490,
    "caller": {
        "tag": "556de98ee52368ce",
        "contact": "sip:joe-0x55@198.51.100.1:36111;transport=tls;alias=198.51.100.1~44016~3",
        "cseq": "46927",
        "route_set": "",
        "socket": "tls:198.51.100.19:5061",
    },
    "callee": {
        "tag": "7b47966a91ba78b6",
        "contact": "sip:jane-0x56@198.51.100.1:44032;transport=tls;alias=198.51.100.1~44032~3",
        "cseq": "0",
        "route_set": "",
        "socket": "tls:198.51.100.19:5061",
    },
}
RINGING = {**DIALOG, "state": 2, "start_ts": 0, "h_id": 6150}


def test_registered_devices() -> None:
    phone, browser = sip.registrations(CONTACTS, NOW)
    assert phone == Session(
        service="sip",
        kind=Kind.REGISTRATION,
        device="baresip v1.1.0 (x86_64/linux)",
        where="198.51.100.1:44016 TLS",
        since=1795487494,
        expires=NOW + 57,
    )
    assert (browser.device, browser.where) == ("", "[2001:db8:1000:2000::1]:56500 WS")


def test_calls_from_both_sides() -> None:
    ringing, talking = sip.calls((DIALOG, RINGING), "joe@falcot.com")
    assert (talking.device, talking.where, talking.since) == (
        "jane@falcot.com",
        "established",
        1795487495,
    )
    assert (ringing.where, ringing.since) == ("ringing", 1795487490)
    (hers,) = sip.calls((DIALOG,), "jane@falcot.com")
    assert hers.device == "joe@falcot.com"
    alone = {**DIALOG, "to_uri": "sip:joe@falcot.com"}
    assert sip.calls((alone,), "joe@falcot.com")[0].device == "joe@falcot.com"


class Kamailio:
    """Answers as 6.0.1 does to what the module asks; a call is gone once it was hung up."""

    def __init__(self, *dialogs: dict[str, Any]) -> None:
        self.dialogs = list(dialogs)
        self.endings: list[str] = []
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, data: bytes) -> list[bytes]:
        question = json.loads(data)
        method, parameters = question["method"], question["params"]
        if method not in ("core.version", "ul.lookup", "dlg.profile_list", "htable.get"):
            self.asked.append((method, *parameters))
        answer: dict[str, Any] = {"result": 200}
        match method:
            case "ul.lookup":
                answer = {"result": {"AoR": "", "Contacts": [{"Contact": c} for c in CONTACTS]}}
            case "dlg.profile_list":
                answer = {"result": self.dialogs}
            case "dlg.end_dlg":
                self.dialogs = [d for d in self.dialogs if d["h_id"] != parameters[1]]
            case "tm.cancel":
                self.dialogs = [d for d in self.dialogs if d["state"] != 2]
            case "tm.t_uac_start":
                answer = {"error": {"code": 500, "message": "RPC/UAC error"}}
            case "htable.get":
                answer = {"error": {"code": 500, "message": "Key name doesn't exist in htable."}}
        return [json.dumps({**answer, "id": question["id"]}).encode()]


@pytest.fixture
def host(tmp_path: Path) -> Host:
    (tmp_path / "run/kamailio").mkdir(parents=True)
    return Host(tmp_path)


def test_seen(host: Host) -> None:
    with datagrams(host.at(sip.SOCKET), Kamailio(DIALOG)):
        found = sip.seen(host, "joe@falcot.com")
    assert [one.kind for one in found] == ["registration", "registration", "call"]


def test_the_end_of_everything(host: Host) -> None:
    """Connections last: the devices still have to hear that the call is over."""
    kamailio = Kamailio(DIALOG, RINGING)
    with datagrams(host.at(sip.SOCKET), kamailio):
        assert sip.end(host, "joe@falcot.com") == 4
    assert [asked[0] for asked in kamailio.asked] == [
        "ul.rm",
        "tm.t_uac_start",
        "dlg.end_dlg",
        "tm.cancel",
        "htable.seti",
    ]
    assert kamailio.asked[0] == ("ul.rm", "location", "joe@falcot.com")
    assert kamailio.asked[2:4] == [
        ("dlg.end_dlg", 342, 6149),
        ("tm.cancel", "6ab7c494a25a2143", "46927"),
    ]
    assert kamailio.asked[-1] == ("htable.seti", "endings", "joe@falcot.com", 1)


def test_a_kamailio_that_knows_no_dialogs_is_an_error(host: Host) -> None:
    def answer(data: bytes) -> list[bytes]:
        error = {"code": -32601, "message": "Method Not Found"}
        return [json.dumps({"error": error, "id": json.loads(data)["id"]}).encode()]

    with datagrams(host.at(sip.SOCKET), answer), pytest.raises(jsonrpc.Refused):
        sip.end(host, "joe@falcot.com")
