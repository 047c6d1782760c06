# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask kamailio over its jsonrpcs module: JSON-RPC 2.0 in datagrams of a local socket, unix(7)."""

from __future__ import annotations

import json
import secrets
import socket
from pathlib import Path
from typing import Any

from falcot_rtc.errors import FalcotError

TIMEOUT = 10.0
_LARGEST = 1 << 20


class Refused(FalcotError):
    """kamailio answered with an error; `code` is its own."""

    def __init__(self, method: str, code: int, message: str) -> None:
        super().__init__(f"kamailio: {method}: {message}", hint="journalctl -u kamailio.service")
        self.code = code


def call(path: Path, method: str, *parameters: str | int) -> Any:
    """The result of `method`; Refused with kamailio's error, OSError if nobody is there."""
    mark = secrets.token_hex(8)
    question = {"jsonrpc": "2.0", "method": method, "params": parameters, "id": mark}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.settimeout(TIMEOUT)
        channel.connect(str(path))
        # A name that the kernel chooses, for the answer. As the socket is connected already, it
        # takes datagrams from kamailio's alone, although anybody could send to that name.
        channel.bind("")
        channel.send(json.dumps(question).encode())
        while True:
            answer = _read(method, channel.recv(_LARGEST))
            if answer.get("id") == mark:
                break
    if "error" in answer:
        error = answer["error"]
        raise Refused(method, int(error.get("code", 0)), str(error.get("message", "")))
    return answer.get("result")


def _read(method: str, data: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(data)
    except ValueError as error:
        raise FalcotError(
            f"kamailio: {method}: the answer is not JSON: {error}",
            hint="journalctl -u kamailio.service",
        ) from error
    if not isinstance(answer, dict):
        raise FalcotError(f"kamailio: {method}: the answer is no JSON-RPC")
    return answer
