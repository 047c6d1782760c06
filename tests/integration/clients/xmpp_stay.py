# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""One device on slixmpp that stays and does as it is told; tells a JSON line each.

Standard input: {"ca", "domain", "user", "password", "resource"}, then a line a command: "services"
(XEP-0215), "ping", "abandon" (drop the connection as a lost network does), "return" (resume),
"contacts" (from then on pushes of the contact list are told too), "own ROOM", "owners ROOM".
"""

import asyncio
import json
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import slixmpp
from slixmpp.exceptions import IqError

EXTDISCO = "urn:xmpp:extdisco:2"
PATIENCE = 20


def tell(*said):
    print(json.dumps(said), flush=True)


class Device(slixmpp.ClientXMPP):
    def __init__(self, task):
        jid = f"{task['user']}@{task['domain']}/{task['resource']}"
        super().__init__(jid, task["password"])
        self.ca_certs = Path(task["ca"])
        for plugin in ("xep_0030", "xep_0045", "xep_0115", "xep_0198", "xep_0199"):
            self.register_plugin(plugin)
        self.add_event_handler("session_start", self.start)
        self.add_event_handler("session_resumed", lambda _: tell("resumed"))
        self.add_event_handler("stream_error", lambda error: tell("error", error["condition"]))
        for event in ("failed_all_auth", "disconnected", "connection_failed"):
            self.add_event_handler(event, lambda _, said=event: tell(said))

    def pushed(self, iq):
        for jid, item in iq["roster"]["items"].items():
            tell("pushed", str(jid), item["subscription"])

    async def start(self, _):
        self.send_presence()
        tell("ready")

    async def enter(self, room):
        rooms, options = self["xep_0045"], {"pfrom": self.boundjid}
        await rooms.join_muc_wait(
            room, "me", timeout=PATIENCE, maxstanzas=0, presence_options=options
        )
        return rooms

    async def obey(self, command):
        match command.split():
            case ["contacts"]:
                await self.get_roster()
                tell("contacts", *sorted(self.client_roster))
                self.add_event_handler("roster_update", self.pushed)
            case ["own", room]:
                rooms = await self.enter(room)
                form = await rooms.get_room_config(room)
                form.set_values({"muc#roomconfig_persistentroom": True})
                await rooms.set_room_config(room, form)
                tell("owns", room)
            case ["owners", room]:
                rooms = await self.enter(room)
                found = await rooms.get_affiliation_list(room, "owner")
                tell("owners", *sorted(map(str, found)))
            case ["services"]:
                question = self.make_iq_get(ito=self.boundjid.domain)
                question.append(ET.Element(f"{{{EXTDISCO}}}services"))
                answer = await question.send(timeout=PATIENCE)
                found = answer.xml.findall(f"{{{EXTDISCO}}}services/{{{EXTDISCO}}}service")
                tell("services", [dict(service.attrib) for service in found])
            case ["ping"]:
                try:
                    await self["xep_0199"].send_ping(self.boundjid.domain, timeout=PATIENCE)
                    tell("pong")
                except IqError as error:
                    tell("pong", error.condition)
            case ["abandon"]:
                self.transport.abort()
            case ["return"]:
                self.connect()


async def main():
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    device = Device(json.loads(await lines.readline()))
    device.connect()
    while line := await lines.readline():
        await device.obey(line.decode().strip())


if __name__ == "__main__":
    asyncio.run(main())
