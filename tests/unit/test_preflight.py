# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import socket
from contextlib import closing
from pathlib import Path

import pytest

from falcot_rtc import preflight
from falcot_rtc.endpoints import Endpoint
from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host
from falcot_rtc.listening import Socket
from falcot_rtc.preflight import Holder
from tests.unit.test_endpoints import endpoint

WEB = endpoint(role="web", purpose="web-https", protocol="tcp", port=443, daemon="apache2")
SIX = endpoint(
    role="web", purpose="web-https", family="ipv6", protocol="tcp", port=443,
    address="2001:db8::19", daemon="apache2",
)  # fmt: skip


def listener(address: str, port: int = 443, protocol: str = "tcp", inode: int = 1) -> Socket:
    return Socket(protocol=protocol, address=address, port=port, inode=inode)


def test_a_file_system_without_room_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = Host(tmp_path)
    monkeypatch.setattr(preflight, "ROOM", 1 << 62)
    preflight.room(host)
    host.at("/etc/falcot-rtc").mkdir(parents=True)
    with pytest.raises(FalcotError, match=r"^/etc/falcot-rtc: \d+ KiB are free, apply needs \d+"):
        preflight.run(host, (), (), changing=True)
    preflight.run(host, (), (), changing=False)
    monkeypatch.setattr(preflight, "ROOM", 1)
    preflight.run(host, (), (), changing=True)


ON_443 = endpoint(
    role="sip",
    purpose="sip-tls",
    protocol="tcp",
    port=443,
    daemon="kamailio",
    key="port443.sip.ipv4",
)


@pytest.mark.parametrize(
    ("wanted", "holder", "lines"),
    [
        (WEB, listener("198.51.100.19"), ("move it to another address", "leave 'web' out")),
        (WEB, listener("::"), ("'Listen ADDRESS:443' for 'Listen 443'", "leave 'web' out")),
        (ON_443, listener("198.51.100.19"), ("config set port443.sip.ipv4.bind ADDRESS",)),
        (ON_443, listener("0.0.0.0"), ("instead of all (/etc/apache2/ports.conf: 'Listen ADDRESS:",
                                       "falcot-rtc config set port443.enabled false")),
    ],
)  # fmt: skip
def test_the_line_to_change_is_named(
    wanted: Endpoint, holder: Socket, lines: tuple[str, ...]
) -> None:
    apache = Holder(pid=7, command="apache2", unit="apache2.service")
    said = preflight.way_out(wanted, holder, apache)
    assert all(line in said for line in lines), said
    assert "then falcot-rtc apply; or" in said
    # Nothing is known about a program that nobody foresaw.
    assert "ports.conf" not in preflight.way_out(wanted, holder, None)


@pytest.mark.parametrize(
    ("other", "four", "six"),
    [
        (listener("198.51.100.19"), True, False),
        (listener("198.51.100.20"), False, False),
        (listener("0.0.0.0"), True, False),
        (listener("::"), True, True),
        (listener("2001:db8::19"), False, True),
        (listener("198.51.100.19", port=444), False, False),
        (listener("198.51.100.19", protocol="udp"), False, False),
    ],
)
def test_who_stands_in_the_way(other: Socket, four: bool, six: bool) -> None:
    assert preflight.overlaps(WEB, other) is four
    assert preflight.overlaps(SIX, other) is six


def test_units_of_ours_give_way() -> None:
    held = {1: Holder(pid=7, command="apache2", unit="apache2@falcot-rtc.service")}
    ours = ["apache2@falcot-rtc.service"]
    assert preflight.taken([WEB], [listener("198.51.100.19")], held, ours) == []
    assert len(preflight.taken([WEB], [listener("198.51.100.19")], held, [])) == 1
    # Whom nobody may look at is not ours.
    assert len(preflight.taken([WEB], [listener("198.51.100.19")], {}, ours)) == 1


def test_one_of_ours_gives_way_to_another(tmp_path: Path) -> None:
    """This process has the port; where it is said to belong to a unit, that one is asked to go."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port, inode = taken.getsockname()[1], os.fstat(taken.fileno()).st_ino
        root = Host(tmp_path)
        process = tmp_path / "proc/42"
        (process / "fd").mkdir(parents=True)
        (process / "fd/3").symlink_to(f"socket:[{inode}]")
        (process / "comm").write_text("apache2\n")
        (process / "cgroup").write_text("0::/system.slice/apache2@falcot-rtc.service\n")
        (tmp_path / "proc/net").mkdir()
        (tmp_path / "proc/net/tcp").write_text(Path("/proc/net/tcp").read_text())
        ours = ["apache2@falcot-rtc.service", "kamailio.service"]

        def giving(daemon: str, units: list[str]) -> tuple[str, ...]:
            one = endpoint(protocol="tcp", address="127.0.0.1", port=port, daemon=daemon)
            return preflight.giving_way(root, [one], units)

        assert giving("kamailio", ours) == ("apache2@falcot-rtc.service",)
        # Who keeps it, and who is not ours, are not asked.
        assert giving("apache2", ours) == ()
        assert giving("kamailio", ours[1:]) == ()
    assert giving("kamailio", ours) == ()


def test_the_holder_is_named(tmp_path: Path) -> None:
    process = tmp_path / "proc/42"
    (process / "fd").mkdir(parents=True)
    (process / "fd/3").symlink_to("socket:[77]")
    (process / "comm").write_text("nginx\n")
    (process / "cgroup").write_text("0::/system.slice/nginx.service\n")
    (tmp_path / "proc/self").mkdir()
    host = Host(tmp_path)
    assert preflight.holders(host, [77]) == {
        77: Holder(pid=42, command="nginx", unit="nginx.service")
    }
    assert preflight.holders(host, [78]) == {}
    assert preflight.holders(host, []) == {}
    assert str(Holder(pid=42, command="nginx", unit="nginx.service")) == (
        "'nginx' (process 42, nginx.service)"
    )
    assert str(Holder(pid=42, command="nc", unit="")) == "'nc' (process 42)"


def test_a_port_that_somebody_has_is_refused_by_name() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        wanted = endpoint(
            role="web", purpose="web-https", protocol="tcp", address="127.0.0.1", port=port
        )
        assert not preflight.is_free(wanted)
        with pytest.raises(FalcotError) as caught:
            preflight.ports(Host(Path("/")), [wanted], [])
    assert f"web-https-ipv4: tcp 127.0.0.1:{port} is taken by '" in caught.value.message
    assert "config set services" in caught.value.hint
    assert preflight.is_free(wanted)
    preflight.ports(Host(Path("/")), [wanted], [])


def test_an_address_that_is_not_here_is_refused_by_its_key() -> None:
    # TEST-NET-3 of RFC 5737: nobody has it.
    for key in ("address.ipv4", "port443.sip.ipv4"):
        with pytest.raises(FalcotError, match=rf"^{key}\.bind: '203\.0\.113\.77'"):
            preflight.addresses([endpoint(address="203.0.113.77", key=key)])
    preflight.addresses([endpoint(address="127.0.0.1")])


def test_an_image_build_looks_at_nothing(tmp_path: Path) -> None:
    preflight.run(Host(tmp_path), [endpoint(address="203.0.113.77")], [], changing=True)
