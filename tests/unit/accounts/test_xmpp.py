# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falcot_rtc.accounts import xmpp
from falcot_rtc.accounts.account import State
from falcot_rtc.accounts.directory import Owner
from falcot_rtc.accounts.hashes import ScramKind
from falcot_rtc.accounts.projections import Changes, catch_up, diff, project
from falcot_rtc.accounts.store import AccountStore
from falcot_rtc.accounts.xmpp import XmppProjection
from falcot_rtc.errors import FalcotError

DOMAIN = "falcot.com"
FOLDER = Path("falcot%2ecom") / "accounts"

# As prosodyctl 13.0.6 wrote it.
WRITTEN_BY_PROSODY = b"""return {
	["updated"] = 1795474191;
	["server_key"] = "55fe7690ac535b5e5fbaf035c0a92905aba54e67";
	["stored_key"] = "38eb68ec0bf235e76e73eb192fb1a4d04c9ab08b";
	["salt"] = "0516ece9-5852-4f0e-945a-0effc1f6e217";
	["created"] = 1795474190;
	["iteration_count"] = 10000;
};
"""
ROW = (
    "1795474190",
    "1795474191",
    "10000",
    "0516ece9-5852-4f0e-945a-0effc1f6e217",
    "38eb68ec0bf235e76e73eb192fb1a4d04c9ab08b",
    "55fe7690ac535b5e5fbaf035c0a92905aba54e67",
)


@pytest.fixture
def prosody(tmp_path: Path) -> XmppProjection:
    (tmp_path / "prosody").mkdir()
    return XmppProjection(
        data=tmp_path / "prosody",
        domains=(DOMAIN,),
        kind=ScramKind.SHA1,
        prosody=Owner(uid=os.getuid(), gid=os.getgid()),
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[AccountStore]:
    with AccountStore(tmp_path / "accounts.sqlite") as store:
        store.add("anna.smith", DOMAIN, realm=DOMAIN, password="secret1")
        yield store


def test_reads_what_prosody_writes() -> None:
    assert xmpp.parse(WRITTEN_BY_PROSODY) == ROW


def test_writes_the_same_in_a_fixed_order() -> None:
    text = xmpp.serialise(ROW)
    assert sorted(text.splitlines()) == sorted(WRITTEN_BY_PROSODY.decode().splitlines())
    assert xmpp.parse(text.encode()) == ROW


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"return {};\n",
        b"\xff\xfe",
        WRITTEN_BY_PROSODY.replace(b"}", b'\t["disabled"] = true;\n}'),
        WRITTEN_BY_PROSODY.replace(b"}", b'\t["password"] = "x";\n}'),
        WRITTEN_BY_PROSODY.replace(b'\t["salt"]', b'\t["salty"]'),
        WRITTEN_BY_PROSODY.replace(b"10000;", b"os.exit();"),
        WRITTEN_BY_PROSODY + b"os.exit()",
        WRITTEN_BY_PROSODY[:100],
    ],
)
def test_anything_else_is_no_row(content: bytes) -> None:
    assert xmpp.parse(content) == ()


def test_names_are_encoded_as_datamanager_does() -> None:
    # util.datamanager: every byte that is not alphanumeric in the C locale, lower-case hex.
    assert xmpp.encode("anna.smith-1_x") == "anna%2esmith%2d1%5fx"
    assert xmpp.encode("ü") == "%c3%bc"


@given(st.text(max_size=30))
def test_encoding_is_undone(name: str) -> None:
    encoded = xmpp.encode(name.encode(errors="replace").decode())
    assert "/" not in encoded and "." not in encoded and encoded.isascii()
    assert xmpp.decode(encoded) == name.encode(errors="replace").decode()


def test_one_file_an_account(store: AccountStore, prosody: XmppProjection) -> None:
    assert project(store, [prosody]).changes["xmpp"].keys == ("anna.smith@falcot.com",)
    assert project(store, [prosody]).changes == {}
    file = prosody.data / FOLDER / "anna%2esmith.dat"
    scram = store.get("anna.smith", DOMAIN).scram
    assert xmpp.parse(file.read_bytes())[2:] == (
        "10000",
        scram.salt,
        scram.stored_key,
        scram.server_key,
    )
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent)] == [0o640, 0o750]


def test_an_untouched_file_is_not_rewritten(store: AccountStore, prosody: XmppProjection) -> None:
    project(store, [prosody])
    file = prosody.data / FOLDER / "anna%2esmith.dat"
    inode = file.stat().st_ino
    store.add("joe", DOMAIN, realm=DOMAIN, password="x")
    project(store, [prosody])
    assert file.stat().st_ino == inode
    assert (file.parent / "joe.dat").exists()


def test_catching_up_touches_the_changed_files_only(
    store: AccountStore, prosody: XmppProjection
) -> None:
    assert not prosody.begun
    project(store, [prosody])
    assert prosody.begun
    folder = prosody.data / FOLDER
    (folder / "anna%2esmith.dat").write_bytes(b"by hand")
    store.add("joe", DOMAIN, realm=DOMAIN, password="x")
    store.add("joe", "other.example", realm=DOMAIN, password="x")
    catch_up(store, [prosody])
    assert sorted(one.name for one in folder.iterdir()) == ["anna%2esmith.dat", "joe.dat"]
    store.rename("joe", DOMAIN, "jim")
    catch_up(store, [prosody])
    assert sorted(one.name for one in folder.iterdir()) == ["anna%2esmith.dat", "jim.dat"]
    assert (folder / "anna%2esmith.dat").read_bytes() == b"by hand"
    assert [one.name for one in prosody.data.iterdir()] == ["falcot%2ecom"]


def test_files_without_an_account_go(store: AccountStore, prosody: XmppProjection) -> None:
    project(store, [prosody])
    folder = prosody.data / FOLDER
    (folder / "eve.dat").write_bytes(WRITTEN_BY_PROSODY)
    (folder / "not-ours.txt").write_text("kept")
    (folder / "Not.Canonical.dat").write_text("out of prosody's reach: kept")
    assert diff(store, prosody).foreign == {"eve@falcot.com"}
    store.set_state("anna.smith", DOMAIN, State.DISABLED)
    project(store, [prosody])
    prosody.write(Changes(remove=frozenset({"eve@falcot.com"})))
    assert {one.name for one in folder.iterdir()} == {"not-ours.txt", "Not.Canonical.dat"}
    assert not diff(store, prosody)


def test_traces_of_checks_go_with_their_accounts(
    store: AccountStore, prosody: XmppProjection
) -> None:
    project(store, [prosody])
    gone, there = "falcot%2drtc%2dcheck%2d00", "falcot%2drtc%2dcheck%2d11"
    name = xmpp.decode(there)
    store.add(name, DOMAIN, realm=DOMAIN, password="secret2", reserved=True)
    other = prosody.data / "falcot%2ecom" / "account_activity"
    other.mkdir()
    (other.parent / "pep").symlink_to(other)
    # A second domain that prosody wrote to and where nobody was ever added.
    (prosody.data / "example%2ecom" / "account_activity").mkdir(parents=True)
    prosody = replace(prosody, domains=(DOMAIN, "example.com"))
    for trace in (f"{gone}.dat", f"{gone}.list", f"{there}.dat", "anna%2esmith.dat"):
        (other / trace).touch()
    project(store, [prosody])
    assert {path.name for path in other.iterdir()} == {f"{there}.dat", "anna%2esmith.dat"}
    store.delete(name, DOMAIN)
    project(store, [prosody])
    assert {path.name for path in other.iterdir()} == {"anna%2esmith.dat"}


def test_what_prosody_changed_is_put_right(store: AccountStore, prosody: XmppProjection) -> None:
    project(store, [prosody])
    file = prosody.data / FOLDER / "anna%2esmith.dat"
    wanted = file.read_bytes()
    for content in (WRITTEN_BY_PROSODY, b"garbage", wanted.replace(b"}", b'["disabled"] = true;}')):
        file.write_bytes(content)
        project(store, [prosody])
        assert file.read_bytes() == wanted


def test_other_domains_are_left_alone(store: AccountStore, prosody: XmppProjection) -> None:
    store.add("joe", "other.example", realm=DOMAIN, password="x")
    project(store, [prosody])
    assert [one.name for one in prosody.data.iterdir()] == ["falcot%2ecom"]


def test_the_kind_of_hash_must_be_prosodys(store: AccountStore, prosody: XmppProjection) -> None:
    store.add("joe", DOMAIN, realm=DOMAIN, password="x", kind=ScramKind.SHA256)
    with pytest.raises(FalcotError, match="password_hash is SHA-1"):
        project(store, [prosody])


def test_a_planted_link_is_refused(store: AccountStore, prosody: XmppProjection) -> None:
    outside = prosody.data.parent / "outside"
    outside.mkdir()
    (prosody.data / "falcot%2ecom").symlink_to(outside)
    with pytest.raises(FalcotError, match="not a directory"):
        project(store, [prosody])
    assert list(outside.iterdir()) == []
