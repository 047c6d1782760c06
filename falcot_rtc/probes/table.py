# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of network checks: one row for each thing that is proved, ids that never change."""

from __future__ import annotations

from dataclasses import dataclass

from falcot_rtc.probes import sip_checks, turn_checks, web_checks, xmpp_checks
from falcot_rtc.probes.outcome import Probe

TRANSPORTS = {
    "turn-udp": "udp",
    "turn-tcp": "tcp",
    "turn-tls": "tls",
    "turn-alternate-udp": "alternate-udp",
    "turn-alternate-tcp": "alternate-tcp",
    "sip-tls": "tls",
    "sip-wss": "wss",
    "sip-tcp": "tcp",
    "xmpp-client": "starttls",
    "xmpp-client-tls": "tls",
    "xmpp-server": "starttls",
    "xmpp-server-tls": "tls",
    "xmpp-https": "https",
    "web-https": "https",
    "web-http": "http",
}
MAIN_TURN = ("turn-udp", "turn-tcp", "turn-tls")
ALL_TURN = (*MAIN_TURN, "turn-alternate-udp", "turn-alternate-tcp")
ALL_SIP = ("sip-tls", "sip-wss", "sip-tcp")
XMPP_CLIENT = ("xmpp-client", "xmpp-client-tls")
XMPP_SERVER = ("xmpp-server", "xmpp-server-tls")
TLS = (
    "turn-tls",
    "sip-tls",
    "sip-wss",
    *XMPP_CLIENT,
    *XMPP_SERVER,
    "xmpp-https",
    "web-https",
)

# One check for each target; for each family that has all purposes; or for the whole site.
EACH, FAMILY, SITE = "each", "family", "site"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A kind of check: `id` is its template, `needs` that of the one which must not fail first.

    Checks of one lane run one after the other, because they share what the server counts or
    routes by: an account's registrations, for example.
    """

    id: str
    title: str
    purposes: tuple[str, ...]
    probe: Probe
    per: str = EACH
    lane: str = "{purpose}.{family}"
    needs: str = ""


BINDING = "turn.binding.{transport}.{family}"
OPTIONS = "sip.options.{transport}.{family}"
LOGIN = "xmpp.login.{transport}.{family}"

# fmt: off
ROWS = (
    Row(id=BINDING, title="The STUN server answers", purposes=ALL_TURN, probe=turn_checks.binding),
    Row(id="turn.relay-longterm.{transport}.{family}", title="TURN relays for a person's password",
        purposes=MAIN_TURN, probe=turn_checks.relay_longterm, needs=BINDING),
    Row(id="turn.relay-minted.{transport}.{family}", title="TURN relays for minted credentials",
        purposes=MAIN_TURN, probe=turn_checks.relay_minted,
        # All of a site with many addresses at once would be over the quota of one name.
        lane="turn.minted.{transport}", needs=BINDING),
    Row(id="turn.anonymous-refused.{transport}.{family}", title="TURN refuses strangers",
        purposes=ALL_TURN, probe=turn_checks.anonymous_refused, needs=BINDING),
    Row(id="turn.peer-allowed.{transport}.{family}", title="TURN reaches ordinary addresses",
        purposes=("turn-udp",), probe=turn_checks.peer_allowed, needs=BINDING),
    Row(id="turn.peer-refused.loopback", title="TURN does not reach loopback addresses",
        purposes=MAIN_TURN, probe=turn_checks.peers_refused(turn_checks.LOOPBACK),
        per=SITE, lane="turn", needs=BINDING),
    Row(id="turn.peer-refused.private", title="TURN does not reach private networks",
        purposes=MAIN_TURN, probe=turn_checks.peers_refused(turn_checks.PRIVATE),
        per=SITE, lane="turn", needs=BINDING),
    Row(id="turn.peer-refused.link-local", title="TURN does not reach link-local addresses",
        purposes=MAIN_TURN, probe=turn_checks.peers_refused(turn_checks.LINK_LOCAL),
        per=SITE, lane="turn", needs=BINDING),
    Row(id="turn.peer-refused.multicast", title="TURN does not reach multicast groups",
        purposes=MAIN_TURN, probe=turn_checks.peers_refused(turn_checks.MULTICAST),
        per=SITE, lane="turn", needs=BINDING),
    Row(id="turn.peer-refused.own-services", title="TURN does not reach its host's own services",
        purposes=("turn-udp",), probe=turn_checks.own_services_refused,
        per=SITE, lane="turn", needs=BINDING),
    Row(id="turn.nat-discovery", title="Clients can find out what NAT they are behind",
        purposes=("turn-udp", "turn-alternate-udp"), probe=turn_checks.nat_discovery,
        per=SITE, lane="turn"),

    Row(id=OPTIONS, title="The SIP proxy answers", purposes=ALL_SIP, probe=sip_checks.options),
    Row(id="sip.register.{transport}.{family}", title="A person can register by SIP",
        purposes=ALL_SIP, probe=sip_checks.register, lane="sip", needs=OPTIONS),
    Row(id="sip.call.{transport}.{family}", title="Two people can call each other",
        purposes=ALL_SIP, probe=sip_checks.call, lane="sip", needs=OPTIONS),
    Row(id="sip.call.tls-to-wss.{family}", title="A phone and a browser can call each other",
        purposes=("sip-tls", "sip-wss"), probe=sip_checks.call_mixed,
        per=FAMILY, lane="sip", needs=OPTIONS),
    Row(id="sip.message.{transport}.{family}", title="SIP messages are delivered",
        purposes=ALL_SIP, probe=sip_checks.message, lane="sip", needs=OPTIONS),
    Row(id="sip.anonymous-refused", title="SIP refuses people without a password",
        purposes=ALL_SIP, probe=sip_checks.anonymous_refused, per=SITE, lane="sip", needs=OPTIONS),
    Row(id="sip.spoofed-from-refused", title="SIP refuses calls in another person's name",
        purposes=ALL_SIP, probe=sip_checks.spoofed_from_refused,
        per=SITE, lane="sip", needs=OPTIONS),
    Row(id="sip.relay-refused", title="SIP relays nothing for strangers",
        purposes=ALL_SIP, probe=sip_checks.relay_refused, per=SITE, lane="sip", needs=OPTIONS),

    Row(id=LOGIN, title="A person can log in by XMPP",
        purposes=XMPP_CLIENT, probe=xmpp_checks.login),
    Row(id="xmpp.message.{transport}.{family}", title="XMPP messages are delivered",
        purposes=XMPP_CLIENT, probe=xmpp_checks.message, needs=LOGIN),
    Row(id="xmpp.cleartext-refused.{transport}.{family}", title="XMPP logins need encryption",
        purposes=("xmpp-client",), probe=xmpp_checks.cleartext_refused),
    Row(id="xmpp.wrong-password-refused", title="XMPP refuses a wrong password",
        purposes=XMPP_CLIENT, probe=xmpp_checks.wrong_password_refused,
        per=SITE, lane="xmpp", needs=LOGIN),
    Row(id="xmpp.registration-closed", title="Strangers cannot make XMPP accounts",
        purposes=XMPP_CLIENT, probe=xmpp_checks.registration_closed,
        per=SITE, lane="xmpp", needs=LOGIN),
    Row(id="xmpp.turn-credentials", title="XMPP hands out TURN credentials that work",
        purposes=XMPP_CLIENT, probe=xmpp_checks.turn_credentials,
        per=SITE, lane="xmpp", needs=LOGIN),
    Row(id="xmpp.server.{transport}.{family}", title="Other XMPP servers can connect",
        purposes=XMPP_SERVER, probe=xmpp_checks.server),

    Row(id="web.start-page.{transport}.{family}", title="The start page is there",
        purposes=("web-https",), probe=web_checks.start_page),
    Row(id="web.password.{transport}.{family}", title="People can change their password",
        purposes=("web-https",), probe=web_checks.password_page),
    Row(id="web.phone.{family}", title="The web phone gets its credentials",
        purposes=("web-https", "sip-wss"), probe=web_checks.phone_desk, per=FAMILY),
    Row(id="web.redirect.{transport}.{family}", title="HTTP redirects to HTTPS",
        purposes=("web-http",), probe=web_checks.redirect),

    Row(id="{role}.certificate.{purpose}.{family}", title="The configured certificate is served",
        purposes=TLS, probe=web_checks.certificate),
)
# fmt: on
