# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phone in the browser, at https://DOMAIN/phone/: its configuration, its brand, its headers.

Its files come with the package falcot-rtc-web-phone; what differs from site to site is rendered
here. config.js has the shape of JSCommunicator's, so that pages which embed that one keep working.
"""

from __future__ import annotations

import json
from typing import Any

from falcot_rtc import paths, render
from falcot_rtc.endpoints import Endpoint
from falcot_rtc.errors import UsageError
from falcot_rtc.policies.common import CURRENT, overlays
from falcot_rtc.policies.web_phone_wishes import TUNABLES
from falcot_rtc.policy import Policy, Site
from falcot_rtc.resources import Resource, TreeFile

OVERLAYS = "web-phone"
LOGO = "logo.svg"
# Square: what stands on the tab, and on the desktop of whoever installs the phone.
ICON = "icon.svg"
IMAGES = (LOGO, ICON)
MANIFEST = "manifest.webmanifest"
STATIC = "/usr/share/falcot-rtc-web-phone"
PAGE = "/phone/"
RENDERED = f"{CURRENT}/web-phone"


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
            "on_startup": tunables["register-at-start"],
            "expiry": min(600, site.tunables["sip"]["max-expires"]),
            "user_control": tunables["registration-choice"],
            "server": None,
        },
        "dialing": {
            "auto_dial": {
                "default_destination": tunables["default-destination"],
                "on_startup": tunables["call-at-start"],
                "use_video": tunables["prefer-video"],
            },
            "edit_destination": tunables["edit-destination"],
            "show_destination": tunables["show-destination"],
            "audio_dialing": tunables["audio"],
            "video_dialing": tunables["video"],
            "prefer_video": tunables["video"] and tunables["prefer-video"],
            "no_answer_timeout": tunables["no-answer-seconds"],
            "clear_dialbox": tunables["clear-destination"],
        },
        "chat": {"enable": tunables["messages"]},
        "session": {
            "show_dtmf_pad": tunables["keypad"],
            "dtmf_duration": tunables["key-milliseconds"],
            "dialpad_tone": tunables["key-tones"],
            "message_tone": tunables["message-tone"],
            "require_relay_candidate": tunables["require-relay"],
        },
        "i18n": {
            "translate": True,
            "show_menu": tunables["language-choice"],
            "default_lang": tunables["language"],
        },
        "extra_headers": list(tunables["extra-headers"]),
        "brand": {
            "title": _title(site),
            "help": tunables["help-link"],
            "logo": LOGO if LOGO in found else "",
        },
    }


def _title(site: Site) -> str:
    return str(site.tunables["web-phone"]["title"] or site.settings.domain)


def manifest(site: Site) -> dict[str, Any]:
    """What a browser asks before it installs the phone (W3C appmanifest)."""
    return {
        "name": _title(site),
        "id": PAGE,
        "start_url": PAGE,
        "scope": PAGE,
        "display": "standalone",
        "background_color": "#f4f6f9",
        "theme_color": "#f4f6f9",
        "icons": [
            {"src": ICON, "type": "image/svg+xml", "sizes": "any", "purpose": purpose}
            for purpose in ("any", "maskable")
        ],
        "protocol_handlers": [
            {"protocol": scheme, "url": f"{PAGE}?call=%s"} for scheme in ("tel", "sip")
        ],
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
        # Of the package's files, an icon of the site's own takes the place of one.
        own=[
            name
            for name in ("config.js", "brand.css", MANIFEST, LOGO, ICON)
            if name not in IMAGES or name in site.overlays.get(OVERLAYS, {})
        ],
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
    tunables = site.tunables["web-phone"]
    if not tunables["audio"] and not tunables["video"]:
        raise UsageError(
            "web-phone: audio = false and video = false leave nothing to call with",
            hint=f"change one of them in {paths.POLICY_D}/web-phone.toml",
        )
    files = overlays(site, OVERLAYS)
    for name in files:
        if name not in IMAGES and not name.endswith(".css"):
            raise UsageError(
                f"{paths.LOCAL_D}/{OVERLAYS}/{name}: the phone knows no such file",
                hint=f"what counts there is {LOGO}, {ICON}, and files whose names end in .css",
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
                overlays={name: text for name, text in files.items() if name not in IMAGES},
            ),
        ),
        TreeFile(
            path=f"web-phone/{MANIFEST}",
            content=json.dumps(manifest(site), indent=2, ensure_ascii=True) + "\n",
        ),
        *(
            TreeFile(path=f"web-phone/{name}", content=text)
            for name, text in files.items()
            if name in IMAGES
        ),
    )


POLICY = Policy(name="web-phone", role="web", tunables=TUNABLES, resources=resources)
