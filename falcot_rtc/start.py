# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The start of falcot-rtc(8): its overview without a parser, everything else with it.

Importing argparse takes longer than a bare start of Python; so nothing is imported here for it.
"""

import sys

USAGE = "falcot-rtc [-h] [--version] VERB ..."
DESCRIPTION = "TURN, SIP, XMPP and WebRTC on this Debian host, one account per person."
VERBS = {
    "setup": "Answer the questions of the installation on this terminal.",
    "plan": "Show what apply would change, as a diff, and what restarts.",
    "apply": "Bring the host in line with its settings, or leave it as it is.",
    "check": "Prove by real protocol exchanges that everything works.",
    "status": "Show roles, units, generation and edits not applied yet.",
    "config": "Read or change a setting.",
    "user": "Add, change, lock out, show, remove, import and export people.",
    "cert": "Show, renew and replace the certificate; print the own CA's.",
    "dns": "Show, publish and check the records that the site needs.",
    "ports": "Show every address and port, and let in just those.",
    "dump-preseed": "Print answers for debconf that give another host the same site.",
    "click-to-call": "Show whom anybody may call from web pages, or the HTML for it.",
    "credentials": "Print short-lived credentials of a person, or rotate secrets.",
}
OPTIONS = {
    "-h, --help": "show this, or with a verb before it what the verb does",
    "--version": "print the version",
}
EPILOG = "Exit status: 0 fine, 1 a check or an operation failed, 2 wrong use."


def overview() -> str:
    """What `falcot-rtc --help` prints."""
    verbs, options = (
        "".join(f"  {name:<13} {text}\n" for name, text in rows.items())
        for rows in (VERBS, OPTIONS)
    )
    return f"usage: {USAGE}\n\n{DESCRIPTION}\n\nverbs:\n{verbs}\noptions:\n{options}\n{EPILOG}\n"


def main() -> int:
    if sys.argv[1:] in (["--help"], ["-h"]):
        sys.stdout.write(overview())
        return 0
    from falcot_rtc import cli
    from falcot_rtc.undumped import undumped

    # Most verbs read secrets: of people, of services, of checks.
    undumped()
    return cli.main()
