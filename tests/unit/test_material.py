# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import datetime
import sys
from pathlib import Path

import pytest

import falcot_rtc
from falcot_rtc import certificates, judgement, material, paths, sources
from falcot_rtc.errors import FalcotError, UsageError
from falcot_rtc.judgement import Pair
from falcot_rtc.material import Material
from falcot_rtc.policies import tls
from falcot_rtc.resources import CertificateCopy
from tests.unit.fake_host import FALCOT, FakeHost, fresh, put
from tests.unit.test_derive import site

NOW = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
COPIES = [
    CertificateCopy(daemon="coturn", group="turnserver"),
    CertificateCopy(
        daemon="prosody", group="prosody", names=(("a.crt", "a.key"), ("b.crt", "b.key"))
    ),
]
EXISTING = """\
certificate = { source = "existing", path = "/etc/ssl/site.pem", key = "/etc/ssl/site.key" }
"""


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    return fresh(tmp_path)


def make(host: FakeHost, text: str = FALCOT, now: datetime.datetime = NOW) -> Material:
    return material.certificate(host, site(text), COPIES, now)


def carry_out(host: FakeHost, made: Material, *, upto: int | None = None) -> None:
    for write in made.writes[:upto]:
        host.write(write.path, write.content, group=write.group, mode=write.mode)
    if upto is None:
        host.write(paths.JUDGED, judgement.dump(made.judgement).encode(), mode=0o644)


def test_secrets_are_made_once() -> None:
    known, writes = material.with_secrets({"mine": "x"}, ["turn-minted"])
    assert known["mine"] == "x"
    assert len(known["turn-minted"]) >= 32
    (write,) = writes
    assert write.path == f"{paths.SECRETS}/turn-minted"
    assert write.mode == 0o600
    assert write.content.decode() == known["turn-minted"] + "\n"
    assert material.with_secrets(known, ["turn-minted"]) == (known, ())
    # An empty file, as a full disk leaves it, is no secret.
    assert material.with_secrets({"turn-minted": ""}, ["turn-minted"])[1]


def test_nothing_is_written_yet(host: FakeHost) -> None:
    make(host)
    assert not host.exists(paths.TLS)
    assert not host.exists(paths.CA)


def test_a_first_certificate(host: FakeHost) -> None:
    made = make(host)
    assert [(w.path, w.group, oct(w.mode)) for w in made.writes] == [
        ("/etc/falcot-rtc/ca/ca.key", "root", "0o600"),
        ("/etc/falcot-rtc/ca/ca.crt", "root", "0o644"),
        ("/var/lib/falcot-rtc/tls/ca.crt", "root", "0o644"),
        ("/var/lib/falcot-rtc/tls/site/key.pem", "root", "0o600"),
        ("/var/lib/falcot-rtc/tls/site/fullchain.pem", "root", "0o644"),
        ("/var/lib/falcot-rtc/tls/coturn/key.pem", "turnserver", "0o640"),
        ("/var/lib/falcot-rtc/tls/coturn/fullchain.pem", "turnserver", "0o644"),
        ("/var/lib/falcot-rtc/tls/prosody/a.key", "prosody", "0o640"),
        ("/var/lib/falcot-rtc/tls/prosody/a.crt", "prosody", "0o644"),
        ("/var/lib/falcot-rtc/tls/prosody/b.key", "prosody", "0o640"),
        ("/var/lib/falcot-rtc/tls/prosody/b.crt", "prosody", "0o644"),
    ]
    carry_out(host, made)
    chain = host.read(sources.SITE_CHAIN) or b""
    assert certificates.names_of(chain) == tls.names(site().settings)


def test_the_second_time_nothing_is_left_to_do(host: FakeHost) -> None:
    first = make(host)
    carry_out(host, first)
    assert make(host) == Material(writes=(), digests=first.digests, judgement=first.judgement)


def test_what_is_judged_is_not_looked_into_again(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry_out(host, make(host))
    # Imports fail from now on.
    monkeypatch.delattr(falcot_rtc, "certificates")
    monkeypatch.setitem(sys.modules, "falcot_rtc.certificates", None)
    assert make(host).writes == ()
    for change in (
        {"now": NOW + 60 * DAY},
        {"text": FALCOT.replace("falcot.com", "example.net")},
    ):
        with pytest.raises(ImportError):
            make(host, **change)
    put(host.root, sources.SITE_KEY, "edited")
    with pytest.raises(ImportError):
        make(host)


@pytest.mark.parametrize("content", [b"", b"junk", b"\xff", b"[]", b"{}"])
def test_a_damaged_judgement_is_made_anew(host: FakeHost, content: bytes) -> None:
    first = make(host)
    carry_out(host, first)
    host.write(paths.JUDGED, content, mode=0o644)
    assert make(host) == Material(writes=(), digests=first.digests, judgement=first.judgement)


def test_renewal_keeps_the_ca(host: FakeHost) -> None:
    carry_out(host, make(host))
    assert make(host, now=NOW + 59 * DAY).writes == ()
    later = make(host, now=NOW + 61 * DAY)
    assert not [w for w in later.writes if "ca" in w.path.rpartition("/")[2].split(".")]
    assert len(later.writes) == 8


def test_a_new_domain_is_a_new_certificate(host: FakeHost) -> None:
    carry_out(host, make(host))
    made = make(host, FALCOT.replace("falcot.com", "example.net"))
    assert "example.net" in certificates.names_of(made.writes[1].content)


@pytest.mark.parametrize("killed_after", range(1, 11))
@pytest.mark.parametrize("renewal", [False, True])
def test_killed_between_two_writes(host: FakeHost, killed_after: int, renewal: bool) -> None:
    if renewal:
        carry_out(host, make(host))
    carry_out(host, make(host, FALCOT.replace("falcot.com", "example.net")), upto=killed_after)
    # The settings are what they were by now: what was half written must not be taken for good.
    carry_out(host, make(host))
    pair = Pair(chain=host.read(sources.SITE_CHAIN) or b"", key=host.read(sources.SITE_KEY) or b"")
    assert certificates.faults(pair, tls.names(site().settings), ("falcot.com",), NOW) == []
    assert pair.chain.endswith(host.read(sources.CA_CHAIN) or b"-")
    assert host.read(sources.PUBLIC_CA) == host.read(sources.CA_CHAIN)
    assert host.read(f"{paths.TLS}/coturn/key.pem") == pair.key
    assert make(host).writes == ()


def test_a_new_ca_signs_anew(host: FakeHost) -> None:
    carry_out(host, make(host))
    for path in (sources.CA_KEY, sources.CA_CHAIN):
        host.remove(path)
    carry_out(host, make(host), upto=3)
    carry_out(host, make(host))
    assert (host.read(sources.SITE_CHAIN) or b"").endswith(host.read(sources.CA_CHAIN) or b"-")


@pytest.mark.parametrize("lost", [sources.CA_KEY, sources.CA_CHAIN])
def test_half_a_ca_is_not_replaced_silently(host: FakeHost, lost: str) -> None:
    carry_out(host, make(host))
    host.remove(lost)
    with pytest.raises(FalcotError, match="only one of") as caught:
        make(host)
    assert "backup" in caught.value.hint


@pytest.mark.parametrize("path", [sources.SITE_KEY, sources.SITE_CHAIN])
@pytest.mark.parametrize("content", ["", "junk"])
def test_a_damaged_pair_is_made_anew(host: FakeHost, path: str, content: str) -> None:
    carry_out(host, make(host))
    put(host.root, path, content)
    carry_out(host, make(host))
    assert make(host).writes == ()


def test_access_to_a_copy_is_repaired(host: FakeHost) -> None:
    carry_out(host, make(host))
    host.at(f"{paths.TLS}/coturn/key.pem").chmod(0o644)
    (write,) = make(host).writes
    assert (write.path, write.mode) == (f"{paths.TLS}/coturn/key.pem", 0o640)
    assert write.why == "root:turnserver 0644, should be root:turnserver 0640"


def existing(host: FakeHost, *names: str, days: int = 90) -> Pair:
    pair = certificates.issue(certificates.new_ca("test", NOW), names, days, NOW)
    put(host.root, "/etc/ssl/site.pem", pair.chain.decode())
    put(host.root, "/etc/ssl/site.key", pair.key.decode())
    return pair


def test_an_existing_certificate_is_copied(host: FakeHost) -> None:
    pair = existing(host, "falcot.com", "*.falcot.com")
    carry_out(host, make(host, EXISTING + FALCOT))
    assert host.read(f"{paths.TLS}/coturn/fullchain.pem") == pair.chain
    assert host.read(f"{paths.TLS}/prosody/a.key") == pair.key
    assert not host.exists(paths.CA)
    assert make(host, EXISTING + FALCOT).writes == ()


@pytest.mark.parametrize(
    ("names", "days", "said"),
    [
        (("falcot.com",), 90, "lacks the name server1.falcot.com"),
        (("*.com", "*.falcot.com"), 90, "falcot.com by a wildcard only"),
        (("falcot.com", "*.falcot.com"), 0, "expired on 2026-11-23"),
    ],
)
def test_an_unfit_certificate_says_why(
    host: FakeHost, names: tuple[str, ...], days: int, said: str
) -> None:
    existing(host, *names, days=days)
    with pytest.raises(UsageError, match=said) as caught:
        make(host, EXISTING + FALCOT)
    assert "/etc/ssl/site.pem" in caught.value.message


@pytest.mark.parametrize("missing", ["/etc/ssl/site.pem", "/etc/ssl/site.key"])
def test_a_missing_file_is_named(host: FakeHost, missing: str) -> None:
    existing(host, "falcot.com", "*.falcot.com")
    host.remove(missing)
    with pytest.raises(UsageError, match=f"{missing} does not exist"):
        make(host, EXISTING + FALCOT)


def test_digests_follow_the_certificate(host: FakeHost) -> None:
    first = make(host)
    assert set(first.digests) == {f"{paths.TLS}/coturn/", f"{paths.TLS}/prosody/"}
    assert make(host).digests != first.digests


def test_minters_secrets_have_generations() -> None:
    names = ["turn-minted", "sip-minted"]
    known, writes = material.turned_secrets({}, names, 1000, period=None, longest=60)
    assert [write.path for write in writes] == [f"{paths.SECRETS}/{name}" for name in names]
    for write, name in zip(writes, names, strict=True):
        assert write.content.decode() == known[name]
        assert known[name].startswith("1000 ") and len(known[name]) > 40
        assert write.mode == 0o600
    # As long as nobody wants a rotation, nothing changes, however old they are.
    same = material.turned_secrets(known, names, 10**9, period=None, longest=60)
    assert same == (known, ())
    turned, writes = material.turned_secrets(known, names[:1], 2000, period=1000, longest=60)
    assert turned["turn-minted"].startswith(known["turn-minted"] + "2000 ")
    assert turned["sip-minted"] == known["sip-minted"]
    assert len(writes) == 1
