# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""pebble, Debian's package of the ACME test CA, at the client end; the host trusts it."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from contextlib import contextmanager

from falcot_rtc import certificates
from tests.integration import outside
from tests.lab.host import Host
from tests.lab.network import CLIENT_IPV4

API = "ca.acme.example"
SERVER = f"https://{API}:14000/dir"
PLACE = "/srv/lab/pebble"
TRUSTED = "/usr/local/share/ca-certificates"
CONFIG = {
    "listenAddress": "0.0.0.0:14000",
    "managementListenAddress": "0.0.0.0:15000",
    "certificate": f"{PLACE}/api.pem",
    "privateKey": f"{PLACE}/api.key",
    "httpPort": 80,
    "tlsPort": 443,
    "ocspResponderURL": "",
}


def started(host: Host) -> int:
    """How the run ends that the timer starts. pebble looks at every name at once, and gives up when
    the answer of the name server takes longer than it likes, as on a busy machine."""
    unit = "falcot-rtc-certificate.service"
    return host.run(["systemctl", "start", unit], check=False).returncode


@contextmanager
def issuing(host: Host, name_server: str) -> Iterator[None]:
    """While it runs, it asks `name_server` for the names of the site."""
    now = datetime.datetime.now(datetime.UTC)
    ca = certificates.new_ca("acme.example", now)
    pair = certificates.issue(ca, (API,), 30, now)
    outside.place(host, f"{PLACE}/api.pem", pair.chain)
    outside.place(host, f"{PLACE}/api.key", pair.key)
    outside.place(host, f"{PLACE}/config.json", json.dumps({"pebble": CONFIG}))
    host.push(f"{TRUSTED}/api.crt", ca.chain)
    # certbot tries a rejected nonce (RFC 8555) again once; pebble rejects some at random.
    at_once = ("PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0")
    command = (
        *("env", *at_once, "pebble", "-config", f"{PLACE}/config.json"),
        *("-dnsserver", f"{name_server}:53"),
    )
    with outside.running(host.client_command(command, own_root=True)) as pebble:
        try:
            pebble.line(lambda line: "Listening on" in line)
            management = f"https://{CLIENT_IPV4[0]}:15000/roots/0"
            curl = ["curl", "--insecure", "--silent", management]
            host.push(f"{TRUSTED}/pebble.crt", host.client(curl, own_root=True).stdout)
            host.run(["update-ca-certificates"])
            yield
        finally:
            pebble.process.terminate()
