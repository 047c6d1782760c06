# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import argparse

import pytest

from falcot_rtc import cli_dns, verbs_dns


def parse(*argv: str) -> argparse.Namespace:
    top = argparse.ArgumentParser()
    verbs = top.add_subparsers(required=True)
    cli_dns.register(verbs, lambda name: getattr(verbs_dns, name))
    return top.parse_args(["dns", *argv])


def test_the_arguments() -> None:
    shown = parse("show", "--format", "json", "--domain", "falcot.com")
    assert (shown.verb, shown.format, shown.domain) == (verbs_dns.show, "json", "falcot.com")
    assert parse("show").format == "zone"
    sent = parse("update", "--server", "ns1", "--key-file", "/x", "--dry-run")
    assert (sent.verb, sent.server, sent.key_file, sent.dry_run) == (
        verbs_dns.update, "ns1", "/x", True,
    )  # fmt: skip
    assert parse("check", "--json").verb is verbs_dns.check


@pytest.mark.parametrize("argv", [(), ("show", "--format", "xml"), ("update", "x"), ("publish",)])
def test_wrong_use(argv: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(*argv)
    assert ended.value.code == 2
