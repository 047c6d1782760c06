# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""BIND's named(8) at the client end: the primary of falcot.com, which takes signed updates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from falcot_rtc.errors import FalcotError
from tests.integration import outside
from tests.lab.command import run
from tests.lab.host import Host
from tests.lab.network import INTERFACE

ADDRESS = "198.51.100.3"
PLACE = "/srv/lab/bind"
KEY_FILE = f"{PLACE}/update.key"
# What others have in their zone beside the site.
OTHERS = {
    ("www", "A", "203.0.113.80"),
    ("falcot.com.", "MX", "10 mail.example.net."),
    ("_xmpp-client._tcp", "SRV", "90 0 5222 backup.example.net."),
}
ZONE = f"""\
$TTL 60
@ IN SOA ns hostmaster 1 7200 3600 1209600 60
@ IN NS ns
ns IN A {ADDRESS}
""" + "".join(f"{name} IN {kind} {data}\n" for name, kind, data in sorted(OTHERS))
CONF = f"""\
include "{KEY_FILE}";
options {{
  directory "{PLACE}"; pid-file none; session-keyfile none; recursion no; dnssec-validation no;
  listen-on {{ {ADDRESS}; }}; listen-on-v6 {{ none; }};
}};
controls {{ }};
zone "." {{ type primary; file "{PLACE}/root.zone"; }};
zone "falcot.com" {{
  type primary; file "{PLACE}/falcot.com.zone"; update-policy {{ grant falcot-rtc zonesub any; }};
}};
"""
ROOT = "$TTL 60\n@ IN SOA a.invalid. b.invalid. 1 60 60 60 60\n@ IN NS a.invalid.\n"


@contextmanager
def primary(host: Host) -> Iterator[str]:
    """The text of the key with which the zone can be updated, while named runs."""
    client = host.running.network.client
    run(["ip", "-n", client, "address", "replace", f"{ADDRESS}/24", "dev", INTERFACE])
    key = outside.run(host, "tsig-keygen", "falcot-rtc", check=True).stdout
    for path, text in (
        (KEY_FILE, key),
        (f"{PLACE}/named.conf", CONF),
        (f"{PLACE}/root.zone", ROOT),
        (f"{PLACE}/falcot.com.zone", ZONE),
    ):
        outside.place(host, path, text)
    command = ("named", "-g", "-c", f"{PLACE}/named.conf")
    with outside.running(host.client_command(command, own_root=True)) as named:
        try:
            named.line(lambda line: "all zones loaded" in line)
            yield key
        finally:
            named.process.terminate()


STATIC = """\
options {{
  directory "{place}"; pid-file none; session-keyfile none; recursion no; dnssec-validation no;
  listen-on {{ {address}; }}; listen-on-v6 {{ none; }};
}};
controls {{ }};
zone "." {{ type primary; file "{place}/root.zone"; }};
"""


@contextmanager
def serving(host: Host, address: str, zones: Mapping[str, str]) -> Iterator[None]:
    """A named that answers for these zones at an address of the client, and takes no updates."""
    client, place = host.running.network.client, f"{PLACE}/{address}"
    run(["ip", "-n", client, "address", "replace", f"{address}/24", "dev", INTERFACE])
    conf = STATIC.format(place=place, address=address)
    for name, text in zones.items():
        outside.place(host, f"{place}/{name}.zone", text)
        conf += f'zone "{name}" {{ type primary; file "{place}/{name}.zone"; }};\n'
    outside.place(host, f"{place}/root.zone", ROOT)
    outside.place(host, f"{place}/named.conf", conf)
    command = ("named", "-g", "-c", f"{place}/named.conf")
    with outside.running(host.client_command(command, own_root=True)) as named:
        try:
            named.line(lambda line: "all zones loaded" in line)
            yield
        finally:
            named.process.terminate()
            named.process.wait(outside.PATIENCE)
            run(["ip", "-n", client, "address", "delete", f"{address}/24", "dev", INTERFACE])


def change(host: Host, *lines: str) -> None:
    """Change the zone as its owner does, by nsupdate(1)."""
    text = "\n".join([f"server {ADDRESS}", "zone falcot.com", *lines, "send", ""])
    done = outside.run(host, "nsupdate", "-k", KEY_FILE, input=text)
    if done.returncode:
        raise FalcotError(f"nsupdate: {done.stdout}{done.stderr}")


def ask(host: Host, name: str, kind: str) -> set[str]:
    asked = ("dig", f"@{ADDRESS}", "+short", "+norecurse", name, kind)
    return set(outside.run(host, *asked, check=True).stdout.splitlines())
