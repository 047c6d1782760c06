# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import argparse

import pytest

from falcot_rtc import cli_credentials, verbs_credentials


def parse(*argv: str) -> argparse.Namespace:
    top = argparse.ArgumentParser()
    verbs = top.add_subparsers(required=True)
    cli_credentials.register(verbs, lambda name: getattr(verbs_credentials, name))
    return top.parse_args(["credentials", *argv])


def test_the_arguments() -> None:
    given = parse("joe", "--ttl", "30m")
    assert given.verb is verbs_credentials.credentials
    assert (given.name, given.ttl, given.rotate, given.rotate_due) == ("joe", "30m", False, False)
    assert parse("--rotate").rotate and parse("--rotate-due").rotate_due


@pytest.mark.parametrize("argv", [(), ("joe", "--rotate"), ("--rotate", "--rotate-due")])
def test_wrong_use(argv: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(*argv)
    assert ended.value.code == 2
