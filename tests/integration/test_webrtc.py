# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two browsers call each other: SIP over WSS (RFC 7118), all media through TURN (RFC 8656)."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from falcot_rtc.probes import ticket as tickets
from falcot_rtc.probes.ticket import Credentials, Ticket
from tests.integration import phone as phones
from tests.lab.command import run
from tests.lab.host import Host
from tests.lab.network import HOST_IPV4

WEBRTC = Path(__file__).with_name("webrtc")
DOMAIN = "falcot.com"
WEB_SOCKET = "wss://sip-proxy.falcot.com:8443/ws"
UDP = "turn:turn-server.falcot.com:3478?transport=udp"
TLS = "turns:turn-server.falcot.com:5349?transport=tcp"
# The handbook's SRV records name this port by mistake; nothing listens there.
DEAD = "turn:turn-server.falcot.com:3467?transport=udp"
# Seconds for a step of the call, each of which takes about one.
PATIENCE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """The driver and its bundled page, with the browser's home for one site."""

    site: Host
    ticket: Ticket
    driver: Path
    bundle: Path
    home: Path

    def call(
        self,
        url: str,
        turn: tuple[Credentials, Credentials],
        *,
        server: str = WEB_SOCKET,
        patience: int = PATIENCE,
    ) -> Any:
        """What caller and callee saw of one call, each with its own TURN credentials."""
        wish = {
            "origin": f"https://{DOMAIN}",
            "bundle": str(self.bundle),
            "server": server,
            "domain": DOMAIN,
            "accounts": [_pair("user", made) for made in self.ticket.accounts],
            "iceServers": [
                [{"urls": url, **_pair("username", made, secret="credential")}] for made in turn
            ],
            "patience": patience,
        }
        node = ("node", self.driver)
        # The passwords go through standard input.
        done = self.site.client(node, input=json.dumps(wish), env={"HOME": str(self.home)})
        return json.loads(done.stdout)


def _pair(name: str, made: Credentials, secret: str = "password") -> dict[str, str]:
    return {name: made.user, secret: made.password}


@pytest.fixture(scope="module")
def modules() -> Path:
    return phones.node_modules()


@pytest.fixture(scope="module")
def phone(site: Host, modules: Path, tmp_path_factory: pytest.TempPathFactory) -> Phone:
    return built(site, modules, tmp_path_factory.mktemp("webrtc"))


def built(site: Host, modules: Path, work: Path) -> Phone:
    """A phone in `work` that trusts the site, and knows two accounts of its checks."""
    for name in ("call.mjs", "page.html", "page.js"):
        shutil.copy(WEBRTC / name, work)
    (work / "node_modules").symlink_to(modules)
    bundle = work / "bundle.js"
    esbuild = modules / ".bin" / "esbuild"
    run([esbuild, "--bundle", "--log-level=warning", f"--outfile={bundle}", "page.js"], cwd=work)

    made = tickets.loads(site.run(["falcot-rtc", "check", "--ticket"]).stdout)
    database = work / "home" / ".pki" / "nssdb"
    database.mkdir(parents=True)
    authority = work / "authority.pem"
    authority.write_text(made.ca, encoding="utf-8")
    nss = ["certutil", "-d", f"sql:{database}"]
    run([*nss, "-N", "--empty-password"])
    run([*nss, "-A", "-n", "site", "-t", "C,,", "-i", authority])
    return Phone(
        site=site, ticket=made, driver=work / "call.mjs", bundle=bundle, home=work / "home"
    )


@pytest.mark.parametrize(
    ("url", "kind", "protocol"),
    [(UDP, "minted", "udp"), (UDP, "own", "udp"), (TLS, "minted", "tls")],
    ids=["udp-minted", "udp-own", "tls-minted"],
)
def test_a_call_with_all_media_through_turn(
    phone: Phone, url: str, kind: str, protocol: str
) -> None:
    minted = phone.ticket.minted
    assert minted is not None

    seen = phone.call(url, (minted, minted) if kind == "minted" else phone.ticket.accounts)

    assert_relayed(seen, protocol)


def assert_relayed(seen: Any, protocol: str) -> None:
    """All media of the call went through TURN, to which both ends spoke over `protocol`."""
    assert seen["connected"]
    for end in (seen["caller"], seen["callee"]):
        assert end["confirmed"]
        assert end["failed"] is None
        assert {candidate["candidateType"] for candidate in end["candidates"]} == {"relay"}
        before, after = end["samples"]
        for side in ("local", "remote"):
            assert before[side]["candidateType"] == "relay"
            assert before[side]["address"] in HOST_IPV4
            assert 49152 <= before[side]["port"] <= 65535
        assert before["local"]["relayProtocol"] == protocol
        assert before["video"]["frames"] > 0
        assert before["audio"]["energy"] > 0
        for medium in ("audio", "video"):
            assert after[medium]["bytes"] > before[medium]["bytes"] > 0
    assert seen["caller"]["ended"]["originator"] == "local"
    # The BYE arrived.
    assert seen["callee"]["ended"] == {"originator": "remote", "cause": "Terminated"}


def test_no_media_without_the_turn_server(phone: Phone) -> None:
    """Shows that the calls above can fail: only the port of the TURN server differs."""
    seen = phone.call(DEAD, phone.ticket.accounts)

    assert not seen["connected"]
    for end in (seen["caller"], seen["callee"]):
        assert end["registered"]
        assert end["candidates"] == end["samples"] == []
        assert not end["confirmed"]
