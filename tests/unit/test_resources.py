# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from dataclasses import FrozenInstanceError

import pytest

from falcot_rtc.resources import CertificateCopy, TreeFile


def test_values_are_frozen_and_hashable() -> None:
    file = TreeFile(path="a", content="x")
    with pytest.raises(FrozenInstanceError):
        file.path = "b"  # type: ignore[misc]
    assert len({file, TreeFile(path="a", content="x")}) == 1


def test_each_daemon_has_a_directory_of_its_own() -> None:
    copy = CertificateCopy(daemon="coturn", group="turnserver")
    assert copy.directory == "/var/lib/falcot-rtc/tls/coturn"
    assert copy.names == (("fullchain.pem", "key.pem"),)
