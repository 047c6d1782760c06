# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import socket
from pathlib import Path

import pytest

from falcot_rtc import listening
from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host
from falcot_rtc.listening import Socket
from tests.unit.fake_host import FakeHost, FakeUnit, fresh
from tests.unit.test_endpoints import endpoint

# From a little-endian machine: proc(5), /proc/net/tcp and /proc/net/udp6.
TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 136433C6:13C5 00000000:0000 0A 00000000:00000000 00:00000000 00000000   115        0 20563 1
   1: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 20564 1
   2: 136433C6:13C5 016433C6:D431 01 00000000:00000000 00:00000000 00000000   115        0 20565 1
"""
UDP6 = """\
  sl  local_address                         remote_address                        st inode
   0: B80D0120002000100000000019000000:0D96 00000000000000000000000000000000:0000 07 0:0 0:0 0 1 0 9
   1: B80D0120002000100000000019000000:0D97 B80D0120000000000000000001000000:1234 01 0:0 0:0 0 1 0 9
"""
little_endian = pytest.mark.skipif("sys.byteorder != 'little'", reason="samples are little-endian")


@little_endian
def test_listeners_are_told_from_connections() -> None:
    found = listening.sockets([("tcp", TCP), ("udp6", UDP6)])
    assert found == [
        Socket(protocol="tcp", address="198.51.100.19", port=5061, inode=20563),
        Socket(protocol="tcp", address="127.0.0.1", port=5432, inode=20564),
        Socket(protocol="udp", address="2001:db8:1000:2000::19", port=3478, inode=9),
    ]


def test_empty_tables() -> None:
    assert listening.sockets([("tcp", ""), ("udp", TCP.splitlines()[0] + "\n")]) == []


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_the_kernels_own_tables(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    host = Host(Path("/"))
    with socket.socket(family, socket.SOCK_DGRAM) as udp, socket.socket(family) as tcp:
        try:
            udp.bind((address, 0))
        except OSError:
            pytest.skip(f"this machine has no {address}")
        tcp.bind((address, 0))
        tcp.listen()
        held = {(s.protocol, s.address, s.port) for s in listening.present(host)}
        assert {
            ("udp", address, udp.getsockname()[1]),
            ("tcp", address, tcp.getsockname()[1]),
        } <= held


def test_what_is_missing() -> None:
    held = [Socket(protocol="udp", address="198.51.100.19", port=3478)]
    wildcard = [Socket(protocol="udp", address="0.0.0.0", port=3478)]
    there, relay = endpoint(), endpoint(port=49152, last_port=65535)
    tcp = endpoint(protocol="tcp")
    assert listening.missing([there, relay, tcp], held) == [tcp]
    # A listener on every address is not the one that was declared.
    assert listening.missing([there], wildcard) == [there]


def test_waiting_ends_when_everything_is_there(tmp_path: Path) -> None:
    class Late(FakeHost):
        looked = 0

        def text(self, path: str) -> str:
            self.looked += 1
            if self.looked == 9:
                self.system.units["coturn.service"].active = True
            return super().text(path)

    host = Late(tmp_path, fresh(tmp_path).system)
    host.system.units["coturn.service"].sockets = (("udp", "198.51.100.19", 3478),)
    listening.wait(host, [endpoint()], ["coturn.service"])
    assert host.looked >= 9


def test_a_failed_unit_is_not_waited_for(tmp_path: Path) -> None:
    host = fresh(tmp_path)
    host.system.units["coturn.service"] = FakeUnit(failed=True)
    with pytest.raises(FalcotError) as caught:
        listening.wait(host, [endpoint(), endpoint(port=3479)], ["coturn.service"])
    assert caught.value.message == (
        "coturn.service: nothing listens on udp 198.51.100.19:3478 (2 of 2 listeners are missing): "
        "coturn.service: last words"
    )
    assert caught.value.hint == "journalctl -u coturn.service"


def test_nothing_to_wait_for(tmp_path: Path) -> None:
    host = fresh(tmp_path)
    listening.wait(host, [], [])
    assert host.system.commands == []
