# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""tests.lab.provision: what an installer would have written."""

from __future__ import annotations

from pathlib import Path

from tests.lab.provision import hosts, sources, write
from tests.lab.release import release

TRIXIE = release("trixie")


def provision(root: Path, **options: bool) -> None:
    keyring = root.parent / "lab.gpg"
    keyring.write_bytes(b"key")
    (root / "usr/share/keyrings").mkdir(parents=True, exist_ok=True)
    write(
        root,
        release=TRIXIE,
        hostname="server1",
        domain="falcot.com",
        keyring=keyring,
        ssh_key="ssh-ed25519 AAAA lab\n",
        addresses_by_host=options.get("addresses_by_host", False),
    )


def test_a_bare_server_knows_stable_alone() -> None:
    text = sources(TRIXIE)
    assert "Suites: trixie\n" in text
    assert "backports" not in text
    assert "Signed-By: /usr/share/keyrings/falcot-rtc-lab.gpg\n" in text


def test_the_host_has_a_full_name() -> None:
    assert "127.0.1.1\tserver1.falcot.com\tserver1\n" in hosts("server1", "falcot.com")


def test_write_provisions_a_root(tmp_path: Path) -> None:
    root = tmp_path / "root"
    provision(root)
    assert (root / "etc/hostname").read_text() == "server1\n"
    assert (root / "etc/resolv.conf").read_text() == "nameserver 198.51.100.1\n"
    assert (root / "root/.ssh").stat().st_mode & 0o777 == 0o700
    assert (root / "usr/share/keyrings/falcot-rtc-lab.gpg").read_bytes() == b"key"
    assert not (root / "etc/systemd/network").exists()


def test_a_known_machine_id_stays(tmp_path: Path) -> None:
    root = tmp_path / "root"
    provision(root)
    identity = (root / "etc/machine-id").read_text()
    assert len(identity) == 33
    (root / "etc/machine-id").write_text("0123456789abcdef0123456789abcdef\n")
    provision(root)
    assert (root / "etc/machine-id").read_text().startswith("0123")


def test_a_host_with_its_own_addresses_runs_networkd(tmp_path: Path) -> None:
    root = tmp_path / "root"
    provision(root, addresses_by_host=True)
    wants = root / "etc/systemd/system/multi-user.target.wants/systemd-networkd.service"
    assert wants.is_symlink()
    assert (root / "etc/systemd/network/10-lab.network").exists()
    provision(root, addresses_by_host=True)
