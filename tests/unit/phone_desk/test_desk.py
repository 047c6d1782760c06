# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import logging
import re
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from falcot_rtc import apply, paths
from falcot_rtc.accounts import names, sync
from falcot_rtc.accounts.hashes import turn_password
from falcot_rtc.phone_desk import wish
from falcot_rtc.phone_desk.desk import Desk
from falcot_rtc.phone_desk.wish import Answer, Call, Login, Renew
from tests.unit.fake_host import FakeHost
from tests.unit.phone_desk.rooms import PASSWORD, reader, site_with_people

pytestmark = pytest.mark.usefixtures("network", "volatile")
HERE = ip_address("198.51.100.1")
SHOP = "https://www.falcot.com"


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    return site_with_people(tmp_path)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(host: FakeHost, clock: Clock) -> Desk:
    return Desk(reader(host), clock, clock)


def log_in(desk: Desk, user: str = "joe", password: str = PASSWORD, address: Any = HERE) -> Answer:
    return desk.answer(Login(user=user, password=password, address=address))


def call(desk: Desk, origin: str = SHOP, name: str = "sales", address: Any = HERE) -> Answer:
    return desk.answer(Call(name=name, origin=origin, address=address))


def secret(host: FakeHost, name: str) -> str:
    return host.text(f"{paths.SECRETS}/{name}").split()[-1]


@pytest.mark.parametrize("user", ["joe", "joe@falcot.com", " Joe@Falcot.COM. "])
def test_a_log_in(desk: Desk, host: FakeHost, user: str) -> None:
    said = log_in(desk, user)
    assert said.status == 200 and said.allowed == ""
    assert said.body.keys() == {"address", "realm", "token", "sip", "iceServers", "ttl"}
    assert (said.body["address"], said.body["realm"]) == ("joe@falcot.com", "falcot.com")
    sip, (ice,) = said.body["sip"], said.body["iceServers"]
    assert sip["username"] == "1800003600:joe@falcot.com"
    assert sip["password"] == turn_password(secret(host, "sip-minted"), sip["username"])
    assert sip["servers"] == ["wss://sip-proxy.falcot.com:8443/ws"]
    assert re.fullmatch(r"1800003600:joe@falcot\.com:[0-9]+", ice["username"])
    assert ice["credential"] == turn_password(secret(host, "turn-minted"), ice["username"])
    assert desk.may_close()


@pytest.mark.parametrize(
    ("user", "password", "logged"),
    [
        ("joe", "wrong", "joe@falcot.com"),
        ("nobody", PASSWORD, "nobody@falcot.com"),
        ("gone", PASSWORD, "gone@falcot.com"),
        ("joe@example.org", PASSWORD, "joe@example.org"),
        ("#kind", "SHA-1", "%23kind@falcot.com"),
        ("joe\n x", PASSWORD, "joe%0A%20x@falcot.com"),
    ],
)
def test_refusals_are_alike_and_logged_for_the_jail(
    desk: Desk, caplog: pytest.LogCaptureFixture, user: str, password: str, logged: str
) -> None:
    assert log_in(desk, user, password) is wish.REFUSED
    (row,) = caplog.record_tuples
    line = f"falcot-rtc: login failed from 198.51.100.1 user {logged}"
    assert row == ("phone-desk", logging.WARNING, line)


def test_guessing_takes_longer_each_time(desk: Desk, clock: Clock) -> None:
    for _ in range(5):
        assert log_in(desk, password="wrong") is wish.REFUSED
    said = log_in(desk)
    assert (said.status, said.seconds, said.body) == (429, 2, {"error": "limited", "seconds": 2})
    assert not desk.may_close()
    clock.now += 2
    assert log_in(desk).status == 200


def test_a_check_does_not_wait_for_those_who_guess_beside_it(host: FakeHost, desk: Desk) -> None:
    name = f"{names.RESERVED_PREFIX}000000000001"
    for _ in range(6):
        log_in(desk, user=name, password="wrong")
    assert log_in(desk, user=name).status == 429
    site, _ = apply.read_site(host)
    with sync.open_store(host) as store:
        add = {"realm": "falcot.com", "password": PASSWORD, "kind": sync.kind(site)}
        store.add(name, "falcot.com", reserved=True, **add)
    sync.project(host, site)
    assert log_in(desk, user=name).status == 200
    assert log_in(desk).status == 429


def test_nobody_is_told_by_the_limit_who_exists(host: FakeHost) -> None:
    for name in ("joe", "nobody", "gone", "joe@example.org"):
        desk = Desk(reader(host), Clock(), Clock())
        found = [log_in(desk, name, "wrong", ip_address(n)).status for n in range(9)]
        assert found == [401] * 6 + [429] * 3


def test_a_token_is_renewed_until_its_time_is_over(desk: Desk, clock: Clock) -> None:
    token = log_in(desk).body["token"]
    clock.now += 3600
    said = desk.answer(Renew(token=token))
    assert (said.status, said.body["token"]) == (200, token)
    assert said.body["sip"]["username"] == "1800007200:joe@falcot.com"
    clock.now += 11 * 3600
    assert desk.answer(Renew(token=token)) is wish.REFUSED
    assert desk.answer(Renew(token="x")) is wish.REFUSED


def test_a_token_ends_with_the_password(desk: Desk, host: FakeHost) -> None:
    token = log_in(desk).body["token"]
    site, _ = apply.read_site(host)
    with sync.open_store(host) as store:
        store.set_password("joe", "falcot.com", realm="falcot.com", password=PASSWORD)
    sync.catch_up(host, site)
    assert desk.answer(Renew(token=token)) is wish.REFUSED


def test_a_guest_gets_a_name_of_no_account_and_one_destination(desk: Desk, host: FakeHost) -> None:
    said = call(desk)
    assert (said.status, said.allowed) == (200, SHOP)
    guest, _, domain = said.body["address"].partition("@")
    assert re.fullmatch(names.GUEST, guest) and domain == "falcot.com"
    assert said.body["target"] == "sip:joe@falcot.com"
    assert said.body["title"] == "Ask „Joe“ about <wine>"
    assert said.body["ttl"] == 60 and "token" not in said.body
    sip, (ice,) = said.body["sip"], said.body["iceServers"]
    assert sip["username"] == f"1800000060:{guest}@falcot.com:sales"
    assert sip["password"] == turn_password(secret(host, "sip-minted"), sip["username"])
    # Without a domain: TURN takes names with one for accounts.
    assert re.fullmatch(rf"1800000060:{names.GUEST}:[0-9]+", ice["username"])
    assert guest not in ice["username"]
    assert call(desk).body["address"] != said.body["address"]


def test_guests_of_one_address_share_a_quota_of_turn(desk: Desk, clock: Clock) -> None:
    def name(address: str) -> str:
        (ice,) = call(desk, address=ip_address(address)).body["iceServers"]
        assert ice["credential"]
        return str(ice["username"])

    first = name("192.0.2.1")
    clock.now += 1
    same = name("192.0.2.1")
    clock.now += 58
    assert name("192.0.2.1") == same
    assert same.partition(":")[2] == first.partition(":")[2]
    # Never a shorter time than asked for.
    assert (first[:10], same[:10]) == ("1800000060", "1800000120")
    assert name("192.0.2.2") != same
    assert name("2001:db8::1") == name("2001:db8::2") != name("2001:db8:0:1::1")


def test_only_pages_of_listed_sites_may_ask(desk: Desk) -> None:
    for origin in (SHOP, "https://shop.example:8443", "https://falcot.com"):
        assert call(desk, origin, address=ip_address("192.0.2.1")).allowed == origin
    for origin in ("", "null", "https://evil.example", "https://sip-proxy.falcot.com"):
        assert call(desk, origin) is wish.FOREIGN
    asked = Call(name="sales", origin=SHOP, address=HERE, preflight=True)
    assert desk.answer(asked) == Answer(status=204, allowed=SHOP)


def test_so_many_calls_a_minute_from_one_address(desk: Desk, clock: Clock) -> None:
    found = [call(desk).status for _ in range(100)]
    assert found == [200] * 3 + [429] * 97
    assert call(desk).body == {"error": "limited", "seconds": 20}
    # The page may read that.
    assert call(desk).allowed == SHOP
    assert not desk.may_close()
    network = [ip_address(f"2001:db8::{n}") for n in range(4)]
    assert [call(desk, address=one).status for one in network] == [200] * 3 + [429]
    clock.now += 20
    assert [call(desk).status for _ in range(2)] == [200, 429]
    clock.now += 61
    assert desk.may_close()


def test_many_networks_of_one_site_are_not_many_callers(desk: Desk, clock: Clock) -> None:
    lines = [ip_address(f"2001:db8:1:{n:x}::1") for n in range(50)]
    assert [call(desk, address=one).status for one in lines] == [200] * 12 + [429] * 38
    assert call(desk, address=ip_address("2001:db8:2::1")).status == 200
    assert call(desk).status == 200
    clock.now += 60
    assert call(desk, address=lines[-1]).status == 200


def test_an_entry_has_an_end(desk: Desk, clock: Clock) -> None:
    assert call(desk, name="nothing") is wish.UNKNOWN
    # date --utc --date '2028-01-01' +%s
    clock.now = 1830297600.0 - 10
    said = call(desk)
    assert (said.body["ttl"], said.body["sip"]["username"][:10]) == (10, "1830297600")
    clock.now += 10
    assert call(desk) is wish.UNKNOWN


def test_busy_without_what_it_reads(host: FakeHost, caplog: pytest.LogCaptureFixture) -> None:
    people = host.inside(f"{paths.STATE}/phone/people.jsonl")
    people.rename(people.with_name("aside"))
    desk = Desk(reader(host))
    assert log_in(desk) is wish.BUSY
    assert desk.answer(Renew(token="x")) is wish.BUSY
    assert call(desk).status == 200
    assert "people.jsonl: No such file" in caplog.text
    people.write_text('["#size", "0"]\n["#kind", "SHA-1"]\n["joe@falcot.com", "odd"]\n')
    assert log_in(desk) is wish.BUSY
