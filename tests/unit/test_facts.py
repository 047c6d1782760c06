# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest

from falcot_rtc import facts, paths
from falcot_rtc.errors import FalcotError
from falcot_rtc.resources import Directory, TreeFile
from tests.unit.fake_host import HOLD, STOCK, FakeHost, FakeUnit, fresh, put


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    return fresh(tmp_path)


def test_the_release(host: FakeHost) -> None:
    assert facts.release(host) == "trixie"
    put(host.root, "/etc/os-release", "ID=debian\nVERSION_CODENAME=bookworm\n")
    assert facts.release(host) == "bookworm"
    put(host.root, "/etc/os-release", "ID=debian\n")
    with pytest.raises(FalcotError, match="no VERSION_CODENAME"):
        facts.release(host)


def test_what_the_administrator_wrote(host: FakeHost) -> None:
    put(host.root, f"{paths.POLICY_D}/turn.toml", "user-quota = 3\n")
    put(host.root, f"{paths.POLICY_D}/turn.toml.dpkg-old", "user-quota = 4\n")
    for name in ("10-a", ".hidden", "b~", "c.dpkg-new", "c.dpkg-old", "sub/d"):
        put(host.root, f"{paths.LOCAL_D}/coturn/{name}", f"# {name}\n")
    put(host.root, f"{paths.LOCAL_D}/README", "x")
    put(host.root, f"{paths.SECRETS}/turn-minted", "abc\n")
    found = facts.source(host)
    assert found.policies == {"turn": "user-quota = 3\n"}
    assert found.overlays["coturn"]["10-a"] == "# 10-a\n"
    assert not {".hidden", "b~", "c.dpkg-new", "c.dpkg-old"} & set(found.overlays["coturn"])
    assert found.secrets == {"turn-minted": "abc"}
    assert found.settings.startswith("version = 1")


def test_text_that_is_not_utf8_names_the_file(host: FakeHost) -> None:
    host.at(paths.SETTINGS).write_bytes(b"\xff")
    with pytest.raises(FalcotError, match=r"settings\.toml: not UTF-8"):
        facts.source(host)


def test_units(host: FakeHost) -> None:
    host.system.units["prosody.service"].active = True
    host.system.units["coturn.service"].enabled = False
    put(host.root, "/etc/systemd/system/coturn.service.d/50-falcot-rtc.conf", "[Service]\n")
    found = facts.units(host, ["prosody.service", "coturn.service", "missing.service"])
    assert found == {
        "prosody.service": facts.UnitState(loaded=True, active=True, enabled=True),
        "coturn.service": facts.UnitState(loaded=True, active=False, enabled=False, stale=True),
        "missing.service": facts.UnitState(loaded=False, active=False, enabled=False),
    }
    assert facts.units(host, []) == {}
    assert len(host.system.commands) == 1


def test_units_in_an_image_are_enabled_by_their_links(tmp_path: Path) -> None:
    """Or apply would not know that apache2.service has to be kept from the first boot."""
    image = fresh(tmp_path, systemd=False, held=())
    wants = f"{paths.UNITS_ETC}/multi-user.target.wants"
    image.link(f"{wants}/apache2.service", "/usr/lib/systemd/system/apache2.service")
    found = facts.units(image, ["apache2.service", "coturn.service"])
    assert {name: state.enabled for name, state in found.items()} == {
        "apache2.service": True,
        "coturn.service": False,
    }
    assert not [state for state in found.values() if state.active or state.loaded]


def test_without_systemd_no_unit_is_enabled(tmp_path: Path) -> None:
    host = fresh(tmp_path, systemd=False, held=())
    assert facts.units(host, ["coturn.service"]) == {
        "coturn.service": facts.UnitState(loaded=False, active=False, enabled=False)
    }
    assert host.system.commands == []


def test_holds_and_their_units(host: FakeHost) -> None:
    put(host.root, f"/etc/systemd/system/coturn.service.d/{paths.HOLD_DROPIN}", HOLD)
    put(host.root, "/etc/systemd/system/ssh.service.d/override.conf", "[Service]\n")
    found = facts.holds(host)
    assert len(found) == 5
    assert {facts.held_unit(path) for path in found} == set(STOCK)


def test_before(host: FakeHost) -> None:
    put(host.root, paths.BEFORE, "a.service enabled active\nb.service disabled inactive\n\njunk\n")
    assert facts.before(host) == {"a.service": (True, True), "b.service": (False, False)}


def test_the_tree_is_what_lies_on_disk(host: FakeHost) -> None:
    assert facts.generation(host) is None
    assert facts.tree(host, None) == {}
    host.make_directory(f"{paths.GENERATIONS}/7")
    host.write(f"{paths.GENERATIONS}/7/turn/x.conf", b"a\xff", group="turnserver", mode=0o640)
    host.link(paths.CURRENT, f"{paths.GENERATIONS}/7")
    assert facts.generation(host) == 7
    assert facts.tree(host, 7) == {
        "turn/x.conf": TreeFile(
            path="turn/x.conf", content="a\udcff", group="turnserver", mode=0o640
        )
    }


def test_outside(host: FakeHost) -> None:
    host.link("/etc/link", "/nowhere")
    put(host.root, "/etc/file", "x")
    assert facts.outside(host, ["/etc/link", "/etc/file", "/etc/none"]) == {
        "/etc/link": "/nowhere",
        "/etc/file": b"x",
        "/etc/none": None,
    }


def test_directories(host: FakeHost) -> None:
    host.make_directory("/var/lib/x", group="kamailio", mode=0o750)
    found = facts.directories(host, ["/var/lib/x", "/var/lib/y", paths.SETTINGS])
    assert found == {"/var/lib/x": Directory(path="/var/lib/x", group="kamailio", mode=0o750)}


def test_damaged_notes_name_the_file(host: FakeHost) -> None:
    put(host.root, paths.MANIFEST, "{")
    with pytest.raises(FalcotError, match=r"manifest\.json: damaged"):
        facts.gather(host, [], [], [])


def test_all_together(host: FakeHost) -> None:
    put(
        host.root,
        paths.MANIFEST,
        '{"files": {"/etc/old": ["0f"]}, "paths": ["/etc/old"], "units": ["prosody.service"]}',
    )
    put(host.root, paths.RUNNING, '{"prosody.service": {"restart": "a", "reload": "b"}}')
    put(host.root, "/etc/old", "x")
    host.make_directory(f"{paths.GENERATIONS}/3.partial")
    host.make_directory(f"{paths.GENERATIONS}/2")
    host.system.units["other.service"] = FakeUnit()
    found = facts.gather(host, ["/etc/new"], ["other.service"], [])
    assert found.outside == {"/etc/new": None, "/etc/old": b"x"}
    assert found.written == {"/etc/old": ("0f",)}
    # The units that are held count too: they may have to be disabled.
    assert set(found.units) == {"other.service", *STOCK}
    assert found.running == {"prosody.service": facts.Digests(restart="a", reload="b")}
    assert found.generations == (2,)
    assert found.systemd
