# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which certificate an administrator chose: the keys of [certificate] in settings.toml. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from falcot_rtc import fields
from falcot_rtc.errors import UsageError
from falcot_rtc.keys import EDIT, Key

LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory"

KEYS: tuple[Key, ...] = (
    Key(
        path="certificate.source",
        parse=fields.one_of("own-ca", "existing", "acme"),
        default="own-ca",
        doc="own-ca: a CA of this host signs; existing: the two files below; acme: a public CA.",
    ),
    Key(path="certificate.path", parse=fields.path, doc="The certificate with its chain, PEM."),
    Key(path="certificate.key", parse=fields.path, doc="Its private key, PEM, no passphrase."),
    Key(path="certificate.acme-email", parse=fields.email, doc="Where an ACME CA sends warnings."),
    Key(
        path="certificate.acme-server", parse=fields.https_url, default=LETS_ENCRYPT, doc="ACME CA."
    ),
    Key(
        path="certificate.acme-challenge",
        parse=fields.one_of("http-01", "dns-01"),
        default="http-01",
        doc="Where the CA looks: on the web server of this host, or in the DNS.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    source: str
    path: PurePosixPath | None
    key: PurePosixPath | None
    acme_email: str | None = None
    acme_server: str = LETS_ENCRYPT
    acme_challenge: str = "http-01"

    @property
    def looked_for_on_the_web(self) -> bool:
        """Whether a CA comes to the web server of this host."""
        return self.source == "acme" and self.acme_challenge == "http-01"


def read(found: Mapping[str, Any], where: str) -> Certificate:
    """The choice, out of values by path; raises UsageError where what it needs is not there."""
    certificate = Certificate(
        source=found["certificate.source"],
        path=found["certificate.path"],
        key=found["certificate.key"],
        acme_email=found["certificate.acme-email"],
        acme_server=found["certificate.acme-server"],
        acme_challenge=found["certificate.acme-challenge"],
    )
    if certificate.source == "existing" and not (certificate.path and certificate.key):
        missing = "certificate.path" if not certificate.path else "certificate.key"
        raise UsageError(
            f"{where}: {missing}: not set, but certificate.source is 'existing'", hint=EDIT
        )
    if certificate.looked_for_on_the_web and "web" not in found["services"]:
        raise UsageError(
            f"{where}: certificate.source: 'acme' needs the web server, on which the CA looks",
            hint="add web to services, or set certificate.acme-challenge to dns-01",
        )
    return certificate
