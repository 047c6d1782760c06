# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import json
from pathlib import Path

import pytest

from falcot_rtc.accounts.live import jsonrpc
from falcot_rtc.errors import FalcotError
from tests.unit.accounts.live.local_server import datagrams


def answering(**members: object) -> object:
    def answer(data: bytes) -> list[bytes]:
        question = json.loads(data)
        return [json.dumps({"jsonrpc": "2.0", "id": question["id"], **members}).encode()]

    return answer


def test_a_question_and_its_result(tmp_path: Path) -> None:
    path = tmp_path / "rpc"
    with datagrams(path, answering(result=["x"])) as heard:  # type: ignore[arg-type]
        assert jsonrpc.call(path, "dlg.profile_list", "person", "joe@falcot.com", 1) == ["x"]
    question = json.loads(heard[0])
    assert question["method"] == "dlg.profile_list"
    assert question["params"] == ["person", "joe@falcot.com", 1]


def test_an_answer_to_another_question_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "rpc"

    def answer(data: bytes) -> list[bytes]:
        mark = json.loads(data)["id"]
        return [json.dumps({"id": one, "result": one}).encode() for one in ("old", mark)]

    with datagrams(path, answer) as heard:
        found = jsonrpc.call(path, "core.version")
    assert found == json.loads(heard[0])["id"]


def test_a_refusal_carries_kamailios_code(tmp_path: Path) -> None:
    path = tmp_path / "rpc"
    error = {"code": 404, "message": "AOR not found in location table"}
    with (
        datagrams(path, answering(error=error)),  # type: ignore[arg-type]
        pytest.raises(jsonrpc.Refused, match="AOR not found") as caught,
    ):
        jsonrpc.call(path, "ul.lookup", "location", "joe@falcot.com")
    assert caught.value.code == 404


@pytest.mark.parametrize("said", [b"not json", b"[1]", b"\xff\xfe"])
def test_what_is_no_answer(tmp_path: Path, said: bytes) -> None:
    path = tmp_path / "rpc"
    with datagrams(path, lambda _: [said]), pytest.raises(FalcotError, match=r"core\.version"):
        jsonrpc.call(path, "core.version")


def test_nobody_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        jsonrpc.call(tmp_path / "rpc", "core.version")
