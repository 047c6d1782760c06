# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every host has, whatever its roles: the questions about the site itself."""

from __future__ import annotations

from falcot_rtc.policies.common import host_records
from falcot_rtc.policy import Policy, Site
from falcot_rtc.resources import DnsRecord, Question

QUESTIONS = (
    Question(
        name="falcot-rtc/manage",
        key="manage",
        type="boolean",
        priority="low",
        default="true",
        short="Let falcot-rtc configure this host's communication services?",
        long=(
            "falcot-rtc writes the configuration of the TURN, SIP, XMPP and web servers that it "
            "runs.\n\n"
            "Refuse if you want the packages but configure the services yourself; services that "
            "are configured already then stay as they are."
        ),
    ),
    Question(
        name="falcot-rtc/domain",
        key="domain.name",
        type="string",
        priority="high",
        short="Domain of the site:",
        long=(
            "Please enter the domain that stands behind the @ in the addresses of your people, "
            "such as falcot.com for joe@falcot.com.\n\n"
            "Passwords are stored for this domain. Without a domain the services stay stopped "
            "until you run 'dpkg-reconfigure falcot-rtc'."
        ),
    ),
    Question(
        name="falcot-rtc/ipv4",
        key="address.ipv4.bind",
        type="string",
        priority="high",
        short="IPv4 address of this host:",
        long=(
            "Please enter the IPv4 address on which the services listen. Leave it empty on a host "
            "that has IPv6 only.\n\n"
            "Behind NAT, give the address that this host itself has; the public one goes into "
            "/etc/falcot-rtc/settings.toml."
        ),
    ),
    Question(
        name="falcot-rtc/ipv4-alternate",
        key="address.ipv4-alternate.bind",
        type="string",
        priority="low",
        short="Second IPv4 address of this host:",
        long=(
            "With a second public IPv4 address, clients can find out what kind of NAT they are "
            "behind (RFC 5780). Leave it empty if there is none."
        ),
    ),
    Question(
        name="falcot-rtc/ipv6",
        key="address.ipv6.bind",
        type="string",
        priority="medium",
        short="IPv6 address of this host:",
        long="Please enter the IPv6 address on which the services listen, or nothing.",
    ),
    Question(
        name="falcot-rtc/services",
        key="services",
        type="multiselect",
        priority="medium",
        default="turn, sip, xmpp, web",
        choices=(
            ("turn", "TURN: media through firewalls"),
            ("sip", "SIP: voice and video calls"),
            ("xmpp", "XMPP: chat"),
            ("web", "Web: start page for your people"),
        ),
        short="Services of this host:",
        long="A service that is not selected is stopped and disabled.",
    ),
)


def records(site: Site) -> tuple[DnsRecord, ...]:
    return (
        *host_records(
            site,
            site.settings.host("server"),
            comment="the server where everything will run",
        ),
        *(
            record
            for domain in site.settings.domains
            for record in host_records(site, domain.name, site.role("web"))
        ),
    )


POLICY = Policy(name="site", questions=QUESTIONS, records=records)
