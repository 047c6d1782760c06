# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only what pyproject.toml can't say: the version, whose one home is debian/changelog."""

import re
from pathlib import Path

from setuptools import setup

CHANGELOG = Path(__file__).with_name("debian") / "changelog"
(VERSION,) = re.findall(r"^falcot-rtc \(([0-9.]+)", CHANGELOG.read_text("utf-8"))[:1]

setup(version=VERSION)
