# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an exchange with a server may end in, other than well."""

from __future__ import annotations

from falcot_rtc.errors import FalcotError


class ProbeError(FalcotError):
    """An exchange did not go as its protocol promises."""


class ProtocolError(ProbeError):
    """What arrived is not the protocol; the only error that parsers raise."""


class NoAnswer(ProbeError):
    """The deadline passed while something was awaited."""


class Unreachable(ProbeError):
    """No connection, or one that ended early; a failed TLS handshake too."""


class NoRoute(Unreachable):
    """This machine has no way to that address family at all."""


class Unexpected(ProbeError):
    """A well-formed answer, but not the one a correct server gives."""

    def __init__(self, *, sent: str, expected: str, got: str, hint: str = "") -> None:
        super().__init__(f"sent {sent}; expected {expected}; got {got}", hint=hint)
        self.sent = sent
        self.expected = expected
        self.got = got
