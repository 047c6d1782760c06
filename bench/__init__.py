# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Benchmarks on real hosts: ratios to named references that are measured in the same run."""
