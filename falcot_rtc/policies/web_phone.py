# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phone in the browser, at https://DOMAIN/phone/: its configuration, its brand, its headers.

Its files come with the package falcot-rtc-web-phone; what differs from site to site is rendered
here. config.js has the shape of JSCommunicator's, so that pages which embed that one keep working.
"""

from __future__ import annotations

import json
import re
from typing import Any

from falcot_rtc import fields, paths, render
from falcot_rtc.endpoints import Endpoint
from falcot_rtc.errors import UsageError
from falcot_rtc.policies.common import CURRENT, overlays
from falcot_rtc.policy import Policy, Site
from falcot_rtc.resources import Resource, TreeFile
from falcot_rtc.settings import Key

OVERLAYS = "web-phone"
LOGO = "logo.svg"
STATIC = "/usr/share/falcot-rtc-web-phone"
PAGE = "/phone/"
RENDERED = f"{CURRENT}/web-phone"


def _line(value: object) -> str:
    found = fields.text(value).strip()
    if not found.isprintable() or len(found) > 80:
        raise ValueError("is not one line of at most 80 characters")
    return found


def _language(value: object) -> str:
    found = fields.text(value).strip()
    # RFC 5646, as far as names of languages need it.
    if found and not re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", found, re.ASCII):
        raise ValueError("is not a language tag such as de or pt-BR")
    return found


def _link(value: object) -> str:
    found = fields.text(value).strip()
    if found and not re.fullmatch(r"(https://|/)[A-Za-z0-9._:/@+=,-]*", found, re.ASCII):
        raise ValueError("is neither an https:// address nor a path, of plain characters")
    return found


def _destination(value: object) -> str:
    found = fields.text(value).strip()
    if not re.fullmatch(r"[A-Za-z0-9._@+-]{0,80}", found, re.ASCII):
        raise ValueError("is no name, address or number")
    return found


TUNABLES = (
    Key(
        path="title",
        parse=_line,
        default="",
        doc="What the phone calls itself; empty: the domain. Colours and more: brand.css, see "
        "/usr/share/doc/falcot-rtc/web-phone.md.",
    ),
    Key(
        path="language",
        parse=_language,
        default="",
        doc="The language in which the phone greets everybody; empty: that of the browser.",
    ),
    Key(
        path="help-link",
        parse=_link,
        default="",
        doc="Where the link on the page for signing in leads; empty: to the start page.",
    ),
    Key(
        path="video",
        parse=fields.boolean,
        default=True,
        doc="Whether the phone offers video calls.",
    ),
    Key(
        path="prefer-video",
        parse=fields.boolean,
        default=False,
        doc="Whether the Enter key and suggestions start a video call.",
    ),
    Key(
        path="messages",
        parse=fields.boolean,
        default=True,
        doc="Whether the phone offers messages (SIP MESSAGE, RFC 3428).",
    ),
    Key(
        path="no-answer-seconds",
        parse=fields.integer(5, 600),
        default=60,
        doc="How long the phone rings, and waits for others, before it gives a call up.",
    ),
    Key(
        path="default-destination",
        parse=_destination,
        default="",
        doc="Name, address or number with which the field for dialling begins; empty: none.",
    ),
)


def reachable(site: Site) -> Endpoint | None:
    """The WebSocket through which the phone speaks; without it there is no phone."""
    rows = site.purpose("sip-wss")
    return rows[0] if rows else None


def configuration(site: Site, proxy: Endpoint) -> dict[str, Any]:
    """What config.js says: addresses and wishes, nothing that anybody may not know."""
    tunables = site.tunables["web-phone"]
    found = site.overlays.get(OVERLAYS, {})
    return {
        "webserver": {"url_prefix": PAGE, "api": f"{PAGE}api"},
        # They come with short-lived credentials once somebody has signed in.
        "stun_servers": [],
        "turn_servers": [],
        "websocket": {
            "servers": [f"wss://{proxy.name}:{proxy.port}/ws"],
            "connection_recovery_min_interval": 2,
            "connection_recovery_max_interval": 30,
        },
        "user": {"domain": site.settings.domain},
        "registration": {
            "on_startup": True,
            "expiry": min(600, site.tunables["sip"]["max-expires"]),
            "user_control": False,
            "server": None,
        },
        "dialing": {
            "auto_dial": {
                "default_destination": tunables["default-destination"],
                "on_startup": False,
                "use_video": tunables["prefer-video"],
            },
            "edit_destination": True,
            "show_destination": True,
            "audio_dialing": True,
            "video_dialing": tunables["video"],
            "prefer_video": tunables["video"] and tunables["prefer-video"],
            "no_answer_timeout": tunables["no-answer-seconds"],
        },
        "session": {"show_dtmf_pad": True, "show_chat": tunables["messages"]},
        "brand": {
            "title": tunables["title"] or site.settings.domain,
            "language": tunables["language"],
            "help": tunables["help-link"],
            "logo": LOGO if LOGO in found else "",
        },
    }


def location(site: Site) -> str:
    """The part of the web server's configuration that serves the phone; empty without SIP."""
    proxy = reachable(site)
    if proxy is None:
        return ""
    return render.template(
        "web-phone/site/apache2.conf.j2",
        page=PAGE,
        static=STATIC,
        rendered=RENDERED,
        proxy=proxy,
        # One page for each destination, since who may frame it goes by its address.
        frames=[
            {
                "page": f"call-{one.name}.html",
                "ancestors": " ".join(("'self'", *one.origins)),
            }
            for one in site.settings.click_to_call
        ],
    )


def resources(site: Site) -> tuple[Resource, ...]:
    proxy = reachable(site)
    if proxy is None:
        return ()
    files = overlays(site, OVERLAYS)
    for name in files:
        if name != LOGO and not name.endswith(".css"):
            raise UsageError(
                f"{paths.LOCAL_D}/{OVERLAYS}/{name}: the phone knows no such file",
                hint=f"what counts there is {LOGO} and files whose names end in .css",
            )
    # "<" could begin what ends a script, were this ever put into a page.
    settings = json.dumps(configuration(site, proxy), indent=2, ensure_ascii=True)
    return (
        TreeFile(
            path="web-phone/config.js",
            content=render.template(
                "web-phone/site/config.js.j2", settings=settings.replace("<", "\\u003c")
            ),
        ),
        TreeFile(
            path="web-phone/brand.css",
            content=render.template(
                "web-phone/site/brand.css.j2",
                overlays={name: text for name, text in files.items() if name != LOGO},
            ),
        ),
        *(
            TreeFile(path=f"web-phone/{LOGO}", content=text)
            for name, text in files.items()
            if name == LOGO
        ),
    )


POLICY = Policy(name="web-phone", role="web", tunables=TUNABLES, resources=resources)
