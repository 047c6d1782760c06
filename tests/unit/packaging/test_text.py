# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from falcot_rtc.packaging import text


def test_wrapped_keeps_options_and_paths_whole() -> None:
    words = " ".join(["--an-option-with-hyphens"] * 9)
    lines = text.wrapped(words, "# ").splitlines()
    assert len(lines) > 1
    assert all(line.startswith("# ") and len(line) <= text.WIDTH for line in lines)
    assert all(word == "--an-option-with-hyphens" for line in lines for word in line[2:].split())


def test_banner_carries_a_reuse_header_and_names_the_generator() -> None:
    lines = text.banner().splitlines()
    assert lines[1].endswith("License-Identifier: GPL-3.0-or-later")
    assert "falcot_rtc.packaging generate" in lines[2]
