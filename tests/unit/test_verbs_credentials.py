# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import time
from pathlib import Path

import pytest

from falcot_rtc import apply, minted, paths, verbs_credentials
from falcot_rtc.accounts import sync
from falcot_rtc.accounts.account import State
from falcot_rtc.errors import FalcotError, UsageError
from falcot_rtc.policies import sip, turn
from falcot_rtc.turn_auth.lookup import Secret
from falcot_rtc.verbs_credentials import DAY, mint, rotate, seconds
from tests.unit.fake_host import FakeHost, again, fresh, put

pytestmark = pytest.mark.usefixtures("network", "volatile")

NAMES = (turn.MINTED_SECRET, sip.MINTED_SECRET)


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    made = fresh(tmp_path)
    apply.apply(made, report=lambda _: None)
    made.system.commands.clear()
    return again(made)


def generations(host: FakeHost, name: str) -> tuple[Secret, ...]:
    return minted.parse(host.text(f"{paths.SECRETS}/{name}"))


def age(host: FakeHost, seconds: int) -> None:
    """Let every generation be so much older, everywhere."""
    for name in NAMES:
        rows = [
            Secret(valid_from=one.valid_from - seconds, secret=one.secret)
            for one in generations(host, name)
        ]
        put(host.root, f"{paths.SECRETS}/{name}", minted.serialise(rows))
    apply.apply(host, report=lambda _: None)
    host.system.commands.clear()


def verbs(host: FakeHost) -> set[tuple[str, str]]:
    """What was done to units."""
    done = ("reload", "restart", "start", "stop")
    ran = [argv[1:] for argv in host.system.commands if argv[0] == "systemctl" and argv[1] in done]
    return {(argv[0], unit) for argv in ran for unit in argv[1:]}


@pytest.mark.parametrize(
    ("text", "found"),
    [("10", 10), ("90s", 90), ("30m", 1800), ("1h", 3600), ("1d", 86400), (None, 3600)],
)
def test_times(text: str | None, found: int) -> None:
    assert seconds(text, 86400) == found


def test_a_time_by_default_is_no_longer_than_allowed() -> None:
    assert seconds(None, 300) == 300


@pytest.mark.parametrize("text", ["", "h", "-1", "1.5h", "9s", "86401", "2d", "1w", "\u0661h"])
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--ttl"):
        seconds(text, 86400)


def test_what_clients_take(host: FakeHost) -> None:
    site, _ = apply.read_site(host)
    with sync.open_store(host) as store:
        account = store.get("admin", "falcot.com")
    before = int(time.time())
    made = mint(site, account, 60)
    assert list(made) == ["expires", "iceServers", "sip"]
    assert before + 60 <= made["expires"] <= before + 65
    (server,) = made["iceServers"]
    assert server["urls"] == [
        "turn:turn-server.falcot.com:3478?transport=udp",
        "turn:turn-server.falcot.com:3478?transport=tcp",
        "turns:turn-server.falcot.com:5349?transport=tcp",
    ]
    expected = minted.for_turn(generations(host, NAMES[0]), "admin@falcot.com", made["expires"])
    assert (server["username"], server["credential"]) == (expected.user, expected.password)
    expected = minted.for_sip(generations(host, NAMES[1]), "admin@falcot.com", made["expires"])
    assert made["sip"] == {
        "uri": "sip:admin@falcot.com",
        "ws_servers": ["wss://sip-proxy.falcot.com:8443/ws"],
        "authorization_user": expected.user,
        "password": expected.password,
        "realm": "falcot.com",
        "expires": made["expires"],
    }


def test_only_active_people_get_any(host: FakeHost) -> None:
    site, _ = apply.read_site(host)
    assert verbs_credentials._active(host, site, "admin").address == "admin@falcot.com"
    with sync.open_store(host) as store:
        store.set_state("admin", "falcot.com", State.DISABLED)
    with pytest.raises(UsageError, match=r"admin@falcot\.com is disabled"):
        verbs_credentials._active(host, site, "admin@falcot.com")
    with pytest.raises(UsageError, match="there is no joe@falcot"):
        verbs_credentials._active(host, site, "joe")


def test_a_rotation_reloads_and_restarts_nothing(host: FakeHost) -> None:
    before = [generations(host, name) for name in NAMES]
    assert rotate(host, due=False) == 0
    for name, old in zip(NAMES, before, strict=True):
        new = generations(host, name)
        assert len(new) == 2 and new[:1] == old
        assert host.at(f"{paths.SECRETS}/{name}").stat().st_mode & 0o777 == 0o600
    assert verbs(host) == {("reload", "kamailio.service"), ("reload", "prosody.service")}
    assert apply.prepare(again(host)).lines == []


def test_a_rotation_waits_for_its_time(host: FakeHost) -> None:
    rotate(host, due=True)
    assert [len(generations(host, name)) for name in NAMES] == [1, 1]
    age(host, 7 * DAY)
    rotate(again(host), due=True)
    assert [len(generations(host, name)) for name in NAMES] == [2, 2]
    # Once nothing of the first one lives, it goes, whether it is time for a third or not.
    age(again(host), DAY + 100)
    rotate(again(host), due=True)
    assert [len(generations(host, name)) for name in NAMES] == [1, 1]


def test_what_an_administrator_prepared_is_not_carried_out(host: FakeHost) -> None:
    put(host.root, f"{paths.POLICY_D}/sip.toml", "workers = 2\n")
    assert rotate(host, due=True) == 0
    with pytest.raises(FalcotError, match="not rotated, as other changes are waiting"):
        rotate(host, due=False)
    assert [len(generations(host, name)) for name in NAMES] == [1, 1]
    assert verbs(host) == set()


def test_a_killed_rotation_is_completed_by_the_timer(host: FakeHost) -> None:
    for name in NAMES:
        rows = minted.turned(
            generations(host, name), "f" * 40, int(time.time()), period=0, longest=DAY
        )
        put(host.root, f"{paths.SECRETS}/{name}", minted.serialise(rows))
    assert apply.prepare(host).lines
    assert rotate(host, due=True) == 0
    assert apply.prepare(again(host)).lines == []
    assert [len(generations(host, name)) for name in NAMES] == [2, 2]
    assert verbs(host) == {("reload", "kamailio.service"), ("reload", "prosody.service")}


def test_a_host_that_is_not_set_up_has_nothing_to_rotate(tmp_path: Path) -> None:
    assert rotate(fresh(tmp_path, settings=""), due=True) == 0
