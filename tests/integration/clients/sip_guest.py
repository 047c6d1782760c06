# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A hand-made caller without an account, over WebSocket (RFC 7118) or TLS; obeys lines of JSON.

The first: {"uri" (wss://… or tls://HOST:PORT), "ca", "origin", "address", "username", "password"}.
Then each is one request, and is answered by {"statuses": […]} once the final response is there:
{"method", "uri"}, with "from", "to", "headers", and "again" to answer a challenge (default true);
"unheard" sends it and waits for nothing. An INVITE that rings is answered at its 180 when it has
"ringing", and {"cancel": true} ends it. One that is taken is acknowledged, and {"within": METHOD}
then sends a request within it, with "target", "routes" and "from" in place of the right ones.
{"reconnect": true} goes on over a new connection.
{"wait": "BYE"} waits for a request, which is answered.
"""

import asyncio
import json
import re
import secrets
import ssl
import sys
import urllib.parse

import websockets
from sip_websocket import MARK, digest, parse, response, value

PATIENCE = 20


class Stream:
    """SIP over TLS, message by message (RFC 3261 section 18.3)."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def send(self, text):
        self.writer.write(text.encode())
        await self.writer.drain()

    async def recv(self):
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?im)^content-length: *(\d+)", head)
        return (head + await self.reader.readexactly(int(length[1]) if length else 0)).decode()

    async def close(self):
        self.writer.close()


async def connect(task):
    trust = ssl.create_default_context(cafile=task["ca"])
    at = urllib.parse.urlsplit(task["uri"])
    if at.scheme == "tls":
        return Stream(*await asyncio.open_connection(at.hostname, at.port, ssl=trust))
    return await websockets.connect(
        task["uri"], ssl=trust, origin=task["origin"], subprotocols=["sip"]
    )


class Guest:
    def __init__(self, socket, task):
        self.socket, self.task = socket, task
        self.transport = "TLS" if task["uri"].startswith("tls:") else "WSS"
        self.contact = f"<sip:{secrets.token_hex(6)}@{secrets.token_hex(6)}.invalid;transport=ws>"
        self.requests = []
        self.sequence = 0
        self.dialog = None

    def message(self, method, uri, headers, call, extra=()):
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/{self.transport} {secrets.token_hex(6)}.invalid"
            f";branch={MARK}{secrets.token_hex(8)};rport",
            "Max-Forwards: 70",
            *headers,
            f"Call-ID: {call}",
            *(
                []
                if any(one.startswith("Contact:") for one in extra)
                else [f"Contact: {self.contact}"]
            ),
            *extra,
            "Content-Length: 0",
        ]
        return "\r\n".join(lines) + "\r\n\r\n"

    async def response(self, call, ringing=False):
        """The next final response in that call, or the first that says it rings."""
        while True:
            text = await asyncio.wait_for(self.socket.recv(), PATIENCE)
            if not text.strip():
                continue
            first, headers, _ = parse(text)
            if not first.startswith("SIP/2.0 "):
                await self.take(first, headers)
                continue
            status = int(first.split()[1])
            if value(headers, "Call-ID") != call:
                continue
            if status >= 200 or (ringing and status == 180):
                return status, headers

    async def take(self, first, headers):
        self.requests.append(first.split()[0])
        if not first.startswith("ACK "):
            await self.socket.send(response("200 OK", headers))

    async def ask(self, method, uri, ends, call, extra, *, again=True, ringing=False):
        """The statuses of one request, the last response, the request; answers one challenge."""
        statuses, answer = [], []
        while True:
            self.sequence += 1
            headers = [*ends, f"CSeq: {self.sequence} {method}"]
            sent = self.message(method, uri, headers, call, (*extra, *answer))
            await self.socket.send(sent)
            status, got = await self.response(call, ringing)
            statuses.append(status)
            if method == "INVITE" and status >= 300:
                await self.acknowledge(sent, got)
            challenge = value(got, "Proxy-Authenticate") or value(got, "WWW-Authenticate")
            if not challenge or answer or not again:
                return statuses, got, sent
            name = "Proxy-Authorization" if status == 407 else "Authorization"
            task = {**self.task, "authorization_user": self.task["username"], "user": ""}
            answer = [f"{name}: {digest(task, challenge, method, uri)}"]

    async def acknowledge(self, sent, got):
        """For a failure: the request's branch, the response's To (RFC 3261 section 17.1.1.3)."""
        await self.socket.send(self.same(sent, "ACK", value(got, "To")))

    def same(self, sent, method, to=None):
        first, headers, _ = parse(sent)
        kept = [(k, v) for k, v in headers if k in ("Via", "Max-Forwards", "From", "To", "Call-ID")]
        lines = [f"{k}: {to if to and k == 'To' else v}" for k, v in kept]
        number = value(headers, "CSeq").split()[0]
        start = f"{method} {first.split()[1]} SIP/2.0"
        return "\r\n".join([start, *lines, f"CSeq: {number} {method}", "", ""])

    async def obey(self, order):
        if "wait" in order:
            while order["wait"] not in self.requests:
                text = await asyncio.wait_for(self.socket.recv(), PATIENCE)
                first, headers, _ = parse(text)
                if not first.startswith("SIP/2.0 "):
                    await self.take(first, headers)
            return {"requests": self.requests}
        if "reconnect" in order:
            await self.socket.close()
            self.socket = await connect(self.task)
            return {}
        if "cancel" in order:
            await self.socket.send(self.same(self.sent, "CANCEL"))
            call = value(parse(self.sent)[1], "Call-ID")
            statuses = [(await self.response(call))[0] for _ in range(2)]
            return {"statuses": sorted(statuses)}
        extra = order.get("headers", [])
        again = order.get("again", True)
        if "within" in order:
            call, target, routes, sender, to = self.dialog
            ends = [
                f"From: {order.get('from', sender)}",
                f"To: {to}",
                *(f"Route: {route}" for route in order.get("routes", routes)),
            ]
            uri = order.get("target", target)
            statuses, *_ = await self.ask(order["within"], uri, ends, call, extra, again=again)
            return {"statuses": statuses}
        sender = order.get("from", f"<sip:{self.task['address']}>")
        tagged, call = f"{sender};tag={secrets.token_hex(4)}", secrets.token_hex(8)
        ends = [f"From: {tagged}", f"To: {order.get('to', '<' + order['uri'] + '>')}"]
        if order.get("unheard"):
            ends.append(f"CSeq: 1 {order['method']}")
            await self.socket.send(self.message(order["method"], order["uri"], ends, call, extra))
            return {}
        statuses, got, self.sent = await self.ask(
            order["method"], order["uri"], ends, call, extra,
            again=again, ringing=order.get("ringing", False),
        )  # fmt: skip
        if order["method"] == "INVITE" and statuses[-1] == 200:
            target = re.search(r"<(.+?)>", value(got, "Contact"))[1]
            routes = [text for key, text in got if key == "Record-Route"][::-1]
            self.dialog = (call, target, routes, tagged, value(got, "To"))
            ends = [f"From: {tagged}", f"To: {value(got, 'To')}"]
            ends += [f"Route: {route}" for route in routes]
            ends.append(f"CSeq: {self.sequence} ACK")
            await self.socket.send(self.message("ACK", target, ends, call))
        return {"statuses": statuses}


async def main():
    task = json.loads(sys.stdin.readline())
    try:
        guest = Guest(await connect(task), task)
    except websockets.exceptions.InvalidHandshake as refusal:
        print(json.dumps({"refused": str(refusal)}), flush=True)
        return
    print(json.dumps("connected"), flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(await guest.obey(json.loads(line))), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
