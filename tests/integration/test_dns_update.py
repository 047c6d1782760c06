# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zone is published to a real BIND and compared with what is there; others' records stay."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration import bind, outside
from tests.integration.conftest import booted
from tests.integration.test_dns import (
    ADDED,
    ADDED_NAPTR,
    HANDBOOK,
    HANDBOOK_NAPTR,
    IPV4,
    IPV6,
)
from tests.lab.host import Host

KEY = "/etc/falcot-rtc/update.key"
UPDATE = ("falcot-rtc", "dns", "update", "--server", bind.ADDRESS)
SIGNED = (*UPDATE, "--key-file", KEY)
# Whoever connects to the first has to find the key of the second (RFC 6698), written by hand.
TLS_PORTS = [
    ("sip-proxy.falcot.com", 5061), ("sip-proxy.falcot.com", 8443), ("falcot.com", 443),
    ("turn-server.falcot.com", 5349), ("xmpp-gw.falcot.com", 5223), ("xmpp-gw.falcot.com", 5270),
    ("upload.falcot.com", 5281),
]  # fmt: skip
BACKUP = "90 0 5222 backup.example.net."


@pytest.fixture(scope="module")
def bare(release: str, installed: tuple[Path, ...], archive: Path) -> Iterator[Host]:
    """A site that asks BIND, whose zone has others' records alone."""
    with booted("dns", release, installed, archive) as host, bind.primary(host) as key:
        host.push("/etc/resolv.conf", f"nameserver {bind.ADDRESS}\n")
        host.push(KEY, key, mode=0o600)
        yield host


@pytest.fixture(scope="module")
def published(bare: Host) -> Host:
    before = checked(bare)
    assert [(f["status"], f["record"]) for f in before["findings"]] == [("warn", "falcot.com")]
    unsigned = bare.run([*UPDATE], check=False)
    assert (unsigned.returncode, unsigned.stderr.count("\n")) == (2, 1)
    assert "REFUSED (hint: give --key-file" in unsigned.stderr
    assert bind.ask(bare, "server1.falcot.com", "A") == set()
    planned = bare.run([*SIGNED, "--dry-run"]).stdout
    assert bind.ask(bare, "server1.falcot.com", "A") == set()
    assert bare.run([*SIGNED]).stdout == planned
    return bare


def checked(host: Host) -> dict[str, Any]:
    done = host.run(["falcot-rtc", "dns", "check", "--json"], check=False)
    (verdict,) = json.loads(done.stdout)
    assert done.returncode == (verdict["status"] == "fail"), done.stderr
    found: dict[str, Any] = verdict
    return found


def others(host: Host) -> set[tuple[str, str, str]]:
    return {
        (name, kind, data)
        for name, kind, data in bind.OTHERS
        if data in bind.ask(host, name if name.endswith(".") else f"{name}.falcot.com", kind)
    }


@pytest.mark.parametrize(("name", "kind", "data"), [*HANDBOOK, *ADDED])
def test_record_is_published(published: Host, name: str, kind: str, data: set[str]) -> None:
    assert bind.ask(published, name, kind) - {BACKUP} == data


def test_naptr_is_published_and_others_records_stay(published: Host) -> None:
    assert bind.ask(published, "falcot.com", "NAPTR") == HANDBOOK_NAPTR | ADDED_NAPTR
    assert others(published) == bind.OTHERS


def test_a_second_update_has_nothing_to_do(published: Host) -> None:
    serial = bind.ask(published, "falcot.com", "SOA")
    assert published.run([*SIGNED]).stdout == "nothing to do\n"
    assert bind.ask(published, "falcot.com", "SOA") == serial


@pytest.mark.parametrize(("name", "port"), TLS_PORTS)
def test_openssl_finds_the_published_key(published: Host, name: str, port: int) -> None:
    """With no other trust than the TLSA record."""
    (record,) = bind.ask(published, f"_{port}._tcp.{name}", "TLSA")
    (address,) = bind.ask(published, name, "A")
    usage, selector, matching, *digest = record.split()
    data = f"{usage} {selector} {matching} {''.join(digest)}"
    options = ("-dane_tlsa_domain", name, "-dane_tlsa_rrdata", data, "-verify_return_error")
    # XMPP clients ask for the domain (XEP-0368), and prosody has no certificate for other names.
    asked = "falcot.com" if name.startswith("xmpp-gw.") else name
    nobody = ("-no-CAfile", "-no-CApath", "-servername", asked)
    command = ("openssl", "s_client", "-connect", f"{address}:{port}", *options, *nobody)
    said = outside.run(published, *command, input="").stdout
    assert "Verification: OK" in said and "DANE TLSA 2 1 1 " in said, said
    wrong = data[:-4] + ("0000" if not data.endswith("0000") else "1111")
    refused = outside.run(
        published, *[wrong if word == data else word for word in command], input=""
    )
    assert refused.returncode != 0


def test_all_is_well_and_somebody_elses_server_is_noted(published: Host) -> None:
    verdict = checked(published)
    assert verdict["status"] == "ok"
    assert [(f["action"], f["record"]) for f in verdict["findings"]] == [
        ("note", f"_xmpp-client._tcp.falcot.com. SRV {BACKUP}")
    ]
    results = json.loads(published.run(["falcot-rtc", "check", "--json"]).stdout)
    (dns,) = (r for r in results if r["id"] == "dns.published")
    assert dns["status"] == "ok"


def test_a_key_that_the_server_does_not_know(published: Host) -> None:
    stranger = outside.run(published, "tsig-keygen", "falcot-rtc", check=True).stdout
    published.push("/root/stranger.key", stranger, mode=0o600)
    # Something to send, or nobody would look at the key.
    bind.change(published, "update delete server1.falcot.com. A")
    done = published.run([*UPDATE, "--key-file", "/root/stranger.key"], check=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "the key is not accepted" in done.stderr
    assert published.run([*SIGNED]).stdout == (
        "update add server1.falcot.com. 3600 A 198.51.100.19\n"
    )


def test_a_wrong_zone_gives_exactly_these_findings(published: Host) -> None:
    bind.change(
        published,
        "update delete _turn._udp.falcot.com. SRV",
        "update add _turn._udp.falcot.com. 60 SRV 0 1 3467 turn-server.falcot.com.",
        "update add _sip._udp.falcot.com. 60 SRV 0 1 5060 sip-proxy.falcot.com.",
        "update delete conference.falcot.com. A",
        "update delete xmpp-gw.falcot.com. A",
        "update add xmpp-gw.falcot.com. 60 A 203.0.113.9",
        "update add turn-server.falcot.com. 60 AAAA 2001:db8:1000:2000::19",
        "update delete upload.falcot.com.",
        "update add upload.falcot.com. 60 CNAME www.falcot.com.",
        "update delete _5061._tcp.sip-proxy.falcot.com. TLSA",
    )
    (key,) = bind.ask(published, "_8443._tcp.sip-proxy.falcot.com", "TLSA")
    usage, selector, matching, *digest = key.lower().split()
    pin = f"{usage} {selector} {matching} {''.join(digest)}"
    found = {
        (f["status"], f["action"], f["record"], f["instead"])
        for f in checked(published)["findings"]
    }
    assert found == {
        ("fail", "change", "_turn._udp.falcot.com. SRV 0 1 3467 turn-server.falcot.com.",
         "0 1 3478 turn-server.falcot.com."),
        ("fail", "delete", "_sip._udp.falcot.com. SRV 0 1 5060 sip-proxy.falcot.com.", ""),
        ("fail", "add", "conference.falcot.com. A 198.51.100.19", ""),
        ("fail", "change", "xmpp-gw.falcot.com. A 203.0.113.9", "198.51.100.19"),
        ("fail", "delete", "turn-server.falcot.com. AAAA 2001:db8:1000:2000::19", ""),
        ("fail", "change", "upload.falcot.com. CNAME www.falcot.com.", "A 198.51.100.19"),
        ("fail", "change", "upload.falcot.com. CNAME www.falcot.com.",
         "AAAA 2001:db8:1000:2000::19"),
        ("warn", "add", f"_5061._tcp.sip-proxy.falcot.com. TLSA {pin}", ""),
        ("ok", "note", f"_xmpp-client._tcp.falcot.com. SRV {BACKUP}", ""),
    }  # fmt: skip
    results = json.loads(published.run(["falcot-rtc", "check", "--json"], check=False).stdout)
    assert {r["id"] for r in results if r["status"] == "fail"} == {"dns.published"}
    # An update adds what is missing; what it never published is for its owner to remove.
    refused = published.run([*SIGNED], check=False)
    assert refused.returncode == 1 and "upload.falcot.com. A" in refused.stderr
    bind.change(
        published,
        "update delete _turn._udp.falcot.com. SRV 0 1 3467 turn-server.falcot.com.",
        "update delete _sip._udp.falcot.com. SRV",
        "update delete xmpp-gw.falcot.com. A 203.0.113.9",
        "update delete turn-server.falcot.com. AAAA",
        "update delete upload.falcot.com. CNAME",
    )
    published.run([*SIGNED])
    assert checked(published)["status"] == "ok"


def test_what_is_not_offered_any_more_is_withdrawn(published: Host) -> None:
    published.run(["falcot-rtc", "config", "set", "services", "turn, sip, web"])
    said = published.run(["falcot-rtc", "apply"]).stdout
    assert said.endswith("the DNS records have changed, publish them: falcot-rtc dns show\n")
    published.run([*SIGNED])
    for service in ("_xmpps-client._tcp", "_xmpp-server._tcp", "_xmpps-server._tcp"):
        assert bind.ask(published, f"{service}.falcot.com", "SRV") == set()
    assert bind.ask(published, "_xmpp-client._tcp.falcot.com", "SRV") == {BACKUP}
    assert bind.ask(published, "xmpp-gw.falcot.com", "A") == set()
    assert bind.ask(published, "_sips._tcp.falcot.com", "SRV")
    assert others(published) == bind.OTHERS
    assert checked(published)["status"] == "ok"


def test_apply_publishes_where_that_is_asked_for(published: Host) -> None:
    tuned = f'publish-on-apply = true\nupdate-server = "{bind.ADDRESS}"\nupdate-key = "%s"\n'
    published.push("/etc/falcot-rtc/policy.d/dns.toml", tuned % KEY)
    published.run(["falcot-rtc", "config", "set", "services", "turn, sip, xmpp, web"])
    said = published.run(["falcot-rtc", "apply"]).stdout
    assert said.endswith(" changes of DNS records are published\n")
    assert bind.ask(published, "_xmpp-server._tcp.falcot.com", "SRV")
    assert checked(published)["status"] == "ok"
    # A key that is not accepted: the services change all the same, and the way out is named.
    published.push("/etc/falcot-rtc/policy.d/dns.toml", tuned % "/root/stranger.key")
    published.run(["falcot-rtc", "config", "set", "services", "turn, sip, web"])
    done = published.run(["falcot-rtc", "apply"], check=False)
    assert done.returncode == 1
    assert "are not published: dns update: " in done.stdout.splitlines()[-1]
    assert bind.ask(published, "_xmpp-server._tcp.falcot.com", "SRV")
    assert published.run([*SIGNED]).stdout.startswith("update delete ")
    assert checked(published)["status"] == "ok"


# Every name, priority, weight and TTL another one, and what an authority finds, written by hand.
OWN = [
    ("rtc.falcot.com", "A", {f"300 {IPV4}"}),
    ("relay.falcot.com", "A", {f"300 {IPV4}"}),
    ("phones.falcot.com", "AAAA", {f"300 {IPV6}"}),
    ("chat.falcot.com", "A", {f"300 {IPV4}"}),
    ("_turn._udp.falcot.com", "SRV", {"7200 7 3 3478 relay.falcot.com."}),
    ("_turns._tcp.falcot.com", "SRV", {"7200 7 3 5349 relay.falcot.com."}),
    ("_sips._tcp.falcot.com", "SRV", {"7200 11 50 5061 phones.falcot.com."}),
    ("_xmpps-server._tcp.falcot.com", "SRV", {"7200 9 10 5270 chat.falcot.com."}),
    ("falcot.com", "CAA", {'7200 0 issue "letsencrypt.org"', '7200 0 issue "ca.example.net"'}),
]
OF_THIS_SITE = "turn-server", "sip-proxy", "xmpp-gw", "server1"


def test_nsupdate_takes_names_priorities_and_authorities(published: Host) -> None:
    """Into an empty zone, by the program of others and not by ours."""
    bind.change(published, *(f"update delete {row}" for row in rows(published)))
    published.push(
        "/etc/falcot-rtc/policy.d/dns.toml",
        "ttl = 7200\naddress-ttl = 300\nturn-priority = 7\nturn-weight = 3\n"
        "sip-priority = 11\nsip-weight = 50\nxmpp-priority = 9\nxmpp-weight = 10\n"
        'caa = ["letsencrypt.org", "ca.example.net"]\n',
    )
    named = {"server": "rtc", "turn": "relay", "sip": "phones", "xmpp": "chat"}
    words = [word for key, name in named.items() for word in (f"names.{key}", name)]
    services = ["services", "turn, sip, xmpp, web"]
    published.run(["falcot-rtc", "config", "set", *services, *words])
    published.run(["falcot-rtc", "apply"])
    shown = published.run(["falcot-rtc", "dns", "show", "--format", "nsupdate"]).stdout
    asked = f"server {bind.ADDRESS}\n{shown}"
    done = outside.run(published, "nsupdate", "-k", bind.KEY_FILE, input=asked)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [row for row in OWN if answers(published, *row[:2]) != row[2]] == []
    for name in OF_THIS_SITE:
        assert bind.ask(published, f"{name}.falcot.com", "A") == set()
    assert others(published) == bind.OTHERS
    assert checked(published)["status"] == "ok"
    assert published.run([*SIGNED]).stdout == "nothing to do\n"
    # Nothing else is in the zone than what JSON says, and nothing of that is not.
    listed = json.loads(published.run(["falcot-rtc", "dns", "show", "--format", "json"]).stdout)
    assert {row["domain"] for row in listed} == {"falcot.com"}
    told: dict[tuple[str, str], set[str]] = {}
    for row in listed:
        told.setdefault((row["name"], row["type"]), set()).add(f"{row['ttl']} {row['data']}")
    told["_xmpp-client._tcp.falcot.com.", "SRV"].add(f"7200 {BACKUP}")
    seen = {key: {plain(one) for one in answers(published, *key)} for key in told}
    assert seen == {key: {plain(one) for one in data} for key, data in told.items()}


def rows(host: Host) -> list[str]:
    """Our records as the server has them, without TTL."""
    listed = json.loads(host.run(["falcot-rtc", "dns", "show", "--format", "json"]).stdout)
    return [f"{row['name']} {row['type']} {row['data']}" for row in listed]


def answers(host: Host, name: str, kind: str) -> set[str]:
    """What dig(1) shows of the records of that type: TTL and data."""
    argv = ("dig", f"@{bind.ADDRESS}", "+noall", "+answer", "+norecurse", name, kind)
    shown = (line.split() for line in outside.run(host, *argv, check=True).stdout.splitlines())
    return {" ".join((ttl, *data)) for _, ttl, _, found, *data in shown if found == kind}


def plain(record: str) -> str:
    """Without what is only form: dig breaks digests, and writes them in capitals."""
    ttl, *words = record.lower().split()
    return f"{ttl} {''.join(words)}"
