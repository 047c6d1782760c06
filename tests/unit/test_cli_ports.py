# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import argparse

import pytest

from falcot_rtc import cli_ports, verbs_ports


def parse(*argv: str) -> argparse.Namespace:
    top = argparse.ArgumentParser()
    verbs = top.add_subparsers(required=True)
    cli_ports.register(verbs, lambda name: getattr(verbs_ports, name))
    return top.parse_args(["ports", *argv])


def test_the_arguments() -> None:
    assert parse().verb is verbs_ports.ports and not parse().json
    assert parse("--nft").nft and parse("--json").json
    tried = parse("load", "--yes", "--seconds", "30")
    assert (tried.verb, tried.yes, tried.seconds) == (verbs_ports.load, True, 30)
    assert (parse("load").yes, parse("load").seconds) == (False, 60)
    assert parse("confirm").verb is verbs_ports.confirm
    assert parse("unload").verb is verbs_ports.unload


@pytest.mark.parametrize("argv", [("--json", "--nft"), ("load", "--seconds", "x"), ("reload",)])
def test_wrong_use(argv: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(*argv)
    assert ended.value.code == 2
