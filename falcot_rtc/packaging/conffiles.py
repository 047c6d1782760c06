# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files /etc/falcot-rtc/policy.d/POLICY.toml: every tunable, commented out, as it is.

postinst puts them there and lets edits win (Debian Policy 10.7.3).
"""

from __future__ import annotations

from collections.abc import Sequence

import tomlkit

from falcot_rtc.packaging.text import banner, wrapped
from falcot_rtc.policy import Policy
from falcot_rtc.settings import Key


def assignment(key: Key) -> str:
    """`name = default` in TOML; a list has a line for each item, so that merges stay small."""
    if isinstance(key.default, tuple):
        items = "".join(f"  {tomlkit.item(item).as_string()},\n" for item in key.default)
        return f"{key.path} = [\n{items}]\n" if items else f"{key.path} = []\n"
    return f"{key.path} = {tomlkit.item(key.default).as_string()}\n"


def conffile(policy: Policy) -> str:
    how = (
        f"Tunables of falcot-rtc's policy '{policy.name}'. Remove the # before a value to change "
        "it, then run: falcot-rtc apply"
    )
    parts = [banner(), "#\n", wrapped(how, "# ")]
    for key in policy.tunables:
        commented = "".join(f"#{line}\n" for line in assignment(key).splitlines())
        parts.append(f"\n{wrapped(key.doc, '# ')}{commented}")
    return "".join(parts)


def conffiles(policies: Sequence[Policy]) -> dict[str, str]:
    """File name -> text, for the policies that have tunables."""
    return {f"{policy.name}.toml": conffile(policy) for policy in policies if policy.tunables}
