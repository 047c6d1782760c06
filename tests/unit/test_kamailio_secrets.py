# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest

from falcot_rtc import kamailio_secrets, render
from falcot_rtc.errors import FalcotError

VERSION = "kamailio 6.0.1 (x86_64/linux)"


class Kamailio:
    """What auth_ephemeral of 6.0 does: the newest first, numbers by place."""

    def __init__(self, *secrets: str) -> None:
        self.secrets = list(secrets)
        self.seen = [set(secrets)]

    def ask(self, method: str, *more: str | int) -> object:
        match method, more:
            case "core.version", ():
                return VERSION
            case "autheph.dump_secrets", ():
                rows = [f"ID {number}: {one}" for number, one in enumerate(self.secrets)]
                return rows[0] if len(rows) == 1 else rows
            case "autheph.add_secret", (str(secret),):
                self.secrets.insert(0, secret)
            case "autheph.rm_secret", (int(number),):
                del self.secrets[number]
            case _:
                raise AssertionError(method)
        self.seen.append(set(self.secrets))
        return None


def test_the_secrets_of_the_rendered_file() -> None:
    text = render.template("sip/minted.cfg.j2", secrets=["one-1", "Two_2"])
    assert kamailio_secrets.wanted(text) == ("one-1", "Two_2")


@pytest.mark.parametrize(
    ("present", "wanted"),
    [
        (("a",), ("a", "b")),
        (("b", "a"), ("b", "c")),
        (("c", "b", "a"), ("d",)),
        (("a", "a", "b"), ("a",)),
        (("b", "a"), ("a", "b")),
    ],
)
def test_kamailio_gets_what_it_lacks_and_loses_the_rest(
    present: tuple[str, ...], wanted: tuple[str, ...]
) -> None:
    kamailio = Kamailio(*present)
    kamailio_secrets.bring(kamailio.ask, wanted)
    assert set(kamailio.secrets) == set(wanted)
    kept = set(present) & set(wanted)
    assert all(kept <= seen for seen in kamailio.seen)
    before = list(kamailio.secrets)
    kamailio_secrets.bring(kamailio.ask, wanted)
    assert kamailio.secrets == before


def test_an_old_kamailio_is_told_by_a_variable() -> None:
    asked: list[tuple[object, ...]] = []

    def ask(*question: object) -> object:
        asked.append(question)
        return "kamailio 5.6.3 (x86_64/linux)" if question == ("core.version",) else None

    kamailio_secrets.bring(ask, ("a", "b"))
    assert asked == [("core.version",), ("cfg.sets", "falcot", "secrets", "a,b")]


def test_a_file_without_secrets_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "minted.cfg"
    empty.write_text("# nothing\n")
    assert kamailio_secrets.main([str(empty)]) == 1
    assert "no secret in it" in capsys.readouterr().err
    assert kamailio_secrets.main([str(tmp_path / "absent")]) == 1


def test_a_refusal_of_kamailio_goes_up() -> None:
    def ask(*question: object) -> object:
        raise FalcotError("kamailio: no")

    with pytest.raises(FalcotError):
        kamailio_secrets.bring(ask, ("a",))
