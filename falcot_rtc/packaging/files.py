# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files of debian/ are generated, and what they should hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from falcot_rtc.packaging.conffiles import conffiles
from falcot_rtc.packaging.config_script import updated
from falcot_rtc.packaging.sysusers import sysusers
from falcot_rtc.packaging.templates import templates
from falcot_rtc.policy import Policy

CONFIG = "falcot-rtc.config"
CONFFILES = "policy.d"


def expected(policies: Sequence[Policy], config: str) -> dict[str, str]:
    """Path below debian/ -> text; `config` is the present text of falcot-rtc.config."""
    return {
        "falcot-rtc.templates": templates(policies),
        "falcot-rtc.sysusers": sysusers(policies),
        CONFIG: updated(config, policies),
        **{f"{CONFFILES}/{name}": text for name, text in conffiles(policies).items()},
        "po/POTFILES.in": "[type: gettext/rfc822deb] falcot-rtc.templates\n",
    }


def stale(expected: Mapping[str, str], present: Mapping[str, str]) -> tuple[str, ...]:
    """The files that differ, are missing, or are a conffile of a policy that has none."""
    surplus = {p for p in present if p.startswith(f"{CONFFILES}/") and p not in expected}
    differing = {path for path, text in expected.items() if present.get(path) != text}
    return tuple(sorted(surplus | differing))
