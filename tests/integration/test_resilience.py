# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reboots, power cuts, services that end, certificates that change, overlays that are wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import DOMAIN, booted
from tests.integration.observe import (
    DAEMONS,
    SOCKET,
    absent,
    active,
    assert_fine,
    check,
    declared,
    failures,
    invocations,
    own_lines,
    units,
    until,
)
from tests.lab.host import Host
from tests.lab.network import INTERFACE

SERVICE = "falcot-rtc-turn-auth.service"

# boots


@pytest.fixture(scope="module")
def careful(release: str, installed: tuple[Path, ...], archive: Path) -> Iterator[Host]:
    """A host which configures its addresses itself and makes sure that they are its own."""
    slow: dict[str, Any] = {"duplicate_address_detection": True, "addresses_by_host": True}
    with booted("careful", release, installed, archive, **slow) as host:
        yield host


def test_the_host_configures_and_checks_its_addresses(careful: Host) -> None:
    """What makes the reboots below hard: an address is there late, and tentative at first."""
    assert careful.read(f"/proc/sys/net/ipv6/conf/{INTERFACE}/accept_dad").strip() == "1"
    shown = careful.run(["networkctl", "--no-pager", "list", INTERFACE]).stdout
    assert "configured" in shown


def test_everything_returns_after_a_reboot(careful: Host) -> None:
    careful.reboot()
    assert_fine(careful)


def test_everything_returns_after_a_power_cut(careful: Host) -> None:
    careful.pull_plug()
    careful.boot()
    assert_fine(careful)


# services that end


@pytest.fixture(scope="module")
def broken(release: str, installed: tuple[Path, ...], archive: Path) -> Iterator[Host]:
    """A site of which each test breaks one thing and mends it."""
    with booted("broken", release, installed, archive) as host:
        yield host


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Units that end, those that check must name, and the network checks that must fail."""

    stopped: tuple[str, ...]
    named: str
    must_fail: tuple[str, ...]
    may_fail: str


LOSSES = (
    Loss(
        stopped=("coturn.service",),
        named="coturn.service",
        must_fail=("turn.listeners", "turn.binding.udp.ipv4", "turn.binding.tls.ipv6"),
        # prosody still hands out credentials, but there is nothing to use them with.
        may_fail=r"turn\..*|xmpp\.turn-credentials",
    ),
    Loss(
        stopped=("kamailio.service",),
        named="kamailio.service",
        must_fail=("sip.listeners", "sip.options.tls.ipv4", "sip.options.wss.ipv6"),
        may_fail=r"sip\..*",
    ),
    Loss(
        stopped=("prosody.service",),
        named="prosody.service",
        must_fail=("xmpp.listeners", "xmpp.login.starttls.ipv4", "xmpp.login.tls.ipv6"),
        may_fail=r"xmpp\..*",
    ),
    Loss(
        stopped=("apache2@falcot-rtc.service",),
        named="apache2@falcot-rtc.service",
        must_fail=("web.listeners", "web.start-page.https.ipv4", "web.redirect.http.ipv6"),
        may_fail=r"web\..*",
    ),
    Loss(
        stopped=(SOCKET, SERVICE),
        named=SOCKET,
        must_fail=("turn.relay-longterm.udp.ipv4", "turn.relay-minted.tls.ipv6"),
        may_fail=r"turn\..*|xmpp\.turn-credentials",
    ),
    Loss(
        stopped=("falcot-rtc-password.socket", "falcot-rtc-password.service"),
        named="falcot-rtc-password.socket",
        must_fail=("web.password.https.ipv4", "web.password.https.ipv6"),
        may_fail=r"web\.password\..*",
    ),
    Loss(
        stopped=("falcot-rtc-phone.socket", "falcot-rtc-phone.service"),
        named="falcot-rtc-phone.socket",
        must_fail=("web.phone.ipv4", "web.phone.ipv6"),
        may_fail=r"web\.phone\..*",
    ),
)


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.named)
def test_check_names_a_service_that_ended(broken: Host, loss: Loss) -> None:
    broken.run(["systemctl", "stop", *loss.stopped])
    code, results = check(broken)
    failed = failures(results)
    assert code == 1
    assert f"host.unit.{loss.named}" in failed
    assert set(loss.must_fail) <= failed.keys()
    # What ended is not applied any more, as `plan` shows.
    others = rf"host\.unit\.{re.escape(loss.named)}|host\.applied"
    assert {one for one in failed if not re.fullmatch(f"{others}|{loss.may_fail}", one)} == set()
    shown = broken.run(["falcot-rtc", "check", "--failed"], check=False)
    assert f"systemctl status {loss.named}" in shown.stdout

    broken.run(["systemctl", "start", loss.stopped[0]])
    assert_fine(broken)


def test_apply_mends_a_service_that_can_not_read_its_key(broken: Host) -> None:
    """systemd tries again and again, so the unit is neither failed nor inactive."""
    key = "/var/lib/falcot-rtc/tls/coturn/key.pem"
    broken.run(["chmod", "600", key])
    broken.run(["systemctl", "restart", "coturn.service"], check=False)
    state = lambda: broken.run(["systemctl", "show", "--property=SubState", "coturn"]).stdout  # noqa: E731
    assert "auto-restart" in until(state, lambda shown: "auto-restart" in shown)
    assert f"'{key}' for reading: Permission denied" in broken.journal("--unit=coturn.service")
    said = broken.run(["falcot-rtc", "apply"]).stdout
    assert f"write {key}" in said
    assert absent(broken) == set()
    assert broken.run(["falcot-rtc", "plan"]).stdout == "nothing to do\n"
    assert_fine(broken)


@pytest.mark.parametrize("name", ["subscribers.sqlite", "location/location.sqlite"])
def test_the_journal_names_the_database_that_kamailio_can_not_use(broken: Host, name: str) -> None:
    path = f"/var/lib/falcot-rtc/sip/{name}"
    mode = broken.run(["stat", "--format=%a", path]).stdout.strip()
    broken.run(["chmod", "000", path])
    done = broken.run(["systemctl", "restart", "kamailio.service"], check=False)
    broken.run(["chmod", mode, path])
    broken.run(["systemctl", "restart", "kamailio.service"])
    assert done.returncode != 0
    lines = broken.journal("--unit=kamailio.service", "--output=cat").splitlines()
    assert [one for one in lines if path in one and one.endswith("Permission denied")], lines[-20:]
    assert absent(broken) == set()


def main_process(host: Host, unit: str) -> int:
    ((number,),) = units(host, [unit], "MainPID").values()
    return int(number)


@pytest.mark.parametrize("unit", [*DAEMONS, SERVICE])
def test_a_service_that_is_killed_comes_back(broken: Host, unit: str) -> None:
    before = main_process(broken, unit)
    assert before > 0
    broken.run(["systemctl", "kill", "--kill-whom=main", "--signal=KILL", unit])
    after = until(lambda: main_process(broken, unit), lambda pid: pid not in (0, before))
    assert after not in (0, before)
    assert absent(broken) == set()


def test_everything_works_after_the_kills(broken: Host) -> None:
    assert_fine(broken)


# certificates

SERVED = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
STARTTLS = {"xmpp-client": "xmpp", "xmpp-server": "xmpp-server"}


def served(host: Host) -> dict[str, str]:
    """The first certificate (PEM) that a client gets on each port with TLS."""
    found = {}
    for row in declared(host):
        if not (row["tls"] or row["purpose"] in STARTTLS) or row["last_port"] is not None:
            continue
        address = f"[{row['address']}]" if ":" in row["address"] else row["address"]
        argv = ["openssl", "s_client", "-connect", f"{address}:{row['port']}"]
        argv += ["-servername", DOMAIN]
        if row["purpose"] in STARTTLS:
            argv += ["-starttls", STARTTLS[row["purpose"]], "-xmpphost", DOMAIN]
        shown = host.client(argv, input="", check=False).stdout
        certificate = SERVED.search(shown)
        assert certificate is not None, f"{row['id']}: {shown}"
        found[row["id"]] = certificate.group()
    return found


def test_new_certificates_are_served_by_the_same_processes(broken: Host) -> None:
    before, running = served(broken), invocations(broken)
    assert len(before) > 15
    (old,) = set(before.values())
    broken.shell("rm /var/lib/falcot-rtc/tls/site/*.pem")
    said = broken.run(["falcot-rtc", "apply"]).stdout
    assert "reload coturn.service" in said
    assert "restart" not in said
    after = served(broken)
    assert after.keys() == before.keys()
    (new,) = set(after.values())
    assert new != old
    assert invocations(broken) == running
    assert_fine(broken)


# overlays


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    provider: str
    name: str
    text: str
    complaint: str


WRONG = (
    Overlay(provider="coturn", name="x.conf", text="no-such-option=1\n",
            complaint="no-such-option"),
    Overlay(provider="kamailio", name="x.cfg", text="route[x] { this is no syntax\n",
            complaint="syntax error"),
    Overlay(provider="prosody", name="x.cfg.lua", text="this is no Lua {\n",
            complaint="syntax error near 'is'"),
    Overlay(provider="apache2", name="x.conf", text="NoSuchDirective on\n",
            complaint="NoSuchDirective"),
)  # fmt: skip


@pytest.mark.parametrize("overlay", WRONG, ids=lambda overlay: overlay.provider)
def test_a_wrong_overlay_changes_nothing(broken: Host, overlay: Overlay) -> None:
    path = f"/etc/falcot-rtc/local.d/{overlay.provider}/{overlay.name}"
    running, current = invocations(broken), broken.run(["readlink", "/etc/falcot-rtc/current"])
    broken.push(path, overlay.text)
    try:
        done = broken.run(["falcot-rtc", "apply"], check=False)
        assert done.returncode == 1
        (line,) = own_lines(done.stderr)
        assert done.stderr.splitlines() == [line]
        assert "everything is as before" in line
        assert overlay.complaint in line
        # What the checker judged is gone; the file that has to be corrected is named.
        near = rf"\(hint: correct {re.escape(path)}, near line [12]\)"
        assert re.search(near, line) or f"below {path.rpartition('/')[0]}" in line
        assert invocations(broken) == running
        assert broken.run(["readlink", "/etc/falcot-rtc/current"]).stdout == current.stdout
        code, results = check(broken)
        # The overlay waits, which is no fault of a service.
        assert failures(results).keys() <= {"host.applied"}
        assert code == (1 if failures(results) else 0)
        status = broken.run(["falcot-rtc", "status"]).stdout
        assert re.search(r"(?m)^pending ", status)
    finally:
        broken.run(["rm", path])
    assert broken.run(["falcot-rtc", "apply"]).stdout == "nothing to do\n"
    assert invocations(broken) == running
    assert active(broken, (*DAEMONS, SOCKET)) == {*DAEMONS, SOCKET}


def test_everything_works_after_the_wrong_overlays(broken: Host) -> None:
    assert_fine(broken)


def test_a_right_overlay_is_applied(broken: Host) -> None:
    """The overlays above failed for what they said, not for where they lay."""
    path = "/etc/falcot-rtc/local.d/coturn/x.conf"
    broken.push(path, "max-allocate-lifetime=1800\n")
    broken.run(["falcot-rtc", "apply"])
    conf = broken.read("/etc/falcot-rtc/current/turn/turnserver.conf")
    assert "max-allocate-lifetime=1800" in conf
    assert_fine(broken)
    broken.run(["rm", path])
    broken.run(["falcot-rtc", "apply"])
    assert_fine(broken)


def test_checks_leave_nothing_that_grows(broken: Host) -> None:
    """prosody notes that somebody left after the account is gone; the next check clears it."""
    traces = ["find", "/var/lib/prosody", "/var/lib/falcot-rtc", "-name", "*falcot%2drtc%2dcheck*"]
    assert_fine(broken)
    first = set(broken.run(traces).stdout.splitlines())
    assert_fine(broken)
    second = set(broken.run(traces).stdout.splitlines())
    assert first & second == set()
    assert len(second) <= 4


def test_an_edited_dropin_is_reported_and_kept(broken: Host) -> None:
    """What stands outside the generations is edited by hand as well, and is not lost either."""
    path = "/etc/systemd/system/coturn.service.d/50-falcot-rtc.conf"
    ours = broken.read(path)
    broken.push(path, f"{ours}# by hand\n")
    assert "-# by hand" in broken.run(["falcot-rtc", "plan"]).stdout
    said = broken.run(["falcot-rtc", "apply"]).stdout
    (aside,) = re.findall(rf"keep {path}, edited by hand, as (\S+)", said)
    assert broken.read(path) == ours
    assert broken.read(aside) == f"{ours}# by hand\n"
    assert broken.run(["falcot-rtc", "plan"]).stdout == "nothing to do\n"
    assert_fine(broken)
