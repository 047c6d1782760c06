# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""One HTTP/1.1 exchange on its own connection; RFC 9110, RFC 9112."""

from __future__ import annotations

import http.client
import io
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

from falcot_rtc.probes.connection import Deadline, Stream
from falcot_rtc.probes.errors import ProtocolError
from falcot_rtc.probes.ticket import Target
from falcot_rtc.probes.tls import verifying

SIZE_LIMIT = 1 << 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """The first field of that name, "" if there is none."""
        lower = name.lower()
        return next((value for key, value in self.headers if key.lower() == lower), "")


class _Received:
    """Bytes in the place of the socket that http.client reads from."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self.data)


def decode(data: bytes) -> Response:
    """The response to a GET or a POST in all that was received until the end of the connection."""
    response = http.client.HTTPResponse(cast(socket.socket, _Received(data)), method="GET")
    try:
        response.begin()
        body = response.read()
    except (http.client.HTTPException, ValueError, OSError) as error:
        raise ProtocolError(f"not an HTTP response: {error or type(error).__name__}") from error
    finally:
        response.close()
    return Response(
        status=response.status,
        reason=response.reason,
        headers=tuple(response.getheaders()),
        body=body,
    )


def get(target: Target, path: str, ca: str, deadline: Deadline) -> Response:
    """GET with the target's name as SNI and Host; redirects are not followed."""
    return _exchange(target, f"GET {path}", "", b"", ca, deadline)


def post(
    target: Target, path: str, form: Mapping[str, str], ca: str, deadline: Deadline
) -> Response:
    """POST a form as a page of the same site would."""
    more = {"Content-Type": "application/x-www-form-urlencoded"}
    return send(target, path, more, urlencode(form).encode(), ca, deadline)


def send(
    target: Target, path: str, more: Mapping[str, str], body: bytes, ca: str, deadline: Deadline
) -> Response:
    """POST with the fields `more`, as a page of the same site would."""
    fields = {"Origin": f"https://{target.name}", **more, "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return _exchange(target, f"POST {path}", head, body, ca, deadline)


def _exchange(
    target: Target, wish: str, head: str, body: bytes, ca: str, deadline: Deadline
) -> Response:
    with Stream.connect(target.address, target.port, deadline) as stream:
        if target.tls:
            stream.start_tls(verifying(ca, ("http/1.1",)), target.name, deadline)
        request = (
            f"{wish} HTTP/1.1\r\n"
            f"Host: {target.name}\r\n"
            "User-Agent: falcot-rtc-check\r\n"
            "Accept: text/html\r\n"
            f"Connection: close\r\n{head}\r\n"
        )
        stream.write(request.encode() + body, deadline)
        return decode(stream.read_to_end(SIZE_LIMIT, deadline, wish))
