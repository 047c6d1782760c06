# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host below a temporary directory, with a systemd that lives in memory.

Files are real; names of users are checked, not used. The units follow what is on disk when systemd
last read it: conditions, ExecStartPre, and the files of the present generation.
"""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from subprocess import CompletedProcess

from falcot_rtc import paths
from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host
from falcot_rtc.probes.ticket import Target

USERS = (
    "root",
    "kamailio",
    "prosody",
    "turnserver",
    "_falcot-rtc-turn",
    "_falcot-rtc-phone",
    "www-data",
)
VALIDATORS = ("python3", "nft", "kamailio", "prosodyctl", "apache2", "named-checkzone")
STOCK = ("coturn.service", "kamailio.service", "prosody.service", "apache2.service")
OWN = (
    "falcot-rtc-turn-auth.socket",
    "falcot-rtc-password.socket",
    "falcot-rtc-phone.socket",
    "falcot-rtc-rotate.timer",
    "falcot-rtc-certificate.timer",
    "falcot-rtc-certificate.path",
    "falcot-rtc-firewall.service",
    "apache2@falcot-rtc.service",
)
ADDRESSES = ("198.51.100.19", "198.51.100.20", "2001:db8:1000:2000::19")

# What each daemon opens on each of its addresses, written by hand.
PORTS: dict[str, tuple[tuple[str, int], ...]] = {
    "coturn.service": (("udp", 3478), ("tcp", 3478), ("tcp", 5349), ("udp", 3479), ("tcp", 3479)),
    "kamailio.service": (("tcp", 5061), ("tcp", 8443)),
    "prosody.service": tuple(("tcp", port) for port in (5222, 5223, 5269, 5270, 5281)),
    "apache2@falcot-rtc.service": (("tcp", 80), ("tcp", 443)),
}


class Killed(BaseException):
    """What a process notices of SIGKILL: nothing of its own code runs after it."""


@dataclass
class FakeUnit:
    enabled: bool = False
    active: bool = False
    failed: bool = False
    dropins: tuple[str, ...] = ()
    looping: bool = False
    sockets: tuple[tuple[str, str, int], ...] = ()
    generation: str = ""
    certificate: bytes = b""


@dataclass
class System:
    """What outlives a process: the units, and what was seen.

    `refuses`: a unit does not start while a file of the present generation has this text.
    `judges`: a checker refuses a tree of which a file has this text. `deaf` units start and do not
    listen, `stuck` ones take up no new certificate. `stock_starts`: units that ran without our
    drop-in.
    """

    units: dict[str, FakeUnit] = field(default_factory=dict)
    owners: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)
    refuses: dict[str, str] = field(default_factory=dict)
    judges: dict[str, str] = field(default_factory=dict)
    deaf: set[str] = field(default_factory=set)
    stuck: set[str] = field(default_factory=set)
    commands: list[tuple[str, ...]] = field(default_factory=list)
    stock_starts: list[str] = field(default_factory=list)
    addresses: tuple[str, ...] = ADDRESSES
    # What fail2ban lists; empty where it does not run.
    jails: str = ""
    # Our packet filter as nft was given it, those of others as JSON, what sshd -T prints, and the
    # seconds after which systemd would take the filter back.
    filter: str = ""
    chains: str = '{"nftables": []}'
    sshd: str = ""
    ssh_socket: str = ""
    take_back: int = 0


class FakeHost(Host):
    lock_timeout = 1

    def __init__(self, root: Path, system: System | None = None, dies_at: int = 0) -> None:
        super().__init__(root)
        self.system = system or System()
        self.effects = 0
        self.dies_at = dies_at

    def _effect(self) -> None:
        self.effects += 1
        # A process that was killed does nothing any more, not even take back.
        if 0 < self.dies_at <= self.effects:
            raise Killed

    # files

    def inside(self, path: str) -> Path:
        """Where a path leads on this host; absolute links stay below the root."""
        at, rest = self.root, [part for part in path.split("/") if part]
        for _ in range(100):
            if not rest:
                return at
            at, step = at / rest[0], rest[0]
            rest = rest[1:]
            if at.is_symlink():
                target = str(at.readlink())
                parts = [part for part in target.split("/") if part]
                at, rest = (self.root if target.startswith("/") else at.parent), parts + rest
                if parts[:1] == [".."]:
                    at, rest = at.parent, rest[1:]
        raise OSError(f"{path}: too many links at {step}")

    def ids(self, owner: str, group: str) -> tuple[int, int]:
        for name in (owner, group):
            if name not in USERS:
                raise FalcotError(f"user or group {name} does not exist")
        return -1, -1

    def own(self, path: Path, owner: str, group: str) -> None:
        super().own(path, owner, group)
        status = path.stat()
        self.system.owners[status.st_dev, status.st_ino] = (owner, group)

    def access(self, path: str) -> tuple[str, str, int]:
        status = self.at(path).stat()
        owner, group = self.system.owners.get((status.st_dev, status.st_ino), ("root", "root"))
        return owner, group, status.st_mode & 0o7777

    def make_directory(
        self, path: str, *, owner: str = "root", group: str = "root", mode: int = 0o755
    ) -> None:
        self._effect()
        super().make_directory(path, owner=owner, group=group, mode=mode)

    def write(
        self, path: str, content: bytes, *, owner: str = "root", group: str = "root", mode: int
    ) -> None:
        self._effect()
        super().write(path, content, owner=owner, group=group, mode=mode)

    def link(self, path: str, target: str) -> None:
        self._effect()
        super().link(path, target)

    def remove(self, path: str) -> None:
        self._effect()
        super().remove(path)

    def read(self, path: str) -> bytes | None:
        if path.startswith("/proc/net/"):
            return self._listeners(path.removeprefix("/proc/net/")).encode()
        return super().read(path)

    def _listeners(self, table: str) -> str:
        rows = ["  sl  local_address rem_address   st"]
        held = {s for unit in self.system.units.values() if unit.active for s in unit.sockets}
        for protocol, address, port in sorted(held):
            packed = ip_address(address).packed
            if table == protocol + ("6" if len(packed) == 16 else ""):
                words = [packed[i : i + 4][::-1].hex().upper() for i in range(0, len(packed), 4)]
                state = "0A" if protocol == "tcp" else "07"
                rows.append(f"0: {''.join(words)}:{port:04X} 0:0 {state} 0:0 0:0 0 0 0 {port}")
        return "\n".join(rows) + "\n"

    # commands

    def run(
        self,
        *argv: str,
        check: bool = True,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        timeout: int = 0,
    ) -> CompletedProcess[bytes]:
        self.system.commands.append(argv)
        if argv[0] == "pwscore" and len(stdin) < 8:
            said = b"Password quality check failed:\n The password is shorter than 8 characters\n"
            return CompletedProcess(argv, 1, b"", said)
        if (
            argv[0] == "nft"
            and "{tree}" not in argv
            and not any("/generations/" in a for a in argv)
        ):
            return self._nft(argv, stdin.decode())
        code, out = self._answer(argv)
        if check and code:
            raise FalcotError(f"{' '.join(argv)}: {out}")
        return CompletedProcess(argv, code, out.encode(), b"")

    def _nft(self, argv: tuple[str, ...], text: str) -> CompletedProcess[bytes]:
        match argv[1:]:
            case ["-c", "-f", "-"]:
                pass
            case ["-f", "-"]:
                self.system.filter = text
            case ["-j", "list", "chains"]:
                return CompletedProcess(argv, 0, self.system.chains.encode(), b"")
            case ["list" | "delete" as verb, "table", "inet", "falcot_rtc_ports"]:
                there = bool(self.system.filter)
                self.system.filter = self.system.filter if verb == "list" else ""
                return CompletedProcess(argv, 0 if there else 1, b"", b"")
            case _:
                raise AssertionError(argv)
        return CompletedProcess(argv, 0, b"", b"")

    def _answer(self, argv: tuple[str, ...]) -> tuple[int, str]:
        if argv[0] in VALIDATORS:
            return self._judge(argv)
        if argv[0] == "pwscore":
            return 0, "50\n"
        if argv[0] == "journalctl":
            return 0, f"{argv[2]}: last words\n"
        if argv[0].endswith("/usr/sbin/policy-rc.d"):
            return 101, ""
        if argv[0] == "/usr/bin/fail2ban-client":
            listed = f"Status\n|- Number of jail:\t9\n`- Jail list:\t{self.system.jails}\n"
            return (0, listed) if self.system.jails else (255, "")
        if argv[0] == "/usr/sbin/sshd":
            return (
                (0, self.system.sshd) if self.system.sshd else (255, "Missing privilege separation")
            )
        if argv[0] == "systemd-run":
            (delay,) = (a for a in argv if a.startswith("--on-active="))
            self.system.take_back = int(delay.partition("=")[2])
            return 0, ""
        if argv == ("systemctl", "stop", "falcot-rtc-firewall-takeback.timer"):
            self.system.take_back = 0
            return 0, ""
        if argv == ("systemctl", "show", "ssh.socket"):
            return 0, self.system.ssh_socket
        assert argv[0] == "systemctl", argv
        units = self.system.units
        match argv[1:]:
            case ["show", properties, "--", *names]:
                assert properties == (
                    "--property=LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload"
                )
                return 0, "\n".join(self._show(name) for name in names)
            case ["is-active", name]:
                return (0, "active\n") if units[name].active else (3, "inactive\n")
            case ["is-failed", "--", *names]:
                return 0, "".join(
                    "failed\n" if units[name].failed else "active\n" for name in names
                )
        self._effect()
        match argv[1:]:
            case ["daemon-reload"]:
                for name, unit in units.items():
                    unit.dropins = self._dropins(name)
            case [("enable" | "disable") as verb, "--quiet", "--no-reload", name]:
                if name not in units:
                    return 1, f"Unit file {name} does not exist."
                units[name].enabled = verb == "enable"
            case ["stop", name]:
                units[name].active = units[name].failed = False
            case ["start", name]:
                return (0, "") if units[name].active else self._start(name)
            case ["restart", *names]:
                done = [self._start(name) for name in names]
                return max(code for code, _ in done), "\n".join(said for _, said in done if said)
            case ["reload", name]:
                assert units[name].active, f"reload of {name}, which does not run"
                if name in self.system.deaf:
                    return 1, f"Job for {name} failed"
                self._take_certificate(name)
            case _:
                raise AssertionError(argv)
        return 0, ""

    def _judge(self, argv: tuple[str, ...]) -> tuple[int, str]:
        trees = {m[0] for part in argv for m in re.finditer(r"/\S*/generations/\d+", part)}
        # What is judged after the switch goes by the name that the services use.
        (tree,) = trees or {self.target(paths.CURRENT) or ""}
        text = self.system.judges.get(argv[0])
        if text is not None and self._tree_has(self.at(tree), text):
            return 1, f"{argv[0]} refuses {text}"
        return 0, ""

    def _tree_has(self, tree: Path, text: str) -> bool:
        files = [file for file in tree.rglob("*") if file.is_file()]
        assert files, f"{tree} is empty"
        return any(text in file.read_text() for file in files)

    def _show(self, name: str) -> str:
        unit = self.system.units.get(name)
        load = "loaded" if unit else "not-found"
        active = "failed" if unit and unit.failed else "active" if unit and unit.active else ""
        looping = unit is not None and unit.looping
        enabled = "enabled" if unit and unit.enabled else "disabled" if unit else ""
        stale = "yes" if unit and unit.dropins != self._dropins(name) else "no"
        return (
            f"LoadState={load}\nActiveState={active or 'inactive'}\nUnitFileState={enabled}\n"
            f"SubState={'auto-restart' if looping else 'running' if active else 'dead'}\n"
            f"NeedDaemonReload={stale}\n"
        )

    def _dropins(self, unit: str) -> tuple[str, ...]:
        files = {
            name: (self.read(f"{directory}/{unit}.d/{name}") or b"").decode(errors="replace")
            for directory in (paths.UNITS_ETC, paths.UNITS_RUN)
            for name in self.names(f"{directory}/{unit}.d")
        }
        return tuple(files[name] for name in sorted(files))

    def _start(self, name: str) -> tuple[int, str]:
        unit = self.system.units[name]
        unit.active = unit.failed = unit.looping = False
        lines = [line for text in unit.dropins for line in text.splitlines()]
        for line in lines:
            if line.startswith("ConditionPathExists=!") and self.exists(line.partition("!")[2]):
                return 0, ""  # A condition that fails is no failure.
        faults = [fault for line in lines if (fault := self._fault(line))]
        text = self.system.refuses.get(name)
        if text is not None and self._tree_has(self.inside(paths.CURRENT), text):
            faults.append(f"does not like {text}")
        if faults:
            unit.failed = True
            return 1, f"Job for {name} failed: {faults[0]}"
        waits = [line.split()[1:] for line in lines if "/wait-addresses " in line]
        addresses = waits[0] if waits else []
        discovery = sum("." in address for address in addresses) > 1
        unit.sockets = tuple(
            (protocol, address, port)
            for address in addresses
            for protocol, port in PORTS.get(name, ())
            if (port != 3479 or discovery) and name not in self.system.deaf
        )
        if name == "coturn.service" and unit.sockets:
            unit.sockets += (("tcp", "127.0.0.1", 5766),)
        if name in STOCK and not waits:
            self.system.stock_starts.append(name)
        unit.active = True
        self._take_certificate(name)
        unit.generation = self.target(paths.CURRENT) or ""
        return 0, ""

    def _take_certificate(self, name: str) -> None:
        copies = f"{paths.TLS}/{name.partition('.')[0].partition('@')[0]}"
        chains = [n for n in self.names(copies) if n.endswith((".crt", "fullchain.pem"))]
        if chains and name not in self.system.stuck:
            self.system.units[name].certificate = self.read(f"{copies}/{chains[0]}") or b""

    def handshake(self, domain: str, target: Target) -> bytes:
        wanted = (target.protocol, target.address, target.port)
        for unit in self.system.units.values():
            if unit.active and wanted in unit.sockets:
                return ssl.PEM_cert_to_DER_cert(first(unit.certificate))
        raise FalcotError(f"{target.address} port {target.port}: connection refused")

    def _fault(self, line: str) -> str:
        command = line.partition("ExecStartPre=")[2]
        if command.startswith(("/usr/bin/dd ", "/usr/bin/head ")):
            for path in re.findall(r"(?:of=|--bytes=0 )(\S+)", command):
                if not self.inside(path).is_file():
                    return f"{path} is missing"
        if "/wait-addresses " in command:
            missing = set(command.split()[1:]) - set(self.system.addresses)
            return f"no address {missing}" if missing else ""
        return ""


SCHEMA = {
    "standard": "CREATE TABLE version (id INTEGER PRIMARY KEY, table_name TEXT);",
    "auth_db": (
        "CREATE TABLE subscriber (id INTEGER PRIMARY KEY, username TEXT, domain TEXT,"
        " password TEXT DEFAULT '' NOT NULL, ha1 TEXT, ha1b TEXT, UNIQUE (username, domain));"
    ),
    "alias_db": (
        "CREATE TABLE dbaliases (id INTEGER PRIMARY KEY, alias_username TEXT, alias_domain TEXT,"
        " username TEXT, domain TEXT);"
    ),
    "usrloc": "CREATE TABLE location (id INTEGER PRIMARY KEY, contact TEXT);",
}
FALCOT = """\
version = 1

[[domain]]
name = "falcot.com"

[address.ipv4]
bind = "198.51.100.19"
[address.ipv4-alternate]
bind = "198.51.100.20"
[address.ipv6]
bind = "2001:db8:1000:2000::19"
"""
HOLD = "# preinst's\n[Unit]\nConditionPathExists=!/run/falcot-rtc/hold\n"


def first(chain: bytes) -> str:
    """The first certificate of a PEM text."""
    end = "-----END CERTIFICATE-----"
    return chain.decode().partition(end)[0] + end


def put(root: Path, path: str, text: str) -> None:
    at = root / path.lstrip("/")
    at.parent.mkdir(parents=True, exist_ok=True)
    at.write_text(text)


def fresh(
    root: Path, *, settings: str = FALCOT, held: tuple[str, ...] = STOCK, systemd: bool = True
) -> FakeHost:
    """A host right before postinst: packages unpacked and configured, `held` units held back."""
    put(root, "/etc/os-release", 'ID=debian\nVERSION_CODENAME="trixie"\n')
    for part, sql in SCHEMA.items():
        put(root, f"/usr/share/kamailio/db_sqlite/{part}-create.sql", sql)
    (root / "var/lib/prosody").mkdir(parents=True)
    if settings:
        put(root, paths.SETTINGS, settings)
    if systemd:
        (root / "run/systemd/system").mkdir(parents=True)
    host = FakeHost(root)
    put(root, paths.BEFORE, "".join(f"{unit} disabled inactive\n" for unit in held))
    for unit in held:
        put(root, f"{paths.UNITS_RUN}/{unit}.d/{paths.HOLD_DROPIN}", HOLD)
    if held:
        put(root, "/run/falcot-rtc/hold", "")
    # Debian enables a service on installation.
    host.system.units = {name: FakeUnit(enabled=True) for name in STOCK}
    host.system.units |= {name: FakeUnit() for name in OWN}
    for name, unit in host.system.units.items():
        unit.dropins = host._dropins(name)
    return host


def again(host: FakeHost, *, dies_at: int = 0) -> FakeHost:
    """A new process on the same host."""
    return FakeHost(host.root, host.system, dies_at)


def files(host: Host) -> dict[str, tuple[str, str, str, int]]:
    """Every file and link below the root: content or target, owner, group, mode."""
    found = {}
    for directory, _, names in os.walk(host.root):
        links = [entry.name for entry in Path(directory).iterdir() if entry.is_symlink()]
        for name in sorted({*names, *links}):
            path = Path(directory) / name
            inner = "/" + str(path.relative_to(host.root))
            if path.is_symlink():
                found[inner] = (f"-> {path.readlink()}", "", "", 0)
            else:
                content = path.read_bytes().decode(errors="replace")
                found[inner] = (content, *host.access(inner))
    return found
