# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ten thousand people in one import, against what it can't do without and what it replaces.

Every round brings in people of new names, so the host grows; that it takes no longer for that is
what LINEAR is about.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence

from bench.benchmark import Benchmark, Sample
from bench.lab import Lab
from falcot_rtc.errors import FalcotError
from falcot_rtc.verbs_bulk import NICENESS
from tests.lab.host import Host

MANY, FEW, SAMPLE = 10_000, 1_000, 20
MEMORY = 150 * 1024
# The hashes that prosody needs, and nothing else, by as many processes as there are processors.
SCRAM = """
import hashlib, multiprocessing, os, sys
def one(number):
    password = b"pass-%d" % number
    hashlib.pbkdf2_hmac("sha1", password, b"0516ece9-5852-4f0e-945a-0effc1f6e217", 10000)
with multiprocessing.Pool(len(os.sched_getaffinity(0))) as pool:
    pool.map(one, range(int(sys.argv[1])), 100)
"""
# The kernel's own account of the memory of a command, in KiB.
WEIGHED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
CLOCK = """
import json, subprocess, sys, time
for commands in json.loads(sys.argv[1]):
    begun = time.perf_counter()
    for argv in commands:
        subprocess.run(argv, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    print(time.perf_counter() - begun)
"""
STOCK_DATABASE = "/root/stock.sqlite"
STOCK_TABLES = f"""
import pathlib, sqlite3
for part in ("standard", "auth_db"):
    script = pathlib.Path(f"/usr/share/kamailio/db_sqlite/{{part}}-create.sql").read_text()
    sqlite3.connect("{STOCK_DATABASE}").executescript(script)
"""
PATIENCE = 3600
# With an import's own priority, or what else runs on the machine would be measured.
PATIENTLY = ("nice", "-n", str(NICENESS))
_FILES = itertools.count()


def people(host: Host, number: int) -> str:
    """A file of so many new people; returns its path."""
    batch = next(_FILES)
    rows = (f"bench-{batch}-{one},pass-{one}\n" for one in range(number))
    path = f"/root/people-{batch}.csv"
    host.push(path, "name,password\n" + "".join(rows), mode=0o600)
    return path


def bring_in(host: Host, number: int) -> tuple[str, ...]:
    """The command that imports so many new people."""
    return ("falcot-rtc", "user", "import", people(host, number))


def timed(host: Host, *sides: Sequence[Sequence[str]]) -> list[float]:
    """The seconds of each side's commands together; an import can't be warmed up and done again."""
    done = host.run(["python3", "-I", "-c", CLOCK, json.dumps(sides)], timeout=PATIENCE)
    return [float(line) for line in done.stdout.split()]


def against_hashes(lab: Lab, rounds: int) -> Iterator[Sample]:
    for _ in range(rounds):
        bare = (*PATIENTLY, "python3", "-c", SCRAM, str(MANY))
        reference, subject = timed(lab.site, [bare], [bring_in(lab.site, MANY)])
        yield Sample(reference=reference, subject=subject)


def against_stock(lab: Lab, rounds: int) -> Iterator[Sample]:
    """Each tool once a person, for SAMPLE people; both sides are quoted for one person."""
    lab.site.run(["python3", "-c", STOCK_TABLES])
    environment = ("env", "DBENGINE=SQLITE", f"DB_PATH={STOCK_DATABASE}", "SIP_DOMAIN=falcot.com")
    for turn in range(rounds):
        names = [f"stock-{turn}-{one}" for one in range(SAMPLE)]
        commands = [
            (*PATIENTLY, *command)
            for name in names
            for command in (
                ("prosodyctl", "register", name, "falcot.com", "secret"),
                ("turnadmin", "-a", "-b", "/root/turndb", "-u", name, "-r", "falcot.com",
                 "-p", "secret"),
                (*environment, "kamctl", "add", name, "secret"),
            )
        ]  # fmt: skip
        reference, subject = timed(lab.site, commands, [bring_in(lab.site, FEW)])
        yield Sample(reference=reference / SAMPLE, subject=subject / FEW)


def against_fewer(lab: Lab, rounds: int) -> Iterator[Sample]:
    for _ in range(rounds):
        few, many = timed(lab.site, [bring_in(lab.site, FEW)], [bring_in(lab.site, MANY)])
        yield Sample(reference=few / FEW, subject=many / MANY)


def memory(lab: Lab, rounds: int) -> Iterator[Sample]:
    """KiB, where others have seconds."""
    for _ in range(rounds):
        done = lab.site.run(["python3", "-c", WEIGHED, *bring_in(lab.site, MANY)], timeout=PATIENCE)
        used = int(done.stdout.split()[-1])
        if used < 1024:
            raise FalcotError(f"{used} KiB are not the memory of an import")
        yield Sample(reference=MEMORY, subject=used)


HASHES = Benchmark(
    name="import-hashes",
    subject=f"user import, {MANY} people",
    reference="their SCRAM hashes alone, on all processors",
    aim=1.5,
    rounds=3,
    measure=against_hashes,
)
STOCK = Benchmark(
    name="import-stock",
    subject="user import, per person",
    reference="prosodyctl, turnadmin and kamctl, per person",
    aim=0.01,
    rounds=3,
    measure=against_stock,
)
LINEAR = Benchmark(
    name="import-linear",
    subject=f"user import, per person of {MANY}",
    reference=f"the same of {FEW}",
    aim=1.1,
    rounds=3,
    measure=against_fewer,
)
IMPORT_MEMORY = Benchmark(
    name="import-memory",
    subject=f"user import, {MANY} people: memory",
    reference="150 MiB",
    aim=1.0,
    rounds=1,
    measure=memory,
)
