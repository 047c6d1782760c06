# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from dataclasses import replace
from pathlib import Path

import pytest

from falcot_rtc import apply, publishing, settings_file
from falcot_rtc.actions import Write
from falcot_rtc.sources import SITE_CHAIN
from tests.unit.fake_host import FakeHost, again, fresh, put
from tests.unit.zone.name_server import ADDRESS, Zones, serving

pytestmark = pytest.mark.usefixtures("network", "volatile")
SETTINGS = "/etc/falcot-rtc/settings.toml"
TUNED = "/etc/falcot-rtc/policy.d/dns.toml"
ZONE = "$TTL 60\n@ IN SOA ns hostmaster 1 60 60 60 60\n@ IN NS ns\n"


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    return fresh(tmp_path)


def applied(host: FakeHost) -> apply.Prepared:
    return apply.apply(again(host), report=lambda _: None)


def setting(host: FakeHost, key: str, value: object) -> None:
    put(host.root, SETTINGS, settings_file.put(host.text(SETTINGS), {key: value}))


def said(host: FakeHost, done: apply.Prepared) -> tuple[bool, list[str]]:
    lines: list[str] = []
    return publishing.follow(again(host), done, lines.append), lines


def test_nothing_is_said_of_a_first_apply_and_of_what_changes_no_record(host: FakeHost) -> None:
    assert said(host, applied(host)) == (True, [])
    put(host.root, "/etc/falcot-rtc/policy.d/web.toml", "hsts-seconds = 0\n")
    done = applied(host)
    assert done.lines
    assert said(host, done) == (True, [])
    assert said(host, applied(host)) == (True, [])
    assert said(host, apply.apply(again(host), active=False, report=lambda _: None)) == (True, [])


@pytest.mark.parametrize(("tuned", "verb"), [("", "show"), ('update-key = "/root/k"\n', "update")])
def test_changed_records_are_named_with_the_line_to_type(
    host: FakeHost, tuned: str, verb: str
) -> None:
    put(host.root, TUNED, tuned)
    applied(host)
    setting(host, "services", ["turn", "web"])
    line = f"the DNS records have changed, publish them: falcot-rtc dns {verb}"
    assert said(host, applied(host)) == (True, [line])


def test_a_new_key_changes_records_where_it_is_not_the_own_ca_s(host: FakeHost) -> None:
    applied(host)
    done = applied(host)
    write = Write(path=SITE_CHAIN, content=b"", mode=0o600, why="")
    assert done.site is not None
    for source, tlsa, changed in (
        ("own-ca", True, False),
        ("existing", True, True),
        ("existing", False, False),
    ):
        given = replace(done.site.settings.certificate, source=source)
        site = replace(
            done.site,
            settings=replace(done.site.settings, certificate=given),
            tunables={**done.site.tunables, "dns": {**done.site.tunables["dns"], "tlsa": tlsa}},
        )
        assert publishing.changed(replace(done, site=site, writes=(write,))) is changed
        assert not publishing.changed(replace(done, site=site))


def test_who_takes_no_updates_is_named_and_nothing_is_taken_back(host: FakeHost) -> None:
    put(host.root, TUNED, f'publish-on-apply = true\nupdate-server = "{ADDRESS}"\n')
    applied(host)
    setting(host, "services", ["turn", "web"])
    done = applied(host)
    with serving(Zones({"falcot.com": ZONE})) as port, pytest.MonkeyPatch.context() as patch:
        patch.setattr("falcot_rtc.zone.servers.PORT", port)
        patch.setattr("falcot_rtc.zone.update.TIMEOUT", 5.0)
        fine, (line,) = said(host, done)
    assert not fine
    assert line.startswith("the DNS records have changed, but are not published: dns update: ")
    assert applied(host).lines == []
