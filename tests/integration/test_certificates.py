# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates over the whole life of a site: renewed, replaced by others, refused; live."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12

from falcot_rtc import bundle, certificates
from falcot_rtc.judgement import Pair
from tests.integration.conftest import DOMAIN, booted
from tests.integration.observe import (
    assert_fine,
    check,
    failures,
    invocations,
    units,
    until,
)
from tests.integration.test_resilience import served
from tests.lab.host import Host

CHAIN, KEY = "/etc/ssl/certs/site.pem", "/etc/ssl/private/site.key"
SITE = "/var/lib/falcot-rtc/tls/site"
SERVICE = "falcot-rtc-certificate.service"
TIMER = "falcot-rtc-certificate.timer"
DAY = datetime.timedelta(days=1)
# The timer comes 20 s after each boot and each start, so somewhere in the middle of a test.
LATER = f"/run/systemd/system/{TIMER}.d/99-later.conf"
NOT_NOW = "[Timer]\nOnActiveSec=\nOnActiveSec=1d\n"
# Its run waits until somebody writes into this pipe.
GATE = "/srv/gate"
GATED = f"/etc/systemd/system/{SERVICE}.d/99-gate.conf"
# Writes a pair over every copy of the certificate, as if it had been there all the time.
REPLACE = """
import json, pathlib, sys
chain, key = json.load(sys.stdin)
for file in pathlib.Path("/var/lib/falcot-rtc/tls").glob("*/*"):
    file.write_text(key if file.name.endswith(("key", "key.pem")) else chain)
"""
# Replaces both files at once: who judges one of them between the two is right to refuse it.
OFFER = """
import json, os, pathlib, sys
for path, text, mode in json.load(sys.stdin):
    new = pathlib.Path(f"{path}.new")
    new.touch(mode)
    new.write_text(text)
    new.rename(path)
"""


@pytest.fixture(scope="module")
def host(release: str, installed: tuple[Path, ...], archive: Path) -> Iterator[Host]:
    with booted("certs", release, installed, archive) as host:
        quiet(host)
        yield host


def quiet(host: Host) -> None:
    """Until the next boot the timer does not come by itself; a run that has begun is over."""
    host.push(LATER, NOT_NOW)
    host.run(["systemctl", "daemon-reload"])
    host.run(["systemctl", "restart", TIMER])
    host.run(["systemctl", "start", SERVICE])


@pytest.fixture(scope="module")
def elsewhere(host: Host) -> Pair:
    """An authority that is not ours, which the host trusts."""
    ca = certificates.new_ca("another.example", now())
    host.push("/usr/local/share/ca-certificates/another.crt", ca.chain)
    host.run(["update-ca-certificates"])
    return ca


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def names(host: Host) -> tuple[str, ...]:
    return certificates.names_of(host.read(f"{SITE}/fullchain.pem").encode())


def status(host: Host) -> dict[str, Any]:
    """What `cert status --json` says, whatever its exit code."""
    done = host.run(["falcot-rtc", "cert", "status", "--json"], check=False)
    assert done.returncode in (0, 1), done.stderr
    return dict(json.loads(done.stdout))


def fingerprints(host: Host) -> set[str]:
    """What a client sees on all ports together."""
    seen = served(host)
    assert len(seen) > 15
    return {certificates.fingerprint(pem.encode()) for pem in seen.values()}


def finished(host: Host) -> tuple[str, ...]:
    """How the last run of the service ended, and when."""
    (found,) = units(host, [SERVICE], "Result", "InactiveEnterTimestampMonotonic").values()
    return found


def test_a_renewal_missed_while_off_is_caught_at_boot(host: Host) -> None:
    ca = Pair(
        chain=host.read("/etc/falcot-rtc/ca/ca.crt").encode(),
        key=host.read("/etc/falcot-rtc/ca/ca.key").encode(),
    )
    old = certificates.issue(ca, names(host), 90, now() - 61 * DAY)
    texts = json.dumps([old.chain.decode(), old.key.decode()])
    host.run(["python3", "-c", REPLACE], input=texts)
    host.run(["mkfifo", GATE])
    host.push(GATED, f"[Service]\nExecStartPre=/bin/cat {GATE}\n")
    host.reboot()
    running = invocations(host)
    assert fingerprints(host) == {certificates.fingerprint(old.chain)}
    host.run(["rm", GATED])
    # It can be written as soon as the timer has started the service.
    host.shell(f"echo > {GATE}")
    new = until(
        lambda: host.read(f"{SITE}/fullchain.pem").encode(), lambda chain: chain != old.chain
    )
    assert certificates.expiry(new) > now() + 89 * DAY
    found = until(lambda: fingerprints(host), lambda seen: len(seen) == 1)
    assert found == {certificates.fingerprint(new)}
    assert invocations(host) == running
    quiet(host)
    assert_fine(host)


def test_own_ca(host: Host) -> None:
    printed = host.run(["falcot-rtc", "cert", "ca"])
    assert printed.stdout == host.read("/etc/falcot-rtc/ca/ca.crt")
    short = host.run(["falcot-rtc", "cert", "ca", "--fingerprint"]).stdout.strip()
    shown = host.run(["openssl", "x509", "-noout", "-fingerprint", "-sha256"], input=printed.stdout)
    assert shown.stdout.strip().endswith(f"={short}")
    assert short in printed.stderr


def test_renewed_by_hand(host: Host) -> None:
    (before,), running = fingerprints(host), invocations(host)
    said = host.run(["falcot-rtc", "cert", "renew"]).stdout
    (after,) = fingerprints(host)
    assert after != before
    assert invocations(host) == running
    assert f"is served on {len(served(host))} ports" in said
    state = status(host)
    assert {row["served"] for row in state["listeners"]} == {state["fingerprint"]} == {after}
    assert host.run(["falcot-rtc", "plan"]).stdout == "nothing to do\n"


def published_and_fine(host: Host) -> None:
    """TLSA records follow the key: the zone that the client knows is the one of now."""
    host.serve({DOMAIN: host.run(["falcot-rtc", "dns", "show"]).stdout})
    assert_fine(host)


def offer(host: Host, pair: Pair) -> None:
    """What an administrator's own tool does: key and chain, each replaced by another file."""
    rows = ((KEY, pair.key.decode(), 0o600), (CHAIN, pair.chain.decode(), 0o644))
    host.run(["python3", "-c", OFFER], input=json.dumps(rows))


@pytest.fixture(scope="module")
def existing(host: Host, elsewhere: Pair) -> Pair:
    """The host follows two files; what is in them first."""
    pair = certificates.issue(elsewhere, names(host), 90, now())
    offer(host, pair)
    values = {"certificate.path": CHAIN, "certificate.key": KEY, "certificate.source": "existing"}
    for key, value in values.items():
        host.run(["falcot-rtc", "config", "set", key, value])
    host.run(["falcot-rtc", "apply"])
    assert fingerprints(host) == {certificates.fingerprint(pair.chain)}
    return pair


def test_files_that_change_are_noticed_and_served(
    host: Host, existing: Pair, elsewhere: Pair
) -> None:
    published_and_fine(host)
    running = invocations(host)
    new = certificates.issue(elsewhere, names(host), 90, now())
    # In an order that no server takes, the key among them.
    leaf, root = new.chain.split(b"-----END CERTIFICATE-----\n")[:2]
    end = b"-----END CERTIFICATE-----\n"
    offer(host, Pair(chain=root + end + new.key + leaf + end, key=new.key))
    wanted = {certificates.fingerprint(new.chain)}
    assert until(lambda: fingerprints(host), lambda seen: seen == wanted) == wanted
    assert invocations(host) == running
    published_and_fine(host)
    offer(host, existing)
    wanted = {certificates.fingerprint(existing.chain)}
    assert until(lambda: fingerprints(host), lambda seen: seen == wanted) == wanted


BAD = {
    "corrupted": "holds no PEM certificate",
    "mismatched": "does not belong to the certificate",
    "expired": "expired on",
    "nameless": f"lacks the name turn-server.{DOMAIN}",
    "incomplete": "the chain is incomplete",
}


def bad(kind: str, host: Host, elsewhere: Pair) -> Pair:
    good = certificates.issue(elsewhere, names(host), 90, now())
    match kind:
        case "corrupted":
            return Pair(chain=good.chain.replace(b"BEGIN", b"BEGONE"), key=good.key)
        case "mismatched":
            other = certificates.issue(elsewhere, names(host), 90, now())
            return Pair(chain=good.chain, key=other.key)
        case "expired":
            return certificates.issue(elsewhere, names(host), 90, now() - 91 * DAY)
        case "nameless":
            return certificates.issue(elsewhere, (DOMAIN,), 90, now())
        case "incomplete":
            stranger = certificates.new_ca("nobody.example", now())
            alone = certificates.issue(stranger, names(host), 90, now())
            end = b"-----END CERTIFICATE-----\n"
            return Pair(chain=alone.chain.partition(end)[0] + end, key=alone.key)
    raise ValueError(kind)


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_renewal_is_refused_and_the_old_one_stays(
    host: Host, existing: Pair, elsewhere: Pair, kind: str
) -> None:
    running, before = invocations(host), finished(host)
    offer(host, bad(kind, host, elsewhere))
    result, _ = until(lambda: finished(host), lambda seen: seen[1] not in (before[1], "0"))
    try:
        assert result == "exit-code"
        assert fingerprints(host) == {certificates.fingerprint(existing.chain)}
        assert invocations(host) == running
        state = status(host)
        assert BAD[kind] in state["refused"]
        assert state["status"] == "fail"
        code, results = check(host)
        assert code == 1
        assert BAD[kind] in failures(results)["host.certificate"]
        assert BAD[kind] in host.journal("-t", "falcot-rtc", "-n", "20")
        # Whatever else is applied, the old one stays, and this is said.
        done = host.run(["falcot-rtc", "apply"], check=False)
        assert done.returncode == 1 and "stays in service" in done.stdout
    finally:
        before = finished(host)
        offer(host, existing)
        until(lambda: finished(host), lambda seen: seen[1] not in (before[1], "0"))
    assert status(host)["refused"] == ""


INSTALLED = "/etc/falcot-rtc/certificate"


def containers(pair: Pair, passphrase: str) -> bytes:
    """The pair as PKCS#12."""
    leaf, above = bundle.certificates(pair.chain)
    key = serialization.load_pem_private_key(pair.key, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    encryption = serialization.BestAvailableEncryption(passphrase.encode())
    return pkcs12.serialize_key_and_certificates(b"site", key, leaf, [above], encryption)


def untouched(host: Host) -> tuple[set[str], str, str]:
    """What is served, the settings, and what `cert install` put there, with modes."""
    kept = ""
    if host.exists(INSTALLED):
        kept = host.shell(f"cd {INSTALLED}; stat -c '%n %a %U' *; sha256sum *").stdout
    return fingerprints(host), host.read("/etc/falcot-rtc/settings.toml"), kept


def install(host: Host, *files: str, passphrase: str | None = None) -> Any:
    """Run it as an administrator does; a passphrase comes on standard input."""
    given = [] if passphrase is None else ["--password-stdin"]
    said = None if passphrase is None else f"{passphrase}\n"
    argv = ["falcot-rtc", "cert", "install", *given, *files]
    return host.run(argv, input=said, check=False)


def test_install_takes_pem_in_any_order(host: Host, elsewhere: Pair) -> None:
    pair, running = certificates.issue(elsewhere, names(host), 90, now()), invocations(host)
    end = b"-----END CERTIFICATE-----\n"
    leaf, root, _ = pair.chain.split(end)
    host.push("/root/chain.pem", root + end)
    host.push("/root/both.pem", pair.key + leaf + end, mode=0o600)
    done = install(host, "/root/chain.pem", "/root/both.pem")
    assert done.returncode == 0, done.stderr
    assert fingerprints(host) == {certificates.fingerprint(pair.chain)}
    assert invocations(host) == running
    modes = host.shell(f"stat -c '%a %U' {INSTALLED} {INSTALLED}/*").stdout.split("\n")
    assert modes == ["700 root", "600 root", "600 root", ""]
    published_and_fine(host)


def test_install_opens_containers_with_a_passphrase(host: Host, elsewhere: Pair) -> None:
    pair, running = certificates.issue(elsewhere, names(host), 90, now()), invocations(host)
    host.push("/root/site.p12", containers(pair, "hush, hush"), mode=0o600)
    before = untouched(host)
    for passphrase, said in (("wrong", "this passphrase opens"), (None, "--password-stdin")):
        done = install(host, "/root/site.p12", passphrase=passphrase)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert said in done.stderr
        assert untouched(host) == before
    done = install(host, "/root/site.p12", passphrase="hush, hush")
    assert done.returncode == 0, done.stderr
    assert "hush" not in done.stdout + done.stderr
    assert fingerprints(host) == {certificates.fingerprint(pair.chain)}
    assert invocations(host) == running
    assert "hush" not in host.journal("-t", "falcot-rtc", "-n", "20")
    published_and_fine(host)


@pytest.mark.parametrize("kind", BAD)
def test_install_refuses_a_bad_one_and_nothing_changes(
    host: Host, elsewhere: Pair, kind: str
) -> None:
    pair, before, running = bad(kind, host, elsewhere), untouched(host), invocations(host)
    host.push("/root/bad.pem", pair.chain)
    host.push("/root/bad.key", pair.key, mode=0o600)
    done = install(host, "/root/bad.pem", "/root/bad.key")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert BAD[kind] in done.stderr
    assert untouched(host) == before
    assert invocations(host) == running
    assert host.run(["falcot-rtc", "plan"]).stdout == "nothing to do\n"
