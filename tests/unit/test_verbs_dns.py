# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from falcot_rtc import apply, cli, paths, verbs_dns
from falcot_rtc.zone import servers
from tests.unit.fake_host import FALCOT, FakeHost, again, fresh, put
from tests.unit.zone.name_server import ADDRESS, Zones, serving

pytestmark = pytest.mark.usefixtures("network", "volatile")
Run = Callable[..., tuple[int, str]]
TWO = FALCOT + '[[domain]]\nname = "Müller.example"\n'


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    made = fresh(tmp_path, settings=TWO)
    apply.apply(made)
    return made


@pytest.fixture
def run(host: FakeHost, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setattr(verbs_dns, "Host", lambda: again(host))

    def call(*argv: str) -> tuple[int, str]:
        code = cli.main(("dns", *argv))
        shown = capsys.readouterr()
        return code, shown.out + shown.err

    return call


def test_a_zone_is_the_rendered_one_and_the_keys(host: FakeHost, run: Run) -> None:
    code, shown = run("show", "--domain", "falcot.com")
    rendered = host.text(f"{paths.GENERATIONS}/1/dns/falcot.com.zone")
    assert code == 0
    assert shown.startswith(rendered)
    more = [line for line in shown.removeprefix(rendered).splitlines() if line and line[0] != ";"]
    assert len(more) == 9 and all(" IN TLSA  2 1 1 " in line for line in more)


def test_people_may_name_a_domain_as_they_write_it(run: Run) -> None:
    code, shown = run("show", "--domain", "MÜLLER.example")
    assert code == 0
    assert "; müller.example (xn--mller-kva.example)\n" in shown
    assert "$ORIGIN xn--mller-kva.example.\n" in shown and "$ORIGIN falcot.com." not in shown


def test_commands_for_nsupdate(run: Run) -> None:
    _, shown = run("show", "--format", "nsupdate")
    lines = shown.splitlines()
    assert "update add _sips._tcp.falcot.com. 3600 SRV 0 1 5061 sip-proxy.falcot.com." in lines
    assert lines.count("send") == 2
    assert all(line[0] == ";" or line == "send" or line.startswith("update add ") for line in lines)


def test_json(run: Run) -> None:
    rows = json.loads(run("show", "--format", "json")[1])
    assert {
        "domain": "falcot.com",
        "name": "_sips._tcp.falcot.com.",
        "ttl": 3600,
        "type": "SRV",
        "data": "0 1 5061 sip-proxy.falcot.com.",
    } in rows


@pytest.mark.parametrize("verb", ["show", "check"])
@pytest.mark.parametrize("domain", ["example.net", "ü..x"])
def test_a_domain_of_somebody_else(run: Run, verb: str, domain: str) -> None:
    code, shown = run(verb, "--domain", domain)
    assert code == 2
    assert shown.startswith(f"falcot-rtc: dns: {domain} is ")


def test_what_an_update_would_send(
    host: FakeHost, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    soa = "$TTL 60\n@ IN SOA ns hostmaster 1 60 60 60 60\n@ IN NS ns\n"
    with serving(Zones({"falcot.com": soa, "xn--mller-kva.example": soa})) as port:
        monkeypatch.setattr(servers, "PORT", port)
        code, shown = run("update", "--dry-run", "--server", ADDRESS)
    assert code == 0
    assert "update add server1.falcot.com. 3600 A 198.51.100.19\n" in shown
    assert host.read(paths.PUBLISHED) is None


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("--server", "a b"), "--server a b is not a domain name"),
        (("--key-file", "/nowhere/x.key"), "/nowhere/x.key: cannot be read"),
    ],
)
def test_a_wrong_update_is_one_line(run: Run, argv: tuple[str, ...], said: str) -> None:
    code, shown = run("update", *argv)
    assert (code, shown.count("\n")) == (2, 1)
    assert said in shown


def test_a_check_without_a_zone_warns_and_ends_well(host: FakeHost, run: Run) -> None:
    code, shown = run("check")
    assert code == 0
    assert "names no name server" in shown
    rows = json.loads(run("check", "--json")[1])
    assert [(row["domain"], row["status"]) for row in rows] == [
        ("falcot.com", "warn"), ("xn--mller-kva.example", "warn"),
    ]  # fmt: skip


def test_a_wrong_zone_fails(host: FakeHost, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    put(host.root, servers.RESOLV_CONF, f"nameserver {ADDRESS}\n")
    text = run("show", "--domain", "falcot.com")[1].replace("5061 sip", "5062 sip")
    text += "server1 IN A 127.0.0.1\n"
    with serving(Zones({"falcot.com": text})) as port:
        monkeypatch.setattr(servers, "PORT", port)
        code, shown = run("check", "--domain", "falcot.com")
    assert code == 1, shown
    assert "_sips._tcp.falcot.com. SRV 0 1 5062 sip-proxy.falcot.com." in shown
    assert "nothing of this site listens there" in shown


def test_without_settings_one_line_says_what_to_do(host: FakeHost, run: Run) -> None:
    host.remove(paths.SETTINGS)
    for argv in (["show"], ["update"], ["check"]):
        code, shown = run(*argv)
        assert (code, shown.count("\n")) == (1, 1), argv
        assert "dpkg-reconfigure falcot-rtc" in shown
