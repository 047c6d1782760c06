# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""tests.lab.pool: what a dependency field asks for."""

from __future__ import annotations

from tests.lab.pool import first_alternatives, in_pool


def test_first_alternatives_without_versions_and_substvars() -> None:
    field = "${misc:Depends}, coturn (>= 4.6) | resiprocate-turn-server,\n python3:any, lua5.4"
    assert first_alternatives(field) == ("coturn", "python3", "lua5.4")
    assert first_alternatives("") == ()


def test_an_archive_has_no_epoch_in_file_names() -> None:
    assert in_pool("bind9_1%3a9.20-1_amd64.deb") == "bind9_9.20-1_amd64.deb"
    assert in_pool("tree_2.2-1_amd64.deb") == "tree_2.2-1_amd64.deb"
