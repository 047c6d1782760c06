# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""tests.lab.rootfs: which part of debian/control decides about a build root."""

from __future__ import annotations

from tests.lab.rootfs import build_dependencies

CONTROL = """Source: x
Build-Depends: debhelper-compat (= 13),
 dh-python,
# a comment
 python3-all
Build-Depends-Indep: po-debconf
Standards-Version: 4.7.0

Package: x
Depends: coturn
"""


def test_build_dependencies_are_whole_folded_fields() -> None:
    assert build_dependencies(CONTROL) == (
        "Build-Depends: debhelper-compat (= 13),\n dh-python,\n# a comment\n python3-all\n"
        "Build-Depends-Indep: po-debconf"
    )


def test_other_fields_do_not_count() -> None:
    changed = CONTROL.replace("Depends: coturn", "Depends: kamailio").replace("4.7.0", "4.7.2")
    assert build_dependencies(changed) == build_dependencies(CONTROL)
    assert build_dependencies(CONTROL.replace("po-debconf", "lintian")) != (
        build_dependencies(CONTROL)
    )
