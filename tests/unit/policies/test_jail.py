# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import configparser
import re

import pytest

from falcot_rtc import derive
from falcot_rtc.policies import jail
from falcot_rtc.resources import HostFile
from tests.unit.fake_host import FALCOT
from tests.unit.policies.rendering import content
from tests.unit.test_derive import site

ON_443 = """
[port443]
enabled = true
roles = ["sip", "web"]
[port443.sip]
ipv4 = { bind = "198.51.100.22" }
"""
LINE = "server1 {}: "
ADDRESS = r"(?P<address>[0-9a-f.:]+)"


def jails(text: str = FALCOT, **tunables: str) -> configparser.RawConfigParser:
    found = configparser.RawConfigParser()
    found.read_string(content(jail.JAILS, site(text, **tunables)))
    return found


def patterns(name: str) -> list[re.Pattern[str]]:
    """The filter's expressions with fail2ban's words replaced, as far as these tests need them."""
    found = configparser.ConfigParser()
    found.read_string(content(f"/etc/fail2ban/filter.d/{name}.conf"))
    texts = found["Definition"]["failregex"].splitlines()
    return [
        re.compile(re.sub(r"</?F-[A-Z]+>", "", text.replace("<ADDR>", ADDRESS))) for text in texts
    ]


def test_people_s_ports_are_closed_and_no_other() -> None:
    found = jails("sip.internal-tcp = true\n" + FALCOT)
    assert {name: found[name]["port"] for name in found.sections()} == {
        "falcot-rtc-turn": "3478,3479,5349",
        "falcot-rtc-sip": "5060,5061,8443",
        "falcot-rtc-xmpp": "5222,5223,5281",
        "falcot-rtc-web": "443",
    }
    assert found["falcot-rtc-turn"]["protocol"] == "tcp,udp"
    assert found["falcot-rtc-sip"]["protocol"] == "tcp"


def test_a_port_is_closed_at_the_addresses_of_its_service_alone() -> None:
    """Port 443 of four addresses is that of four services."""
    found = jails(FALCOT + ON_443)
    action = found["falcot-rtc-sip"]["banaction"]
    assert action == (
        'falcot-rtc[at-ip="198.51.100.22 . 443, 198.51.100.19 . 5061, 198.51.100.22 . 5061, '
        '198.51.100.19 . 8443, 198.51.100.22 . 8443", '
        'at-ip6="2001:db8:1000:2000::19 . 5061, 2001:db8:1000:2000::19 . 8443"]'
    )
    assert "198.51.100.19 . 443" in found["falcot-rtc-web"]["banaction"]
    assert (
        "at-ip6" not in jails(FALCOT.partition("[address.ipv6]")[0])["falcot-rtc-sip"]["banaction"]
    )


def test_the_host_itself_and_who_is_trusted_are_never_shut_out() -> None:
    text = FALCOT.replace('bind = "198.51.100.19"', 'bind = "10.0.0.9"\npublic = "203.0.113.9"')
    found = jails(text, jail='trusted = ["192.0.2.0/24"]')["falcot-rtc-sip"]["ignoreip"]
    assert found.split() == [
        "127.0.0.0/8", "::1", "10.0.0.9", "203.0.113.9", "198.51.100.20", "2001:db8:1000:2000::19",
        "192.0.2.0/24",
    ]  # fmt: skip


def test_only_roles_of_the_host_have_a_jail() -> None:
    assert jails('services = ["xmpp"]\n' + FALCOT).sections() == ["falcot-rtc-xmpp"]
    found = derive.desired(site("services = []\n" + FALCOT)).of(HostFile)
    assert not [file.path for file in found if "fail2ban" in file.path]


@pytest.mark.parametrize(
    "line",
    [
        "kamailio[1]: WARNING: <script>: falcot-rtc: login failed from {} port 5 method REGISTER "
        "user joe@falcot.com",
        "prosody[1]: falcot-rtc: login failed from {} user joe@falcot.com",
        "falcot-rtc-password[1]: falcot-rtc: login failed from {} user joe@falcot.com",
    ],
)
@pytest.mark.parametrize("address", ["198.51.100.1", "2001:db8:1000:2000::1"])
def test_the_line_of_each_service(line: str, address: str) -> None:
    (pattern,) = patterns("falcot-rtc")
    found = pattern.match("server1 " + line.format(address))
    assert found is not None and found["address"] == address
    # Accounts of checks are nobody's, and their failures nobody's fault.
    assert not pattern.match("server1 " + line.format(address).replace("joe", "falcot-rtc-check-1"))


@pytest.mark.parametrize(
    "line",
    [
        "prosody[1]: x falcot-rtc: login failed from 192.0.2.1 user joe@falcot.com",
        "prosody[1]: user falcot-rtc: login failed from 192.0.2.1 user x",
        "kamailio[1]: WARNING: <script>: x: falcot-rtc: login failed from 192.0.2.1 user x",
    ],
)
def test_what_a_client_writes_is_not_read(line: str) -> None:
    (pattern,) = patterns("falcot-rtc")
    assert not pattern.match("server1 " + line)


TURN = "server1 turnserver[1]: 7: : session 001000000000000002: "
ENDED = (
    "closed (2nd stage), user <{}> realm <falcot.com> origin <{}>, local 198.51.100.19:5349, "
    "remote {}:54262, reason: TCP connection closed by client (callback)"
)
REFUSED = "realm <falcot.com> user <{}>: incoming packet message processed, error 401: Unauthorized"


def test_a_first_challenge_is_no_failure() -> None:
    failure, _ = patterns("falcot-rtc-turn")
    assert failure.match(TURN + REFUSED.format("joe"))
    assert failure.match(TURN + "origin <https://x> " + REFUSED.format("joe"))
    assert not failure.match(TURN + REFUSED.format(""))
    assert not failure.match(TURN + REFUSED.format("falcot-rtc-check-1"))
    assert not failure.match(TURN + REFUSED.format("joe").replace("401", "438"))


@pytest.mark.parametrize("address", ["198.51.100.1", "2001:db8::1", "2001:db8:1:2:3:4:5:6"])
@pytest.mark.parametrize(
    "name", ["joe", "", "x>,remote,192.0.2.1:1", "x>,_remote_192.0.2.1:5,_reason:_x"]
)
def test_the_address_is_that_at_the_end(address: str, name: str) -> None:
    _, end = patterns("falcot-rtc-turn")
    found = end.match(TURN + ENDED.format(name, name, address))
    assert found is not None and found["address"] == address
