# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The questions on a real terminal, debconf(7): dialog, readline, and `falcot-rtc setup`.

One host, from the smallest image to the running site; the tests go in the order of the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.conftest import DOMAIN, PASSWORD, PREFIX
from tests.integration.observe import Listener, listeners, until
from tests.integration.terminal import Terminal
from tests.lab import demo
from tests.lab.command import run
from tests.lab.host import Host
from tests.lab.network import HOST_IPV4
from tests.lab.pool import depended_on

# libterm-readline-gnu-perl: the only one of Perl's readlines with which debconf can go back.
TERMINAL_PACKAGES = ("whiptail", "perl", "libterm-readline-gnu-perl", "locales")
SCRIPT = "/root/falcot-rtc.config"
TEMPLATES = "/root/falcot-rtc.templates"
WRONG_IPV4 = "198.51.100.300"
MISSING = "/etc/ssl/private/nowhere.pem"

DOMAIN_ASKED = "Domain of the site:"
IPV4_ASKED = "IPv4 address of this host:"
CERTIFICATE_ASKED = "Where do the certificates come from?"
PATH_ASKED = "File with the certificate and its chain:"
ADMIN_ASKED = "Account name of the administrator:"
PASSWORD_ASKED = "Password of the administrator's account:"
IPV6_ASKED = "IPv6 address of this host:"
SERVICES_ASKED = "Services of this host:"
PORT_443_ASKED = "Run each service on port 443 too?"
# Who is on port 443 of which address, by its last number.
OWN = {"TURN": 21, "SIP and its WebSocket": 22, "XMPP": 23}
# In whiptail, from the field over <Ok>. In GNU readline Page Up: debconf binds ^U as well, but
# readline gives that key back to the terminal's "kill".
CANCEL = ("Tab", "Tab", "Enter")
PREVIOUS = ("PPage",)


@pytest.fixture(scope="module")
def smallest(
    release: str, debs: tuple[Path, ...], archive: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Host]:
    """A bare host with the config script and templates of the built package at hand."""
    control = tmp_path_factory.mktemp("control")
    (package,) = (deb for deb in debs if deb.name.startswith("falcot-rtc_"))
    run(["dpkg-deb", "--control", package, control])
    with Host(
        name=PREFIX + "dialogs",
        release=release,
        binds={demo.ARCHIVE: archive},
        extra_packages=(*depended_on(list(debs)), *TERMINAL_PACKAGES),
        domain=DOMAIN,
    ) as host:
        demo.add_archive(host)
        host.push(SCRIPT, (control / "config").read_text(encoding="utf-8"), mode=0o755)
        host.push(TEMPLATES, (control / "templates").read_text(encoding="utf-8"))
        yield host


@pytest.fixture(scope="module")
def host(smallest: Host) -> Host:
    """The same host with all that makes dialogs comfortable, and German."""
    smallest.apt("install", *TERMINAL_PACKAGES)
    smallest.run(["localedef", "-i", "de_DE", "-f", "UTF-8", "de_DE.UTF-8"])
    return smallest


def questions(host: Host, frontend: str, name: str = "", environment: str = "") -> Terminal:
    """The config script on a terminal, as if never asked before."""
    # debconf-loadtemplate would need debconf-utils.
    commands = f"PURGE\nX_LOADTEMPLATEFILE {TEMPLATES} falcot-rtc\n"
    host.run(["debconf-communicate", "falcot-rtc"], input=commands)
    return Terminal(
        host=host,
        name=name or frontend,
        command=f"{environment} debconf -f{frontend} -ofalcot-rtc {SCRIPT} configure".strip(),
        full_screen=frontend == "dialog",
    )


def answers(host: Host) -> dict[str, str]:
    """debconf's own list of what was answered."""
    shown = host.run(["debconf-show", "falcot-rtc"]).stdout
    pairs = (line.lstrip("* ").partition(":") for line in shown.splitlines())
    return {name.removeprefix("falcot-rtc/"): value.strip() for name, _, value in pairs}


def assert_minimal(host: Host) -> None:
    for program in ("python3", "ip", "apt-extracttemplates"):
        found = host.shell(f"command -v {program}", check=False)
        assert found.returncode != 0, f"{program}: {found.stdout}"


def test_the_smallest_host_has_no_dialogs_and_asks_line_by_line(smallest: Host) -> None:
    assert_minimal(smallest)
    with questions(smallest, "dialog", "teletype") as terminal:
        terminal.full_screen = False
        terminal.expect("falling back to frontend: Teletype", DOMAIN_ASKED)
        terminal.type("falcot")
        terminal.expect("Not a domain name: falcot", DOMAIN_ASKED)
        # perl-base knows letters of all scripts; the terminal here shows ASCII only.
        terminal.type("münchen")
        terminal.expect("Not a domain name: m", DOMAIN_ASKED)
        terminal.type(DOMAIN)
        terminal.expect(IPV4_ASKED)
        terminal.type(WRONG_IPV4)
        terminal.expect(f"Not a usable IPv4 address: {WRONG_IPV4}", IPV4_ASKED)
        terminal.type(HOST_IPV4[0])
        terminal.expect(CERTIFICATE_ASKED)
        terminal.type("1")
        terminal.expect(ADMIN_ASKED)
        terminal.type("joe")
        terminal.expect(PASSWORD_ASKED)
        terminal.type(PASSWORD)
        assert PASSWORD not in terminal.ends()
    given = answers(smallest)
    assert (given["domain"], given["ipv4"], given["admin"]) == (DOMAIN, HOST_IPV4[0], "joe")
    assert given["certificate"] == "own-ca"


def test_dialog(host: Host) -> None:
    assert_minimal(host)
    with questions(host, "dialog") as terminal:
        terminal.expect(DOMAIN_ASKED)
        terminal.type("falcot")
        terminal.expect("Not a domain name: falcot")
        terminal.press("Enter")
        terminal.expect(DOMAIN_ASKED, "falcot_")
        terminal.type(DOMAIN, instead_of="falcot")
        terminal.expect(IPV4_ASKED, HOST_IPV4[0])
        terminal.type(WRONG_IPV4, instead_of=HOST_IPV4[0])
        terminal.expect(f"Not a usable IPv4 address: {WRONG_IPV4}")
        terminal.press("Enter")
        terminal.expect(IPV4_ASKED)
        terminal.press(*CANCEL)
        terminal.expect(DOMAIN_ASKED, DOMAIN)
        terminal.press("Enter")
        terminal.expect(IPV4_ASKED, WRONG_IPV4)
        terminal.type(HOST_IPV4[0], instead_of=WRONG_IPV4)
        terminal.expect(CERTIFICATE_ASKED)
        terminal.press("Down", "Enter")
        terminal.expect(PATH_ASKED)
        terminal.type(MISSING)
        terminal.expect(f"No such file: {MISSING}")
        terminal.press("Enter")
        terminal.expect(PATH_ASKED, MISSING)
        terminal.press(*CANCEL)
        terminal.expect(CERTIFICATE_ASKED)
        terminal.press("Up", "Enter")
        terminal.expect(ADMIN_ASKED, "admin_")
        terminal.press("Enter")
        terminal.expect(PASSWORD_ASKED)
        terminal.type(PASSWORD)
        terminal.ends()
    given = answers(host)
    assert (given["domain"], given["ipv4"], given["admin"]) == (DOMAIN, HOST_IPV4[0], "admin")
    assert given["certificate"] == "own-ca"


def test_readline(host: Host) -> None:
    assert_minimal(host)
    with questions(host, "readline") as terminal:
        terminal.expect(DOMAIN_ASKED)
        terminal.type("falcot")
        terminal.expect("Not a domain name: falcot", DOMAIN_ASKED)
        terminal.type(DOMAIN, instead_of="falcot")
        terminal.expect(f"{IPV4_ASKED} {HOST_IPV4[0]}")
        terminal.type(WRONG_IPV4, instead_of=HOST_IPV4[0])
        terminal.expect(f"Not a usable IPv4 address: {WRONG_IPV4}", IPV4_ASKED)
        terminal.press(*PREVIOUS)
        terminal.expect(f"{DOMAIN_ASKED} {DOMAIN}")
        terminal.type()
        terminal.expect(IPV4_ASKED)
        terminal.type(HOST_IPV4[0], instead_of=WRONG_IPV4)
        terminal.expect(f"{CERTIFICATE_ASKED} 1")
        terminal.type("2", instead_of="1")
        terminal.expect(PATH_ASKED)
        terminal.type(MISSING)
        terminal.expect(f"No such file: {MISSING}", PATH_ASKED)
        terminal.press(*PREVIOUS)
        terminal.expect(CERTIFICATE_ASKED)
        terminal.type("1", instead_of="2")
        terminal.expect(f"{ADMIN_ASKED} admin")
        terminal.type()
        terminal.expect(PASSWORD_ASKED)
        terminal.type(PASSWORD)
        assert PASSWORD not in terminal.ends()
    given = answers(host)
    assert (given["domain"], given["ipv4"], given["admin"]) == (DOMAIN, HOST_IPV4[0], "admin")
    assert given["certificate"] == "own-ca"


def test_german(host: Host) -> None:
    with questions(host, "dialog", "german", "LANG=de_DE.UTF-8") as terminal:
        terminal.expect("Domain des Standorts:", "in den Adressen Ihrer Benutzer")
        terminal.type("falcot")
        terminal.expect("Kein Domainname: falcot")
        terminal.press("Enter")
        terminal.expect("Domain des Standorts:")
        terminal.type(DOMAIN, instead_of="falcot")
        terminal.expect("IPv4-Adresse dieses Rechners:")
        terminal.press("Enter")
        terminal.expect("Woher kommen die Zertifikate?", "eigene Zertifizierungsstelle")


def test_install_by_dialogs_ends_in_a_working_site(host: Host) -> None:
    host.run(["debconf-communicate", "falcot-rtc"], input="PURGE\n")
    host.apt("install", "falcot-rtc-archive")
    host.apt("update")
    assert_minimal(host)
    with Terminal(
        host=host, name="install", command="apt install -y falcot-rtc", full_screen=True
    ) as terminal:
        terminal.expect(DOMAIN_ASKED, within=180)
        terminal.type(DOMAIN)
        terminal.expect(IPV4_ASKED, HOST_IPV4[0])
        terminal.press("Enter")
        terminal.expect(CERTIFICATE_ASKED)
        terminal.press("Enter")
        terminal.expect(ADMIN_ASKED)
        terminal.press("Enter")
        terminal.expect(PASSWORD_ASKED)
        terminal.type(PASSWORD)
        assert PASSWORD not in terminal.ends(within=180)
    host.run(["falcot-rtc", "check", "--failed"])


def test_setup_asks_the_same_and_applies(host: Host) -> None:
    with Terminal(host=host, name="setup", command="falcot-rtc setup") as terminal:
        terminal.expect(f"{DOMAIN_ASKED} [{DOMAIN}]")
        terminal.type("falcot")
        terminal.expect("! ", "'falcot'", DOMAIN_ASKED)
        terminal.type()
        terminal.expect(f"{IPV4_ASKED} [{HOST_IPV4[0]}]")
        terminal.type(WRONG_IPV4)
        terminal.expect("! ", WRONG_IPV4, IPV4_ASKED)
        terminal.type("<")
        terminal.expect(f"{DOMAIN_ASKED} [{DOMAIN}]")
        terminal.type()
        terminal.expect(IPV4_ASKED)
        terminal.type(HOST_IPV4[1])
        terminal.expect(f"{CERTIFICATE_ASKED} [own-ca]")
        terminal.type("existing")
        terminal.expect(PATH_ASKED)
        terminal.type(MISSING)
        terminal.expect("! ", MISSING, PATH_ASKED)
        terminal.type("<")
        terminal.expect(f"{CERTIFICATE_ASKED} [existing]")
        terminal.type("own-ca")
        terminal.expect(f"{ADMIN_ASKED} [admin]")
        terminal.type()
        terminal.expect(PASSWORD_ASKED)
        terminal.type()
        terminal.ends(within=90)
    # Still no iproute2, so no ss.
    connect = "import socket, sys; socket.create_connection((sys.argv[1], 5061), 5)"
    assert host.run(["python3", "-c", connect, HOST_IPV4[1]], check=False).returncode == 0
    before = host.run(["python3", "-c", connect, HOST_IPV4[0]], check=False)
    assert "ConnectionRefusedError" in before.stderr
    host.run(["falcot-rtc", "check", "--failed"])


def through(terminal: Terminal, *asked: str) -> None:
    """Leave these answers as they are."""
    for text in asked:
        terminal.expect(text)
        terminal.press("Enter")


def reconfiguring(host: Host, name: str) -> Terminal:
    command = "dpkg-reconfigure --priority=medium falcot-rtc"
    return Terminal(host=host, name=name, command=command, full_screen=True)


def site(host: Host) -> tuple[set[Listener], str]:
    """What listens for clients over TCP, and the zone."""
    tcp = {listener for listener in listeners(host) if listener[0] == "tcp"}
    return tcp, host.run(["falcot-rtc", "dns", "show"]).stdout


def test_port_443_by_dialogs_on_and_off(host: Host) -> None:
    before = site(host)
    with reconfiguring(host, "port443-on") as terminal:
        through(terminal, DOMAIN_ASKED)
        # As setup was told.
        terminal.expect(IPV4_ASKED, HOST_IPV4[1])
        terminal.press("Enter")
        through(terminal, IPV6_ASKED, SERVICES_ASKED)
        terminal.expect(PORT_443_ASKED)
        terminal.press("Tab", "Enter")
        for label, last in OWN.items():
            terminal.expect(f"IPv4 address for {label} on port 443:")
            if label == "TURN":
                terminal.type(WRONG_IPV4)
                terminal.expect(f"Not a usable IPv4 address: {WRONG_IPV4}")
                terminal.press("Enter")
                terminal.expect("IPv4 address for TURN on port 443:", WRONG_IPV4)
                terminal.type(f"198.51.100.{last}", instead_of=WRONG_IPV4)
            else:
                terminal.type(f"198.51.100.{last}")
            terminal.expect(f"IPv6 address for {label} on port 443:")
            terminal.type(f"2001:db8:1000:2000::{last}")
        through(
            terminal,
            "IPv4 address for the web site on port 443:",
            "IPv6 address for the web site on port 443:",
            CERTIFICATE_ASKED,
            ADMIN_ASKED,
            PASSWORD_ASKED,
        )
        said = terminal.ends(within=180)
    assert "the DNS records have changed, publish them: falcot-rtc dns show" in said
    tcp, zone = site(host)
    for label, last in OWN.items():
        for address in (f"198.51.100.{last}", f"2001:db8:1000:2000::{last}"):
            assert ("tcp", address, 443) in tcp
            # The TURN server's name has no IPv6 address beside an IPv4 one.
            assert (address in zone) is not (label == "TURN" and ":" in address)
    host.run(["falcot-rtc", "check"])
    with reconfiguring(host, "port443-off") as terminal:
        through(terminal, DOMAIN_ASKED, IPV4_ASKED, IPV6_ASKED, SERVICES_ASKED)
        terminal.expect(PORT_443_ASKED)
        terminal.press("Tab", "Enter")
        through(terminal, CERTIFICATE_ASKED, ADMIN_ASKED, PASSWORD_ASKED)
        terminal.ends(within=180)
    assert until(lambda: site(host), lambda found: found == before) == before
    host.run(["falcot-rtc", "check"])
