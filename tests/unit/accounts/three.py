# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A store and all three projections in a directory, for tests of what spans them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from io import BytesIO
from pathlib import Path

from falcot_rtc.accounts.bulk import Import, Outcome
from falcot_rtc.accounts.directory import Owner
from falcot_rtc.accounts.formats import readers, text
from falcot_rtc.accounts.hashes import ScramKind
from falcot_rtc.accounts.merge import Terms
from falcot_rtc.accounts.projections import Projection
from falcot_rtc.accounts.sip import SipProjection
from falcot_rtc.accounts.store import AccountStore
from falcot_rtc.accounts.turn import TurnProjection
from falcot_rtc.accounts.xmpp import XmppProjection
from falcot_rtc.turn_auth.lookup import Secret

DOMAIN, OTHER = "falcot.com", "falcot.org"
TERMS = Terms(domains=(DOMAIN, OTHER), domain=DOMAIN, realm=DOMAIN, kind=ScramKind.SHA1)
SCHEMA = {
    "auth_db": """
CREATE TABLE subscriber (id INTEGER PRIMARY KEY NOT NULL, username VARCHAR(64) NOT NULL,
    domain VARCHAR(64) NOT NULL, ha1 VARCHAR(128) NOT NULL, ha1b VARCHAR(128) NOT NULL,
    CONSTRAINT subscriber_account_idx UNIQUE (username, domain));
""",
    "alias_db": """
CREATE TABLE dbaliases (id INTEGER PRIMARY KEY NOT NULL, alias_username VARCHAR(64) NOT NULL,
    alias_domain VARCHAR(64) NOT NULL, username VARCHAR(64) NOT NULL, domain VARCHAR(64) NOT NULL);
CREATE INDEX dbaliases_target_idx ON dbaliases (username, domain);
""",
}


def projections(base: Path) -> list[Projection]:
    """All three, in directories that are made if they are missing."""
    for name in ("sip", "turn", "prosody", "schema"):
        (base / name).mkdir(exist_ok=True)
    for part in ("standard", "usrloc", "auth_db", "alias_db"):
        table = SCHEMA.get(part, f"CREATE TABLE {part} (id INTEGER);")
        (base / "schema" / f"{part}-create.sql").write_text(table)
    me = Owner(uid=os.getuid(), gid=os.getgid())
    sip = SipProjection(base=base / "sip", schema=base / "schema", kamailio=me)
    sip.prepare()
    xmpp = XmppProjection(data=base / "prosody", domains=TERMS.domains, kind=TERMS.kind, prosody=me)
    secret = Secret(valid_from=0, secret="s")
    turn = TurnProjection(
        base=base / "turn",
        domain=DOMAIN,
        realm=TERMS.realm,
        ttl=600,
        per_minute=60,
        secrets=(secret,),
        reader=me,
    )
    return [sip, xmpp, turn]


@contextmanager
def importing(base: Path, **more: object) -> Iterator[Import]:
    """An import into that directory; its store is closed in the end."""
    with AccountStore(base / "accounts.sqlite") as store:
        yield Import(
            store=store,
            projections=projections(base),
            terms=TERMS,
            **{"lock": nullcontext, **more},  # type: ignore[arg-type]
        )


def bring_in(base: Path, form: str, content: bytes, **more: object) -> Outcome:
    with importing(base, **more) as bulk:
        return bulk.run(readers.FORMATS[form](text.lines(BytesIO(content))))
