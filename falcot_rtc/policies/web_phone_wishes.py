# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a site may wish of its phone in the browser: the tunables of policy.d/web-phone.toml.

Whatever JSCommunicator could be told is among them; docs/web-phone.md has the table.
"""

from __future__ import annotations

import re

from falcot_rtc import fields
from falcot_rtc.settings import Key


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


def _header(value: object) -> str:
    found = fields.text(value).strip()
    # Only extensions (RFC 3261 section 20): the proxy's own would break or betray calls.
    if not re.fullmatch(r"X-[A-Za-z0-9-]{1,60}: [ -~]{1,200}", found, re.ASCII):
        raise ValueError("is no header such as X-Site: shop")
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
        path="language-choice",
        parse=fields.boolean,
        default=True,
        doc="Whether people may choose another language.",
    ),
    Key(
        path="help-link",
        parse=_link,
        default="",
        doc="Where the link on the page for signing in leads; empty: to the start page.",
    ),
    Key(
        path="audio",
        parse=fields.boolean,
        default=True,
        doc="Whether the phone offers calls without a picture.",
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
    Key(
        path="call-at-start",
        parse=fields.boolean,
        default=False,
        doc="Whether default-destination is called as soon as somebody has signed in.",
    ),
    Key(
        path="edit-destination",
        parse=fields.boolean,
        default=True,
        doc="Whether people may call others than default-destination.",
    ),
    Key(
        path="show-destination",
        parse=fields.boolean,
        default=True,
        doc="Whether the field for dialling is there at all.",
    ),
    Key(
        path="clear-destination",
        parse=fields.boolean,
        default=True,
        doc="Whether the field for dialling is empty again after a call was begun.",
    ),
    Key(
        path="keypad",
        parse=fields.boolean,
        default=True,
        doc="Whether there is a keypad in calls. Keys of the keyboard count anyway.",
    ),
    Key(
        path="key-milliseconds",
        parse=fields.integer(70, 6000),
        default=120,
        doc="How long a key that is pressed in a call sounds at the other end (RFC 4733).",
    ),
    Key(
        path="key-tones",
        parse=fields.boolean,
        default=True,
        doc="Whether people hear the keys that they press.",
    ),
    Key(
        path="message-tone",
        parse=fields.boolean,
        default=True,
        doc="Whether a message that arrives can be heard.",
    ),
    Key(
        path="require-relay",
        parse=fields.boolean,
        default=False,
        doc="Whether calls are given up if the relay (TURN) cannot be reached from where somebody "
        "is, instead of trying without.",
    ),
    Key(
        path="register-at-start",
        parse=fields.boolean,
        default=True,
        doc="Whether calls come to the phone as soon as somebody has signed in.",
    ),
    Key(
        path="registration-choice",
        parse=fields.boolean,
        default=False,
        doc="Whether a button lets people take no calls for a while.",
    ),
    Key(
        path="extra-headers",
        parse=fields.list_of(_header),
        default=(),
        doc="Headers that calls from the phone carry, for a PBX behind the proxy; their names "
        "begin with X-.",
    ),
)
