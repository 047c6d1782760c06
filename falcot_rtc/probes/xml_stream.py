# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""XML as XMPP streams use it: one open document, complete stanzas out of it; RFC 6120 section 4."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from xml.etree.ElementTree import Element
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from falcot_rtc.probes.errors import ProtocolError

DEPTH_LIMIT = 100
SIZE_LIMIT = 1 << 20
SEPARATOR = "}"  # expat joins namespace and name by it; ElementTree writes {namespace}name


class StreamParser:
    """Feeds on bytes of one stream; `header` is its root once seen, `stanzas` what is complete."""

    def __init__(self) -> None:
        self.header: Element | None = None
        self.stanzas: deque[Element] = deque()
        self.ended = False
        self._open: list[Element] = []
        self._since_stanza = 0
        self._parser = expat.ParserCreate("UTF-8", SEPARATOR)
        self._parser.buffer_text = True
        # Expat 2.6 puts off a token that came in pieces: a stanza would wait for the one after it.
        undefer = getattr(self._parser, "SetReparseDeferralEnabled", None)
        if undefer is not None:
            undefer(False)
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        # RFC 6120 section 11.1 forbids them, and entities are how XML bombs are made.
        self._parser.StartDoctypeDeclHandler = self._forbidden
        self._parser.ProcessingInstructionHandler = self._forbidden
        self._parser.CommentHandler = self._forbidden

    def feed(self, data: bytes) -> None:
        """ProtocolError for what is no XML, or no XML that XMPP allows."""
        self._since_stanza += len(data)
        if self._since_stanza > SIZE_LIMIT:
            raise ProtocolError(f"XMPP stanza longer than {SIZE_LIMIT} bytes")
        try:
            self._parser.Parse(data, False)
        except expat.ExpatError as error:
            raise ProtocolError(f"not an XMPP stream: {error}") from error

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        element = Element(
            _qualified(name), {_qualified(key): value for key, value in attributes.items()}
        )
        if self.header is None:
            self.header = element
            return
        if len(self._open) >= DEPTH_LIMIT:
            raise ProtocolError(f"XMPP stanza nested more than {DEPTH_LIMIT} deep")
        if self._open:
            self._open[-1].append(element)
        self._open.append(element)

    def _end(self, _name: str) -> None:
        if not self._open:
            self.ended = True
            return
        element = self._open.pop()
        if not self._open:
            self.stanzas.append(element)
            self._since_stanza = 0

    def _text(self, text: str) -> None:
        if not self._open:
            return  # white space between stanzas keeps connections alive
        parent = self._open[-1]
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + text
        else:
            parent.text = (parent.text or "") + text

    def _forbidden(self, *_: object) -> None:
        raise ProtocolError("XMPP stream with a document type, comment or instruction")


def encode(element: Element) -> bytes:
    """The element as a stanza; content namespaces by xmlns, as RFC 6120 section 4.8.5 wants."""
    return "".join(_encoded(element, "")).encode()


def _encoded(element: Element, inherited: str) -> Iterator[str]:
    namespace, _, name = element.tag.removeprefix("{").rpartition(SEPARATOR)
    declared = f" xmlns={quoteattr(namespace)}" if namespace != inherited else ""
    attributes = "".join(f" {key}={quoteattr(value)}" for key, value in element.items())
    yield f"<{name}{declared}{attributes}>{escape(element.text or '')}"
    for child in element:
        yield from _encoded(child, namespace)
        yield escape(child.tail or "")
    yield f"</{name}>"


def _qualified(name: str) -> str:
    return f"{{{name}" if SEPARATOR in name else name
