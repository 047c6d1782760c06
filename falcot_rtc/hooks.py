# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the maintainer scripts hand over to Python (Debian Policy chapter 6).

Standard output belongs to debconf except for `answers-for-config`; people read standard error.
Whatever happens here, dpkg goes on: services that are held beat a package half configured.
"""

from __future__ import annotations

import sys
import syslog
import traceback
from collections.abc import Callable, Sequence

from falcot_rtc import answers, apply, hold, paths, publishing, render
from falcot_rtc.errors import FalcotError, of_system
from falcot_rtc.host import Host

CONFIGURED, HELD = 0, 3


def tell(line: str) -> None:
    print(f"falcot-rtc: {line}", file=sys.stderr)


def audit(line: str) -> None:
    """For the journal (identifier falcot-rtc), not for apt's output."""
    syslog.openlog("falcot-rtc", syslog.LOG_PID, syslog.LOG_DAEMON)
    syslog.syslog(syslog.LOG_NOTICE, line)


def answers_for_config(host: Host) -> str:
    """The questions whose settings were edited, to be loaded into debconf before it asks.

    They become part of the base: from now on a different answer is a wish, not an old value.
    """
    with host.lock():
        base = answers.parse(host.text(paths.BASE))
        edited = answers.edited(host.text(paths.SETTINGS), base)
        if edited:
            host.write(paths.BASE, answers.dump({**base, **edited}).encode(), mode=0o600)
    return answers.dump(edited)


def _take(host: Host, given: dict[str, str], *, by_debconf: bool) -> None:
    """Write what was answered into settings.toml, where nobody has written something else.

    Other answers than debconf's were given with the present values in view, so all of them count;
    for debconf they are edits like any other, which it loads before it asks again.
    """
    before = host.text(paths.SETTINGS)
    problem = None if before else answers.missing(given)
    if problem:
        raise problem
    base = answers.parse(host.text(paths.BASE)) if by_debconf else answers.present(before)
    text = answers.merged(before, base, given)
    if text != before:
        host.make_directory(paths.ETC)
        host.write(paths.SETTINGS, text.encode(), mode=0o644)
    host.make_directory(paths.STATE)
    # A new version may judge otherwise, and has templates of its own.
    host.remove(paths.JUDGED)
    host.write(paths.COMPILED, render.compiled(), mode=0o644)
    if by_debconf:
        host.write(paths.BASE, answers.dump(answers.present(text)).encode(), mode=0o600)


def configure(host: Host, given: dict[str, str], *, by_debconf: bool = True) -> int:
    """Take the answers, apply, and lift the hold; on any refusal keep the hold and say one line."""
    password = given.pop("falcot-rtc/admin-password", "")

    def work() -> None:
        with host.lock():
            _take(host, given, by_debconf=by_debconf)
        # apt's output is long enough: the steps are for `falcot-rtc plan` and the journal.
        done = apply.apply(host, password=password, report=tell, progress=audit)
        publishing.follow(host, done, tell)
        if done.site is not None and done.lines:
            served = ", ".join(done.site.settings.services) or "no service"
            tell(
                f"{done.site.settings.domain} is configured ({served}); prove it: falcot-rtc check"
            )

    return _survived(host, work)


def triggered(host: Host) -> int:
    """A service's package was upgraded: have the present settings judged by it again."""

    def work() -> None:
        if host.exists(paths.SETTINGS):
            publishing.follow(host, apply.apply(host, report=tell, progress=audit), tell)

    return _survived(host, work)


def _survived(host: Host, work: Callable[[], None]) -> int:
    """Do the work; whatever goes wrong becomes one line, and what is held stays held."""
    try:
        work()
    except FalcotError as error:
        line = str(error)
    except OSError as error:
        line = str(of_system(error))
    # The one catch of what nobody foresaw: dpkg would leave the package, and all that needs it,
    # half configured, while the services could only be held all the same.
    except Exception as error:  # noqa: BLE001
        for row in traceback.format_exc().splitlines():
            audit(row)
        what = " ".join(f"{type(error).__name__}: {error}".split())
        line = f"internal error: {what} (hint: please report: journalctl -t falcot-rtc)"
    else:
        return CONFIGURED
    hold.keep(host, hold.held(host), tell)
    tell(line)
    return HELD


def deactivate(host: Host) -> int:
    """Let go of every service; what ran before us runs again."""
    apply.apply(host, active=False, report=tell)
    return CONFIGURED


def main(argv: Sequence[str] | None = None) -> int:
    host = Host()
    match list(sys.argv[1:] if argv is None else argv):
        case ["answers-for-config"]:
            sys.stdout.write(answers_for_config(host))
            return CONFIGURED
        case ["configure"]:
            # Bytes: text mode would end a line at each CR, and fail where the locale is not UTF-8.
            given = sys.stdin.buffer.read().decode(errors="surrogateescape")
            return configure(host, answers.parse(given))
        case ["triggered"]:
            return triggered(host)
        case ["deactivate"]:
            return deactivate(host)
    print("usage: hook answers-for-config|configure|triggered|deactivate", file=sys.stderr)
    return 2
