# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server itself on real sockets; this process plays coturn and the service manager."""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from falcot_rtc.accounts.directory import AS_IS
from falcot_rtc.accounts.projections import Changes
from falcot_rtc.accounts.turn import USERS, TurnProjection
from falcot_rtc.turn_auth.daemon import Server, main
from falcot_rtc.turn_auth.lookup import Secret
from falcot_rtc.turn_auth.systemd import Notifier
from falcot_rtc.turn_auth.users import Users

STARTUP = b"\0\0\0\x21\0\x03\0\0user\0turn\0database\0turn\0\0"
KEY = "0a" * 16


def query(sql: str) -> bytes:
    return b"Q" + (5 + len(sql)).to_bytes(4, "big") + sql.encode() + b"\0"


def look_up(name: str) -> bytes:
    return query(f"select hmackey from turnusers_lt where name='{name}' and realm='falcot.com'")


def answered(client: socket.socket) -> bytes:
    """Everything up to the server's ReadyForQuery, or to the end of the connection."""
    data = b""
    while not data.endswith(b"Z\0\0\0\x05I"):
        part = client.recv(4096)
        if not part:
            break
        data += part
    return data


@dataclass
class Site:
    """What survives a process of the service: socket, users' file, and the manager's store."""

    base: Path
    listener: socket.socket
    manager: socket.socket
    held: dict[str, socket.socket] = field(default_factory=dict)

    def set_users(self, **keys: str) -> None:
        turn = TurnProjection(
            base=self.base / "turn",
            domain="falcot.com",
            realm="falcot.com",
            ttl=600,
            per_minute=50,
            secrets=(Secret(valid_from=0, secret="s"),),
            reader=AS_IS,
        )
        rows = {name: (key,) for name, key in keys.items()}
        gone = turn.read().keys() - rows.keys()
        turn.write(Changes(write={**turn.rows(()), **rows}, remove=frozenset(gone)))

    def connect(self) -> socket.socket:
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(10)
        client.connect(str(self.base / "socket"))
        return client

    def collect(self) -> list[str]:
        """Take what the service told the manager, as systemd would; returns the messages."""
        told = []
        while select.select([self.manager], [], [], 0)[0]:
            state, descriptors, _, _ = socket.recv_fds(self.manager, 200, 4)
            lines = dict(line.split("=", 1) for line in state.decode().splitlines())
            told.append(state.decode())
            if "FDSTORE" in lines:
                self.held[lines["FDNAME"]] = socket.socket(fileno=descriptors[0])
            if "FDSTOREREMOVE" in lines:
                self.held.pop(lines["FDNAME"]).close()
        return told

    @contextmanager
    def running(self) -> Iterator[None]:
        """One process of the service. Its end closes no connection that the manager holds."""
        notifier = Notifier(str(self.base / "notify"))
        server = Server(Users(self.base / "turn" / USERS), notifier)
        server.listen(self.listener.dup())
        for held in self.held.values():
            server.adopt(held.dup())
        asleep, wake = socket.socketpair()
        thread = threading.Thread(target=server.serve, args=(asleep,))
        thread.start()
        try:
            yield
        finally:
            wake.send(b"\0")
            thread.join(10)
            self.collect()
            server.close()
            notifier.close()
            asleep.close()
            wake.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    (tmp_path / "turn").mkdir()
    with (
        socket.socket(socket.AF_UNIX) as listener,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager,
    ):
        listener.bind(str(tmp_path / "socket"))
        listener.listen()
        manager.bind(str(tmp_path / "notify"))
        site = Site(tmp_path, listener, manager)
        site.set_users(joe=KEY)
        yield site
        for held in site.held.values():
            held.close()


def test_a_session(site: Site) -> None:
    with site.running(), site.connect() as client:
        client.sendall(b"\0\0\0\x08\x04\xd2\x16\x2f")
        assert client.recv(10) == b"N"
        client.sendall(STARTUP)
        assert answered(client).startswith(b"R\0\0\0\x08\0\0\0\0")
        client.sendall(look_up("joe"))
        assert KEY.encode() in answered(client)
        client.sendall(look_up("zoe"))
        assert KEY.encode() not in answered(client)
        client.sendall(query("select value from turn_secret"))
        assert b"SELECT 0" in answered(client)
        client.sendall(b"X\0\0\0\x04")
        assert client.recv(10) == b""
    assert site.held == {}


def test_a_new_user_counts_at_once(site: Site) -> None:
    with site.running(), site.connect() as client:
        client.sendall(STARTUP)
        answered(client)
        for name in ("anna", "berta"):
            site.set_users(**{name: KEY})
            client.sendall(look_up(name))
            assert KEY.encode() in answered(client)
            client.sendall(look_up("joe"))
            assert KEY.encode() not in answered(client)


def test_without_a_users_file_nothing_is_answered_wrongly(site: Site) -> None:
    with site.running(), site.connect() as client:
        client.sendall(STARTUP)
        answered(client)
        (site.base / "turn" / USERS).unlink()
        client.sendall(look_up("joe"))
        assert b"C57P03\0" in answered(client)
        site.set_users(joe=KEY)
        client.sendall(look_up("joe"))
        assert KEY.encode() in answered(client)


def test_a_connection_outlives_the_process(site: Site) -> None:
    with site.connect() as client:
        with site.running():
            client.sendall(STARTUP)
            answered(client)
        assert len(site.held) == 1
        # Asked while nobody runs: the request waits in the socket.
        client.sendall(look_up("joe"))
        for _ in range(3):
            with site.running():
                assert KEY.encode() in answered(client)
                client.sendall(look_up("joe"))
                assert KEY.encode() in answered(client)
            client.sendall(look_up("joe"))


def test_a_process_that_died_while_answering_leaves_a_closed_connection(site: Site) -> None:
    with site.connect() as client:
        with site.running():
            client.sendall(STARTUP)
            answered(client)
        (held,) = site.held.values()
        # What a process killed between sending the answer and taking the request leaves behind.
        held.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, 1)
        client.sendall(look_up("joe"))
        with site.running():
            assert client.recv(10) == b""
        assert site.held == {}


@pytest.mark.parametrize("rubbish", [b"*1\r\n$4\r\nPING\r\n", b"Q\0\0\0\x20half", b"P\0\0\0\x04"])
def test_rubbish_ends_the_connection_and_no_other(site: Site, rubbish: bytes) -> None:
    with site.running(), site.connect() as good, site.connect() as bad:
        bad.sendall(rubbish)
        # Although the manager holds a duplicate, the peer sees the end.
        assert bad.recv(10) == b""
        good.sendall(STARTUP)
        assert answered(good).startswith(b"R")
        site.collect()
        assert len(site.held) == 1


def test_without_a_socket_it_says_what_to_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    monkeypatch.delenv("LISTEN_PID", raising=False)
    assert main([str(tmp_path / "users.jsonl")]) == 2
    assert "start falcot-rtc-turn-auth.socket" in caplog.text
