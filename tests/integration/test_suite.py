# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The testinfra suite, run over ssh from another machine as a release pipeline does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab.cache import REPOSITORY
from tests.lab.host import Host

SUMMARY = re.compile(r"(\d+) (passed|failed|skipped|error)")


def pipeline(host: Host, scratch: Path) -> tuple[subprocess.CompletedProcess[str], dict[str, int]]:
    """Run the suite at the client's end of the wire, outside of this source tree."""
    suite = ("-p", "falcot_rtc.pytest_plugin", "--pyargs", "falcot_rtc.suite")
    plain = ("-p", "no:cacheprovider", f"--rootdir={scratch}", "-rA")
    done = host.client(
        [
            "env",
            f"--chdir={scratch}",
            f"PYTHONPATH={REPOSITORY}",
            "PYTHONDONTWRITEBYTECODE=1",
            *(sys.executable, "-m", "pytest", *plain, *suite, *host.testinfra_options()),
        ],
        check=False,
    )
    counted = {kind: int(count) for count, kind in SUMMARY.findall(done.stdout.splitlines()[-1])}
    return done, counted


def test_passes_on_the_site(site: Host, tmp_path: Path) -> None:
    done, counted = pipeline(site, tmp_path)
    assert done.returncode == 0, done.stdout
    assert counted.keys() == {"passed"}
    for role in ("turn", "sip", "xmpp", "web"):
        for side in ("test_from_the_host", "test_from_outside"):
            assert re.search(rf"PASSED .*{side}\[.*{role}", done.stdout)


def test_fails_where_a_service_is_down(own_site: Host, tmp_path: Path) -> None:
    own_site.run(["systemctl", "stop", "coturn.service"])
    done, counted = pipeline(own_site, tmp_path)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert counted.keys() == {"passed", "failed"}
    for broken in (
        r"test_every_unit_runs_and_starts_at_boot",
        r"test_from_the_host\[.*turn",
        r"test_from_outside\[.*turn",
    ):
        assert re.search(rf"FAILED .*{broken}", done.stdout), done.stdout
    for fine in (r"test_from_outside\[.*sip", r"test_from_outside\[.*web"):
        assert re.search(rf"PASSED .*{fine}", done.stdout), done.stdout
