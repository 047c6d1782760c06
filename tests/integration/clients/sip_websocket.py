# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A SIP user agent over WebSocket (RFC 7118) on python3-websockets; tells a JSON object.

Standard input, one line: {"uri", "ca", "origin", "subprotocol", "domain", "user", "password",
"greeting"}. It registers, sends itself the greeting and answers it, as a browser's page would. With
"stay" in the object it says so once it is registered, tells what comes, and waits until the server
hangs up or its input ends. "authorization_user" is the name for the digest where it is another than
"user", and "callee" who gets the greeting. With "answer" beside "stay" it takes calls instead of
ringing, and with "hangup" it ends each once it has begun. With "whole" it tells all of what comes
instead of the first line.
"""

import asyncio
import hashlib
import json
import re
import secrets
import ssl
import sys
import threading

import websockets

MARK = "z9hG4bK"


def digest(task, challenge, method, uri):
    said = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))
    cnonce, count = secrets.token_hex(8), "00000001"

    def md5(*words):
        return hashlib.md5(":".join(words).encode()).hexdigest()

    name = task.get("authorization_user", task["user"])
    ha1 = md5(name, said["realm"], task["password"])
    response = md5(ha1, said["nonce"], count, cnonce, "auth", md5(method, uri))
    return (
        f'Digest username="{name}", realm="{said["realm"]}", nonce="{said["nonce"]}", '
        f'uri="{uri}", response="{response}", algorithm=MD5, qop=auth, nc={count}, '
        f'cnonce="{cnonce}"'
    )


def parse(text):
    head, _, body = text.partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    return first, [tuple(line.split(": ", 1)) for line in lines], body


def value(headers, name):
    return next((text for key, text in headers if key.lower() == name.lower()), "")


async def receive(socket):
    while True:
        text = await asyncio.wait_for(socket.recv(), 20)
        if text.strip():
            return parse(text)


COPIED = ("Via", "From", "To", "Call-ID", "CSeq", "Record-Route")


def response(first, headers, *more):
    copied = [f"{k}: {v}" for k, v in headers if k in COPIED]
    tagged = [f"{x};tag=1" if x.startswith("To: ") and ";tag=" not in x else x for x in copied]
    return "\r\n".join([f"SIP/2.0 {first}", *tagged, *more, "Content-Length: 0"]) + "\r\n\r\n"


def bye(headers):
    """What the callee of that INVITE says in the end (RFC 3261 section 12.2.1.1)."""
    target = re.search(r"<(.+?)>", value(headers, "Contact"))[1]
    lines = [
        f"BYE {target} SIP/2.0",
        f"Via: SIP/2.0/WSS {secrets.token_hex(6)}.invalid;branch={MARK}{secrets.token_hex(8)}",
        "Max-Forwards: 70",
        *(f"Route: {text}" for key, text in headers if key == "Record-Route"),
        f"From: {value(headers, 'To')};tag=1",
        f"To: {value(headers, 'From')}",
        f"Call-ID: {value(headers, 'Call-ID')}",
        "CSeq: 1 BYE",
        "Content-Length: 0",
    ]
    return "\r\n".join(lines) + "\r\n\r\n"


async def take(socket, text, calls, task, contact):
    """Tell what comes, answer it, and end the call when its beginning is acknowledged."""
    first, headers, _ = parse(text)
    print(json.dumps(first), flush=True)
    call = value(headers, "Call-ID")
    if first.startswith("ACK "):
        if task.get("hangup"):
            await socket.send(bye(calls[call]))
    elif not first.startswith("SIP/2.0 "):
        if first.startswith("INVITE "):
            calls[call] = headers
        await socket.send(response("200 OK", headers, f"Contact: {contact}"))


async def ring(socket, text, calls, task):
    """Tell the request; a call rings until its caller gives up (then it leaves `calls`)."""
    first, headers, _ = parse(text)
    print(json.dumps(text if task.get("whole") else first), flush=True)
    call = value(headers, "Call-ID")
    if first.startswith("INVITE "):
        calls[call] = headers
        await socket.send(response("180 Ringing", headers))
    elif first.startswith("CANCEL "):
        await socket.send(response("200 OK", headers))
        await socket.send(response("487 Request Terminated", calls.pop(call)))


class Agent:
    def __init__(self, socket, task):
        self.socket, self.task = socket, task
        self.contact = f"<sip:{task['user']}@{secrets.token_hex(6)}.invalid;transport=ws>"
        self.address = f"sip:{task['user']}@{task['domain']}"
        self.greetings = []
        self.sequence = 0

    async def send(self, method, uri, extra, body=""):
        """The final response, authenticated where the server asks for it."""
        call, authorization, statuses = secrets.token_hex(8), [], []
        while True:
            self.sequence += 1
            branch = f"{MARK}{call}{self.sequence}"
            lines = [
                f"{method} {uri} SIP/2.0",
                f"Via: SIP/2.0/WSS {secrets.token_hex(6)}.invalid;branch={branch}",
                "Max-Forwards: 70",
                f"From: <{self.address}>;tag={call}",
                f"To: <{self.address}>",
                f"Call-ID: {call}",
                f"CSeq: {self.sequence} {method}",
                *extra,
                *authorization,
                f"Content-Length: {len(body.encode())}",
            ]
            await self.socket.send("\r\n".join(lines) + "\r\n\r\n" + body)
            status, headers = await self.final()
            statuses.append(status)
            for challenge, answer in (
                ("WWW-Authenticate", "Authorization"),
                ("Proxy-Authenticate", "Proxy-Authorization"),
            ):
                if value(headers, challenge) and not authorization:
                    response = digest(self.task, value(headers, challenge), method, uri)
                    authorization = [f"{answer}: {response}"]
                    break
            else:
                return statuses, headers

    async def final(self):
        while True:
            first, headers, body = await receive(self.socket)
            if first.startswith("SIP/2.0 "):
                status = int(first.split()[1])
                if status >= 200:
                    return status, headers
                continue
            self.greetings.append(body)
            await self.socket.send(response("200 OK", headers))


def closes_with_input(socket):
    """Hang up once nobody writes to us any more."""
    loop = asyncio.get_running_loop()

    def wait():
        sys.stdin.read()
        asyncio.run_coroutine_threadsafe(socket.close(), loop)

    # A daemon: the server may be quicker, and then nobody waits for it.
    threading.Thread(target=wait, daemon=True).start()


async def main(task):
    trust = ssl.create_default_context(cafile=task["ca"])
    offered = [task["subprotocol"]] if task["subprotocol"] else None
    try:
        opening = websockets.connect(
            task["uri"], ssl=trust, origin=task["origin"] or None, subprotocols=offered
        )
        async with opening as socket:
            told = {"subprotocol": socket.subprotocol}
            agent = Agent(socket, task)
            contact = f"Contact: {agent.contact}"
            registrar = f"sip:{task['domain']}"
            statuses, headers = await agent.send("REGISTER", registrar, [contact, "Expires: 120"])
            told |= {"register": statuses, "bound": agent.contact in value(headers, "Contact")}
            if task.get("stay") and statuses[-1] == 200:
                print(json.dumps("registered"), flush=True)
                calls = {}
                closes_with_input(socket)
                async for text in socket:
                    if task.get("answer"):
                        await take(socket, text, calls, task, agent.contact)
                    else:
                        await ring(socket, text, calls, task)
                return told
            if statuses[-1] == 200:
                plain = "Content-Type: text/plain"
                callee = task.get("callee", agent.address)
                told["message"], _ = await agent.send("MESSAGE", callee, [plain], task["greeting"])
                told["greetings"] = agent.greetings
                gone, _ = await agent.send("REGISTER", registrar, [contact, "Expires: 0"])
                told["unregister"] = gone[-1]
            return told
    except websockets.exceptions.InvalidHandshake as refusal:
        return {"refused": str(refusal)}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.loads(sys.stdin.readline())))))
