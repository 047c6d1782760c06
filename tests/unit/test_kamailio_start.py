# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The start test of a staged kamailio.cfg."""

from __future__ import annotations

from falcot_rtc import kamailio_start


def test_it_runs_without_network_and_on_a_table_of_its_own() -> None:
    argv = kamailio_start.command("/tree/sip/kamailio.cfg", "/run/x")
    assert "PrivateNetwork=yes" in argv
    assert "BindPaths=/run/x:/var/lib/falcot-rtc/sip/location" in argv
    assert "User=kamailio" in argv
    assert argv[argv.index("-f") + 1] == "/tree/sip/kamailio.cfg"


def test_complaints_are_the_errors_each_once() -> None:
    output = "INFO: fine\n ERROR: bad regex\n ERROR: bad regex\nNOTICE: end\n"
    assert kamailio_start.complaints(output) == ["ERROR: bad regex"]


def test_without_errors_the_last_words_have_to_do() -> None:
    assert kamailio_start.complaints("a\nb\nc\nd\n") == ["b", "c", "d"]
