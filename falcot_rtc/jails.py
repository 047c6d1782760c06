# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether fail2ban has the jails that were written for it, fail2ban-client(1)."""

from __future__ import annotations

from falcot_rtc.host import Host
from falcot_rtc.policies import jail
from falcot_rtc.policy import Site
from falcot_rtc.probes import outcome
from falcot_rtc.probes.outcome import Outcome


def judge(host: Host, site: Site) -> Outcome:
    """A warning where nobody is shut out; passwords are still slow to try then."""
    wanted = {one.name for one in jail.ALL if one.role in site.settings.services}
    if not host.exists(jail.CLIENT):
        return outcome.warned("fail2ban is not installed", "apt install fail2ban")
    done = host.run(jail.CLIENT, "status", check=False)
    if done.returncode:
        return outcome.warned("fail2ban does not run", "journalctl -u fail2ban.service says why")
    listed = done.stdout.decode(errors="replace").rpartition("Jail list:")[2]
    missing = wanted - {name.strip() for name in listed.split(",")}
    if missing:
        return outcome.warned(
            f"fail2ban has no jail {', '.join(sorted(missing))}",
            "systemctl reload fail2ban.service; /var/log/fail2ban.log says what is wrong",
        )
    return outcome.passed("")
