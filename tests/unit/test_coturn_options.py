# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest

from falcot_rtc import coturn_options
from tests.unit.policies.rendering import content

HELP = """
 -L, --listening-ip      <ip>            Listener IP address of relay server.
 --lt-cred-mech                          Use long-term credentials mechanism.
     --realm <realm>    The default realm, see also --no-cli
"""


def test_the_options_that_help_names() -> None:
    assert coturn_options.known(HELP) == {"listening-ip", "lt-cred-mech", "realm", "no-cli"}


def test_a_misspelt_option_is_found_with_its_line() -> None:
    text = (
        "# lt-cred-mach\nlistening-ip=198.51.100.19\n\nlt-cred-mach\nrealm falcot.com\nreallm=x\n"
    )
    assert coturn_options.unknown(text, coturn_options.known(HELP)) == [
        (4, "lt-cred-mach"),
        (6, "reallm"),
    ]


def installed(directory: Path, help_text: str) -> Path:
    """A turnserver that prints `help_text` where coturn 4.6 does, on standard error or output."""
    program = directory / "turnserver"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{help_text}\nEND\nexit 255\n")
    program.chmod(0o755)
    return program


def test_the_checker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed(tmp_path, HELP)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    file = tmp_path / "turnserver.conf"
    file.write_text("lt-cred-mech\n")
    assert coturn_options.main([str(file)]) == 0
    file.write_text("lt-cred-mech\nuse-auth-secrets\n")
    assert coturn_options.main([str(file)]) == 1
    said = capsys.readouterr().err
    assert f"{file}:2: coturn does not know the option 'use-auth-secrets'" in said
    assert "/etc/falcot-rtc/local.d/coturn/" in said


def test_our_own_file_is_read_to_its_last_line() -> None:
    """Against nothing known, every option of ours is found: none hides from the checker."""
    found = {
        name for _, name in coturn_options.unknown(content("turn/turnserver.conf"), frozenset())
    }
    assert {"lt-cred-mech", "listening-ip", "denied-peer-ip", "cli-password", "cert"} <= found
    assert "#" not in str(found)
