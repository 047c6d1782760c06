# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""XMPP by slixmpp, curl and openssl from the other end of the wire; RFC 6120, XEP-0368."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration import outside
from tests.integration.conftest import DOMAIN, PASSWORD
from tests.integration.people import Person, people
from tests.lab.host import Host

GATEWAY = "xmpp-gw.falcot.com"
CONTENT = secrets.token_bytes(100_000)
STREAM = (
    "<?xml version='1.0'?><stream:stream to='falcot.com' version='1.0' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams'>"
)
REGISTRATION = (
    "<iq type='set' id='register'><query xmlns='jabber:iq:register'>"
    "<username>intruder</username><password>secret</password></query></iq>"
)


@pytest.fixture(scope="module")
def two(site: Host) -> Iterator[tuple[Person, ...]]:
    with people(site, "alice", "bob") as made:
        yield made


def meet(site: Host, two: tuple[Person, ...], *, direct: bool, **different: Any) -> dict[str, Any]:
    alice, bob = two
    task = {
        "ca": outside.trust(site),
        "domain": DOMAIN,
        "direct": direct,
        "alice": alice.name,
        "bob": bob.name,
        "passwords": {"alice": alice.password, "bob": bob.password},
        "room": f"room-{secrets.token_hex(4)}@conference.{DOMAIN}",
        "size": len(CONTENT),
    }
    program = f"{outside.PLACE}/xmpp_people.py"
    done = outside.run(
        site, "python3", program, input=json.dumps({**task, **different}), check=True
    )
    told = json.loads(done.stdout)
    assert isinstance(told, dict)
    return told


@pytest.fixture(scope="module", params=[False, True], ids=["starttls", "direct-tls"])
def met(request: pytest.FixtureRequest, site: Host, two: tuple[Person, ...]) -> dict[str, Any]:
    """What two people did, over each way to connect."""
    return {"direct": request.param, **meet(site, two, direct=request.param)}


def test_server_is_found_by_srv_and_verified(met: dict[str, Any]) -> None:
    service, port = ("xmpps-client", 5223) if met["direct"] else ("xmpp-client", 5222)
    assert met["arrived"] == "ready"
    assert met["arrived-bob"] == ["ready", "ready"]
    assert met["port"] == port
    assert met["tls"] in ("TLSv1.2", "TLSv1.3")
    assert {(found[0], found[-1]) for found in met["records"]} == {(service, port)}
    assert GATEWAY in {found[1] for found in met["records"]}


def test_message_arrives_on_every_device(two: tuple[Person, ...], met: dict[str, Any]) -> None:
    assert met["message"] == [two[0].address, "hello from alice"]
    assert met["carbon"] == "hello from alice"


def test_room_is_made_and_joined(met: dict[str, Any]) -> None:
    sender, body = met["room"]
    assert sender.endswith(f"@conference.{DOMAIN}/alice")
    assert body == "hello everybody"


def test_archive_keeps_what_was_said(two: tuple[Person, ...], met: dict[str, Any]) -> None:
    assert [two[0].address, "hello from alice"] in met["archive"]


def test_file_is_uploaded_and_fetched(site: Host, met: dict[str, Any]) -> None:
    upload = met["upload"]
    assert upload["service"] == f"upload.{DOMAIN}"
    for url in (upload["put"], upload["get"]):
        assert url.startswith(f"https://upload.{DOMAIN}:5281/")
    outside.place(site, "/srv/lab/sent", CONTENT)
    curl = ("curl", "--silent", "--show-error", "--fail", "--cacert", outside.trust(site))
    headers = [option for k, v in upload["headers"].items() for option in ("-H", f"{k}: {v}")]
    kind = ("-H", "Content-Type: application/octet-stream")
    outside.run(
        site, *curl, *headers, *kind, "--upload-file", "/srv/lab/sent", upload["put"], check=True
    )
    outside.run(site, *curl, "--output", "/srv/lab/fetched", upload["get"], check=True)
    assert (outside.root(site) / "srv/lab/fetched").read_bytes() == CONTENT


def test_external_services_give_turn_credentials_that_work(site: Host, met: dict[str, Any]) -> None:
    found = met["services"]
    assert {(s["type"], s["transport"], s["port"]) for s in found} >= {
        ("turn", "udp", "3478"),
        ("turn", "tcp", "3478"),
        ("turns", "tcp", "5349"),
        ("stun", "udp", "3478"),
    }
    assert {s["host"] for s in found} == {"turn-server.falcot.com"}
    turn = next(s for s in found if s["type"] == "turn" and s["transport"] == "udp")
    credentials = ("-u", turn["username"], "-w", turn["password"])
    allocate = ("turnutils_uclient", "-y", "-c", "-n", "5", "-p", turn["port"])
    done = outside.run(site, *allocate, *credentials, turn["host"])
    assert "tot_send_msgs=10, tot_recv_msgs=10" in done.stdout, done.stdout
    wrong = (*credentials[:3], "x")
    refused = outside.run(site, *allocate, *wrong, turn["host"])
    assert "Cannot complete Allocation" in refused.stdout


def test_password_is_not_changed_in_band(met: dict[str, Any]) -> None:
    assert met["password-change"] == "service-unavailable"


def test_a_broken_stream_can_be_resumed(met: dict[str, Any]) -> None:
    assert met["resumption"]


def test_administrator_logs_in_at_once(site: Host, two: tuple[Person, ...]) -> None:
    admin = Person(name="admin", password=PASSWORD)
    assert meet(site, (admin, two[1]), direct=True)["arrived"] == "ready"


@pytest.mark.parametrize("direct", [False, True], ids=["starttls", "direct-tls"])
def test_wrong_password_is_refused(site: Host, two: tuple[Person, ...], direct: bool) -> None:
    passwords = {"alice": "not the password", "bob": two[1].password}
    told = meet(site, two, direct=direct, passwords=passwords)
    assert told["arrived"] in ("failed_auth", "failed_all_auth")


@pytest.mark.parametrize("direct", [False, True], ids=["starttls", "direct-tls"])
def test_client_that_trusts_others_does_not_log_in(
    site: Host, two: tuple[Person, ...], direct: bool
) -> None:
    other = "/etc/ssl/certs/ISRG_Root_X1.pem"
    assert meet(site, two, direct=direct, ca=other)["arrived"] != "ready"


def tls(site: Host, port: int, *options: str, input: str = "") -> str:
    """What openssl s_client says of the certificate for the domain, and the server after it."""
    done = outside.run(
        site,
        *("openssl", "s_client", "-connect", f"{GATEWAY}:{port}", "-servername", DOMAIN),
        *("-CAfile", outside.trust(site), "-verify_hostname", DOMAIN, "-verify_return_error"),
        *options,
        input=input,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("port", "options"),
    [
        (5222, ("-starttls", "xmpp", "-xmpphost", DOMAIN)),
        (5223, ("-alpn", "xmpp-client")),
        (5269, ("-starttls", "xmpp-server", "-xmpphost", DOMAIN)),
        (5270, ("-alpn", "xmpp-server")),
    ],
)
def test_certificate_verifies_for_the_domain(
    site: Host, port: int, options: tuple[str, ...]
) -> None:
    said = tls(site, port, *options)
    assert "Verification: OK" in said, said
    assert f"Verified peername: {DOMAIN}" in said


def test_nobody_registers_in_band(site: Host) -> None:
    said = tls(site, 5223, "-quiet", "-ign_eof", input=STREAM + REGISTRATION + "</stream:stream>")
    assert "<stream:features>" in said
    assert "http://jabber.org/features/iq-register" not in said
    assert "type='result'" not in said
    assert "not-authorized" in said or "service-unavailable" in said
    assert not site.exists("/var/lib/prosody/falcot%2ecom/accounts/intruder.dat")


def test_nothing_is_said_without_tls(site: Host) -> None:
    """STARTTLS is required: no mechanism is offered before it."""
    script = (
        "import socket, sys\n"
        "sock = socket.create_connection((sys.argv[1], 5222), 10)\n"
        "sock.sendall(sys.argv[2].encode())\n"
        "heard = b''\n"
        "while b'</stream:features>' not in heard:\n"
        "    heard += sock.recv(4096)\n"
        "print(heard.decode())\n"
    )
    heard = outside.run(site, "python3", "-c", script, GATEWAY, STREAM, check=True).stdout
    assert "urn:ietf:params:xml:ns:xmpp-tls" in heard
    assert "<required/>" in heard
    assert "mechanism" not in heard
