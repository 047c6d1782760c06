# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two people who write to each other until standard input ends; tells a JSON object.

Standard input begins with a line {"ca", "domain", "alice", "bob", "passwords"}; any further line is
answered by the number of messages that have arrived.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

import slixmpp

PATIENCE = 20


class Device(slixmpp.ClientXMPP):
    def __init__(self, task, who):
        super().__init__(f"{task[who]}@{task['domain']}/desk", task["passwords"][who])
        self.ca_certs = Path(task["ca"])
        self.received, self.ready = asyncio.Queue(), asyncio.Queue()
        self.lost = 0
        self.add_event_handler("message", self.received.put_nowait)
        self.add_event_handler("session_start", self.ready.put_nowait)
        self.add_event_handler("disconnected", self.count)

    def count(self, _):
        self.lost += 1

    async def arrive(self):
        self.connect()
        await asyncio.wait_for(self.ready.get(), PATIENCE)
        self.send_presence()


async def main():
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    task = json.loads(await lines.readline())
    alice, bob = Device(task, "alice"), Device(task, "bob")
    await asyncio.gather(alice.arrive(), bob.arrive())
    print("chatting", flush=True)
    number, slowest = 0, 0.0

    async def answer():
        while await lines.readline():
            print(json.dumps(number), flush=True)

    ended = asyncio.create_task(answer())
    while not ended.done():
        begun = time.monotonic()
        alice.send_message(mto=bob.boundjid.full, mbody=str(number), mtype="chat")
        heard = await asyncio.wait_for(bob.received.get(), PATIENCE)
        assert heard["body"] == str(number), heard
        number += 1
        slowest = max(slowest, time.monotonic() - begun)
    lost = alice.lost + bob.lost
    print(json.dumps({"messages": number, "slowest": slowest, "lost": lost}), flush=True)


asyncio.run(main())
