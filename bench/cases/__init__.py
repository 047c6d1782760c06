# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every benchmark, in the order of the table."""

from bench.benchmark import Benchmark
from bench.cases import accounts, apply, configure, crowd, phone, start

ALL: tuple[Benchmark, ...] = (
    start.HELP,
    apply.NOTHING_TO_DO,
    configure.CONFIGURE,
    accounts.HASHES,
    accounts.STOCK,
    accounts.LINEAR,
    accounts.IMPORT_MEMORY,
    crowd.ADD,
    crowd.SHOW,
    crowd.REGISTER,
    phone.LOAD,
    phone.CALL,
    phone.ANSWER,
    phone.MEMORY,
)
