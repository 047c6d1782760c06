# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small strict readers of the languages that we render, each of the subset that we mean to write.

Whatever a reader does not know is Malformed: a value that ended its string, its line or its block
shows up as an unknown token, a missing bracket or a statement too many.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


class Malformed(AssertionError):
    """The text is not of the subset."""


def tokens(text: str, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """The text cut into the pattern's tokens, without a gap."""
    at = 0
    while at < len(text):
        found = pattern.match(text, at)
        if not found or found.end() == at:
            raise Malformed(f"no token at {text[at : at + 60]!r}")
        yield found
        at = found.end()


# Lua, prosody's configuration (Lua 5.4 manual §3; prosody.im/doc/configure)

_LUA = re.compile(
    r"(?P<blank>\s+|--(?!\[=*\[)[^\n]*)"
    r'|(?P<string>"(?:[^"\\\n]|\\[0-9]{3})*")'
    r"|(?P<number>[0-9]+)(?![\w.])"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign>[={};:*,])"
)
Token = tuple[str, str]


@dataclass
class Lua:
    """Assignments before the first host, hosts with theirs, and included files.

    `hosts` maps a name to its component's module ("" for a VirtualHost) and its options.
    """

    options: dict[str, Any] = field(default_factory=dict)
    hosts: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    includes: list[str] = field(default_factory=list)


class _LuaReader:
    def __init__(self, text: str) -> None:
        found = ((m.lastgroup or "", m.group()) for m in tokens(text, _LUA))
        self.rest: list[Token] = [t for t in found if t[0] != "blank"][::-1]

    def take(self, kind: str, text: str | None = None) -> str:
        if not self.sees(kind, text):
            raise Malformed(f"{kind} {text or ''} expected: {self.rest[-3:][::-1]}")
        return self.rest.pop()[1]

    def sees(self, kind: str, text: str | None = None) -> bool:
        return bool(self.rest) and self.rest[-1][0] == kind and text in (None, self.rest[-1][1])

    def string(self) -> str:
        inner = self.take("string")[1:-1].encode("latin-1")
        return re.sub(rb"\\([0-9]{3})", lambda m: bytes([int(m[1])]), inner).decode()

    def value(self) -> Any:
        if self.sees("string"):
            return self.string()
        if self.sees("sign", "{"):
            return self.table()
        if self.sees("number"):
            product = int(self.take("number"))
            while self.sees("sign", "*"):
                self.take("sign")
                product *= int(self.take("number"))
            return product
        word = self.take("name")
        if word not in ("true", "false"):
            raise Malformed(f"{word} is not a value")
        return word == "true"

    def table(self) -> Any:
        self.take("sign", "{")
        items: list[Any] = []
        named: dict[str, Any] = {}
        while not self.sees("sign", "}"):
            if self.sees("name") and self.rest[-2] == ("sign", "="):
                name = self.take("name")
                self.take("sign", "=")
                _once(named, name, self.value())
            else:
                items.append(self.value())
            if self.sees("sign", ";") or self.sees("sign", ","):
                self.take("sign")
            elif not self.sees("sign", "}"):
                raise Malformed("no separator in a table")
        self.take("sign", "}")
        if items and named:
            raise Malformed("a table of both kinds")
        return named or items


def _once(into: dict[str, Any], name: str, value: Any) -> None:
    if name in into:
        raise Malformed(f"{name} stands twice")
    into[name] = value


def lua(text: str) -> Lua:
    reader, found = _LuaReader(text), Lua()
    options = found.options
    while reader.rest:
        word = reader.take("name")
        if word in ("VirtualHost", "Component"):
            host, options = reader.string(), {}
            module = reader.string() if word == "Component" else ""
            if host in found.hosts:
                raise Malformed(f"{host} stands twice")
            found.hosts[host] = (module, options)
        elif word == "Include":
            found.includes.append(reader.string())
        elif reader.sees("sign", ":"):
            reader.take("sign")
            _once(options, f"{word}:{reader.take('name')}", reader.table())
        else:
            reader.take("sign", "=")
            _once(options, word, reader.value())
    return found


# coturn, turnserver.conf (turnserver(1))

_COTURN = re.compile(r'([a-z][a-z0-9-]*)(?:=(?:"([^"\\]+)"|([^\s"\\#]+)))?', re.ASCII)


def coturn(text: str) -> list[tuple[str, str]]:
    """Option and value, empty where there is none, in order."""
    found = []
    for line in _lines(text):
        if line and not line.startswith("#"):
            option = _COTURN.fullmatch(line)
            if not option:
                raise Malformed(line)
            found.append((option[1], option[2] or option[3] or ""))
    return found


def _lines(text: str) -> list[str]:
    """The lines of a text in which only a line feed ends a line, and nothing continues one."""
    if not text.endswith("\n") or re.search(r"[^\n\t -~\x80-\U0010ffff]|\\\n", text):
        raise Malformed("control characters, a continued line, or an unfinished one")
    return text[:-1].split("\n")


# kamailio.cfg (kamailio.org/wiki/cookbooks, core cookbook)

_HOST = r"(?:[0-9.]+|\[[0-9a-f:]+\])"
_LISTEN = re.compile(
    rf'listen=(tcp|tls):({_HOST}):([0-9]+)(?: advertise ({_HOST}):([0-9]+))? name "(\w+)"'
)
_QUOTED = r'"((?:[^"\\\n]|\\.)*)"'
_CFG_LINES = (
    ("module", re.compile(rf"loadmodule {_QUOTED}")),
    ("alias", re.compile(rf"alias={_QUOTED}")),
    ("file", re.compile(rf"include_file {_QUOTED}")),
    ("modparam", re.compile(rf"modparam\({_QUOTED}, {_QUOTED}, (?:{_QUOTED}|([0-9]+))\)")),
    ("variable", re.compile(rf"([a-z]+\.[a-z]+) = {_QUOTED} desc {_QUOTED}")),
    ("parameter", re.compile(rf"([a-z][a-z0-9_]*)=(?:{_QUOTED}|(\w+))")),
    ("directive", re.compile(r"(#![a-zA-Z]+(?: [^\n]*)?)")),
)
_CFG = re.compile(
    r"(?P<blank>\s+|#(?!!)[^\n]*)"
    r"|(?P<directive>#![^\n]*)"
    rf"|(?P<string>{_QUOTED})"
    r"|(?P<number>[0-9]+)(?![\w.])"
    r"|(?P<name>\$?[A-Za-z_][\w]*)"
    r"|(?P<sign>[^\w\s#\"])"
)


@dataclass
class Cfg:
    """`statements` are (kind, fields) from before `routing`, which is a flat list of tokens."""

    listeners: list[tuple[str | None, ...]] = field(default_factory=list)
    statements: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    routing: list[Token] = field(default_factory=list)

    def of(self, kind: str) -> list[tuple[str, ...]]:
        return [fields for name, fields in self.statements if name == kind]

    @property
    def shape(self) -> list[tuple[str, str]]:
        """What no setting may change: which statements stand there, and the code around values."""
        head = [
            (kind, "/".join(fields[:2]) if kind == "modparam" else fields[0])
            for kind, fields in self.statements if kind != "alias"
        ]  # fmt: skip
        code = [(kind, "" if kind in ("string", "number") else t) for kind, t in self.routing]
        return head + code


def kamailio(text: str) -> Cfg:
    head, mark, routing = text.partition("####### Routing #########\n")
    if not mark:
        raise Malformed("no routing part")
    found = Cfg()
    for line in _lines(head):
        if not line or (line.startswith("#") and not line.startswith("#!")):
            continue
        listen = _LISTEN.fullmatch(line)
        if listen:
            found.listeners.append(listen.groups())
            continue
        for kind, pattern in _CFG_LINES:
            statement = pattern.fullmatch(line)
            if statement:
                fields = tuple(part for part in statement.groups() if part is not None)
                found.statements.append((kind, fields))
                break
        else:
            raise Malformed(line)
    depth = 0
    for match in tokens(routing, _CFG):
        kind = match.lastgroup or ""
        if kind == "sign":
            depth += {"{": 1, "}": -1}.get(match.group(), 0)
            if depth < 0:
                raise Malformed("a block is closed that was not open")
        if kind != "blank":
            found.routing.append((kind, match.group()))
    if depth:
        raise Malformed("a block stays open")
    return found


# Sections with key = value: systemd.syntax(7), kamailio's tls.cfg


def ini(text: str) -> list[tuple[str, str, str]]:
    """Section, key and value, in order."""
    section, found = "", []
    for line in _lines(text):
        if not line or line.startswith("#"):
            continue
        head = re.fullmatch(r"\[([A-Za-z:]+)\]", line)
        if head:
            section = head[1]
            continue
        entry = re.fullmatch(r"([A-Za-z_]+) ?= ?(.*)", line)
        if not entry or not section:
            raise Malformed(line)
        found.append((section, entry[1], entry[2]))
    return found


# apache2 (httpd.apache.org/docs/2.4/configuring.html)


@dataclass(frozen=True)
class Directive:
    section: tuple[str, ...]
    name: str
    words: tuple[str, ...]


_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"(?=\s|$)|([^\s"<>\\]+)(?=\s|$)|\s+')


def _words(text: str) -> tuple[str, ...]:
    found = tokens(text.strip(), _WORD)
    return tuple(m[1] if m[1] is not None else m[2] for m in found if m.group().strip())


def apache(text: str) -> list[Directive]:
    sections: list[str] = []
    found = []
    for line in (line.strip() for line in _lines(text)):
        if not line or line.startswith("#"):
            continue
        closing = re.fullmatch(r"</(\w+)>", line)
        opening = re.fullmatch(r"<(\w+) ([^<>]+)>", line)
        if closing:
            if not sections or sections.pop().partition(" ")[0] != closing[1]:
                raise Malformed(line)
        elif opening:
            sections.append(f"{opening[1]} {' '.join(_words(opening[2]))}")
        else:
            name, *words = _words(line)
            if not re.fullmatch(r"[A-Z][A-Za-z0-9]+", name):
                raise Malformed(line)
            found.append(Directive(tuple(sections), name, tuple(words)))
    if sections:
        raise Malformed(f"{sections} stay open")
    return found


# nftables, nft(8)

_NFT = re.compile(
    r'(?P<blank>\s+|#[^\n]*)|(?P<t>"[^"\n]*"|[{};]|!=|[a-z][a-z0-9_]*|[0-9]+(?:\.[0-9]+){3}'
    r"|[0-9]+(?:-[0-9]+)?)"
)


def nft(text: str) -> list[str]:
    return [m.group() for m in tokens(text, _NFT) if m.lastgroup == "t"]


# HTML (html.spec.whatwg.org), the elements of our pages only


class _Page(HTMLParser):
    TAGS = (
        "a", "body", "button", "code", "dd", "dl", "dt", "footer", "form", "h1", "h2", "head",
        "html", "input", "label", "li", "link", "main", "meta", "p", "section", "title", "ul",
    )  # fmt: skip
    VOID = ("input", "link", "meta")
    ATTRIBUTES = (
        "accept-charset", "action", "aria-describedby", "aria-invalid", "aria-live",
        "autocapitalize", "autocomplete", "autocorrect", "autofocus", "charset", "class", "content",
        "for", "href", "id", "lang", "maxlength", "method", "name", "rel", "required", "role",
        "spellcheck", "type", "value",
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.TAGS or any(name not in self.ATTRIBUTES for name, _ in attrs):
            raise Malformed(f"<{tag} {attrs}>")
        self.found += [(f"{tag} {name}", value or "") for name, value in attrs]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise Malformed(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.found.append((self.open[-1] if self.open else "", data.strip()))

    def handle_comment(self, data: str) -> None:
        raise Malformed(data)


def html(text: str) -> list[tuple[str, str]]:
    """Element and its text, or element with attribute and its value, in order."""
    page = _Page()
    page.feed(text)
    page.close()
    if page.open:
        raise Malformed(f"{page.open} stay open")
    return page.found
