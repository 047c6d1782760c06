# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import argparse

import pytest

from falcot_rtc import cli_cert, verbs_cert


def parse(*argv: str) -> argparse.Namespace:
    top = argparse.ArgumentParser()
    verbs = top.add_subparsers(required=True)
    cli_cert.register(verbs, lambda name: getattr(verbs_cert, name))
    return top.parse_args(["cert", *argv])


def test_the_arguments() -> None:
    assert parse("status", "--json").verb is verbs_cert.status
    given = parse("renew", "--due")
    assert given.verb is verbs_cert.renew
    assert given.due and not given.deploy
    given = parse("install", "a.pem", "b.p12", "--password-stdin")
    assert given.verb is verbs_cert.install
    assert (given.files, given.password_stdin) == (["a.pem", "b.p12"], True)
    assert parse("ca", "--fingerprint").verb is verbs_cert.ca


@pytest.mark.parametrize("argv", [(), ("renew", "--due", "--deploy"), ("install",), ("nonsense",)])
def test_wrong_use(argv: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(*argv)
    assert ended.value.code == 2
