# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two people on slixmpp who become each other's contacts, and what their contact lists say.

Standard input: {"ca", "domain", "people": {NAME: PASSWORD, NAME: PASSWORD}, "befriend"}; tells
{"contacts": {NAME: {JID: SUBSCRIPTION}}, "seen": {NAME: [JID that came online]}}.
"""

import asyncio
import json
import sys
from pathlib import Path

import slixmpp

PATIENCE = 20


class Device(slixmpp.ClientXMPP):
    def __init__(self, task, name):
        super().__init__(f"{name}@{task['domain']}/phone", task["people"][name])
        self.ca_certs = Path(task["ca"])
        self.enable_direct_tls = False
        self.auto_authorize = self.auto_subscribe = True
        self.ready, self.online = asyncio.Event(), asyncio.Queue()
        self.add_event_handler("session_start", lambda _: self.ready.set())
        self.add_event_handler("got_online", lambda stanza: self.online.put_nowait(stanza))

    async def arrive(self):
        self.connect()
        await asyncio.wait_for(self.ready.wait(), PATIENCE)
        await self.get_roster()
        self.send_presence()

    async def see(self, jid):
        """Wait until the contact comes online, as only a subscribed one does."""
        while True:
            stanza = await asyncio.wait_for(self.online.get(), PATIENCE)
            if stanza["from"].bare == jid:
                return jid

    def contacts(self):
        return {
            jid: item["subscription"]
            for jid, item in self.client_roster._jids.items()
            if jid != self.boundjid.bare
        }


async def main():
    task = json.load(sys.stdin)
    first, second = (Device(task, name) for name in task["people"])
    await first.arrive()
    await second.arrive()
    if task["befriend"]:
        first.send_presence_subscription(pto=second.boundjid.bare)
    seen = await asyncio.gather(first.see(second.boundjid.bare), second.see(first.boundjid.bare))
    for device in (first, second):
        await device.get_roster()
    told = {device.boundjid.user: device.contacts() for device in (first, second)}
    print(json.dumps({"contacts": told, "seen": seen}))
    await asyncio.gather(first.disconnect(), second.disconnect())


asyncio.run(main())
