# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""PBKDF2 (RFC 8018) by libnettle where it is installed, else by Python's own library.

OpenSSL copies the state of its HMAC through its provider interface for each of ten thousand rounds;
nettle does not, and takes a third of the time. Either is called without the interpreter's lock.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
from collections.abc import Callable

# The ABI of bookworm and trixie.
_NETTLE = "libnettle.so.8"
_LENGTHS = {"sha1": 20, "sha256": 32}


def pbkdf2(name: str, password: bytes, salt: bytes, iterations: int) -> bytes:
    """As hashlib.pbkdf2_hmac(), for sha1 and sha256."""
    function = _nettle(name)
    if function is None:
        return hashlib.pbkdf2_hmac(name, password, salt, iterations)
    derived = ctypes.create_string_buffer(_LENGTHS[name])
    function(len(password), password, iterations, len(salt), salt, _LENGTHS[name], derived)
    return derived.raw


@functools.cache
def _nettle(name: str) -> Callable[..., None] | None:
    try:
        function = getattr(ctypes.CDLL(_NETTLE), f"nettle_pbkdf2_hmac_{name}")
    except (OSError, AttributeError):
        return None
    size, text = ctypes.c_size_t, ctypes.c_char_p
    function.argtypes = [size, text, ctypes.c_uint, size, text, size, text]
    function.restype = None
    return function  # type: ignore[no-any-return]
