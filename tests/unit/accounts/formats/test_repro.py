# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from io import BytesIO

import pytest

from falcot_rtc.accounts.formats import repro
from falcot_rtc.accounts.formats.entry import Entry, Note, Refused
from falcot_rtc.accounts.formats.text import lines
from falcot_rtc.errors import UsageError
from tests.unit.accounts.formats.test_berkeley import VALUE, record

HA1, HA1B = "a" * 32, "b" * 32


def read(text: str) -> list[Entry | Refused | Note]:
    return list(repro.read(lines(BytesIO(text.encode()))))


def facts(found: Entry | Refused | Note) -> tuple[object, ...]:
    if not isinstance(found, Entry) or found.verifier is None:
        return (found.line,)
    known = found.verifier
    return (found.line, found.name, found.domain, known.login, known.realm, known.ha1, known.ha1b)


def test_what_mysql_prints() -> None:
    text = (
        "id\tuser\tdomain\trealm\tpasswordHash\tpasswordHashAlt\tname\temail\tforwardAddress\n"
        f"1\tjoe\tfalcot.com\tfalcot.com\t{HA1}\t{HA1B}\tJoe\tNULL\tNULL\n"
        f"2\tadmin\tNULL\trepro\t{HA1}\tNULL\tNULL\tNULL\tNULL\n"
        "3\tzoe\tfalcot.com\tfalcot.com\tNULL\tNULL\tNULL\tNULL\tNULL\n"
    )
    assert [facts(one) for one in read(text)] == [
        (2, "joe", "falcot.com", "joe@falcot.com", "falcot.com", HA1, HA1B),
        (3,),
        (4,),
    ]


def test_what_psql_prints() -> None:
    text = f"username,domain,realm,passwordhash,passwordhashalt\njoe,A.example,a.example,{HA1},\n"
    (found,) = read(text)
    assert facts(found)[:6] == (2, "joe", "a.example", "joe@", "a.example", HA1)
    # Nobody's password: neither empty nor the same twice.
    assert len(str(facts(found)[6])) == 32 and facts(found)[6] != facts(read(text)[0])[6]


def test_what_db_dump_prints() -> None:
    admin = record("admin", "", "repro", HA1, "", "", "")
    text = (
        "VERSION=3\nformat=bytevalue\ntype=btree\nHEADER=END\n"
        f" 61\n {VALUE.hex()}\n 62\n {admin.hex()}\n 63\n {VALUE[:9].hex()}\nDATA=END\n"
    )
    found = read(text)
    assert facts(found[0])[:6] == (6, "joe", "falcot.com", "joe@", "falcot.com", "0" * 32)
    assert [(one.line, type(one)) for one in found[1:]] == [(8, Refused), (10, Refused)]


@pytest.mark.parametrize("text", ["", "joe:x:y\n", "domain,realm\n"])
def test_anything_else_is_told_how_to_come_by_it(text: str) -> None:
    with pytest.raises(UsageError, match=r"db5\.3_dump"):
        read(text)
