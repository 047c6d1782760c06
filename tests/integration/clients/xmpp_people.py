# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two people and their devices on slixmpp, which finds the server by itself; tells a JSON object.

Standard input: {"ca", "domain", "direct", "alice", "bob", "passwords", "room"}. With "direct" the
clients may use direct TLS only (XEP-0368), without it STARTTLS only.
"""

import asyncio
import json
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import slixmpp
from slixmpp.exceptions import IqError

REGISTER, EXTDISCO, UPLOAD = "jabber:iq:register", "urn:xmpp:extdisco:2", "urn:xmpp:http:upload:0"
PATIENCE = 20


class Device(slixmpp.ClientXMPP):
    def __init__(self, task, who, device):
        super().__init__(f"{task[who]}@{task['domain']}/{device}", task["passwords"][who])
        self.ca_certs = Path(task["ca"])
        self.enable_direct_tls = task["direct"]
        self.enable_starttls = not task["direct"]
        for plugin in ("xep_0030", "xep_0045", "xep_0198", "xep_0280", "xep_0313", "xep_0363"):
            self.register_plugin(plugin)
        self.received, self.copied, self.ready = (asyncio.Queue() for _ in range(3))
        self.add_event_handler("message", self.received.put_nowait)
        self.add_event_handler("groupchat_message", self.received.put_nowait)
        self.add_event_handler("carbon_received", self.copied.put_nowait)
        self.add_event_handler("session_start", lambda _: self.ready.put_nowait("ready"))
        for event in ("failed_all_auth", "failed_auth", "ssl_invalid_chain", "connection_failed"):
            self.add_event_handler(event, lambda _, said=event: self.ready.put_nowait(said))

    async def arrive(self):
        """ "ready", or what went wrong."""
        self.connect()
        said = await asyncio.wait_for(self.ready.get(), PATIENCE)
        if said == "ready":
            self.send_presence()
        return said

    async def body(self, queue):
        return await asyncio.wait_for(queue.get(), PATIENCE)

    async def ask(self, kind, to, child):
        """The answer to an iq, or the condition of its error."""
        question = self.make_iq(ito=to)
        question["type"] = kind
        question.append(child)
        try:
            return await question.send(timeout=PATIENCE)
        except IqError as error:
            return error.condition


def element(namespace, name, **texts):
    made = ET.Element(f"{{{namespace}}}{name}")
    for key, text in texts.items():
        ET.SubElement(made, f"{{{namespace}}}{key}").text = text
    return made


async def chat(alice, bob, phone, told):
    await phone.plugin["xep_0280"].enable(timeout=PATIENCE)
    alice.send_message(mto=bob.boundjid.full, mbody="hello from alice", mtype="chat")
    message = await bob.body(bob.received)
    told["message"] = [message["from"].bare, message["body"]]
    copy = await phone.body(phone.copied)
    told["carbon"] = copy["carbon_received"]["body"]


async def join(device, room, nick):
    # slixmpp 1.10 takes an absent sender for one that differs, and waits for ever.
    options = {"pfrom": device.boundjid}
    await device.plugin["xep_0045"].join_muc_wait(
        room, nick, timeout=PATIENCE, maxstanzas=0, presence_options=options
    )


async def gather(alice, bob, room, told):
    rooms = alice.plugin["xep_0045"]
    await join(alice, room, "alice")
    # A new room is locked until its owner accepts its configuration (XEP-0045 section 10.1).
    await rooms.set_room_config(room, await rooms.get_room_config(room))
    await join(bob, room, "bob")
    alice.send_message(mto=room, mbody="hello everybody", mtype="groupchat")
    while True:
        message = await bob.body(bob.received)
        if message["type"] == "groupchat" and message["body"]:
            told["room"] = [message["from"].full, message["body"]]
            break
    await rooms.destroy(room)


async def read_again(bob, told):
    archive = bob.plugin["xep_0313"].iterate(rsm={"max": 10})
    told["archive"] = [
        [str(found["mam_result"]["forwarded"]["stanza"]["from"].bare),
         found["mam_result"]["forwarded"]["stanza"]["body"]]
        async for found in archive
    ]  # fmt: skip


async def share(alice, told, size):
    service = await alice.plugin["xep_0363"].find_upload_service(timeout=PATIENCE)
    slot = await alice.plugin["xep_0363"].request_slot(
        service["from"], Path("picture.bin"), size, "application/octet-stream", timeout=PATIENCE
    )
    headers = {h["name"]: h["value"] for h in slot["http_upload_slot"]["put"]["headers"]}
    told["upload"] = {
        "service": service["from"].full,
        "put": slot["http_upload_slot"]["put"]["url"],
        "get": slot["http_upload_slot"]["get"]["url"],
        "headers": headers,
    }


async def services(alice, told):
    answer = await alice.ask("get", alice.boundjid.domain, element(EXTDISCO, "services"))
    found = answer.xml.findall(f"{{{EXTDISCO}}}services/{{{EXTDISCO}}}service")
    told["services"] = [dict(service.attrib) for service in found]


async def change_password(alice, told):
    query = element(REGISTER, "query", username=alice.boundjid.local, password="another one")
    answer = await alice.ask("set", alice.boundjid.domain, query)
    told["password-change"] = answer if isinstance(answer, str) else "accepted"


async def main(task):
    alice, bob = Device(task, "alice", "laptop"), Device(task, "bob", "laptop")
    phone = Device(task, "bob", "phone")
    told = {"arrived": await alice.arrive()}
    if told["arrived"] != "ready":
        return told
    told["arrived-bob"] = [await bob.arrive(), await phone.arrive()]
    told["port"] = alice.transport.get_extra_info("peername")[1]
    told["tls"] = alice.transport.get_extra_info("ssl_object").version()
    told["records"] = sorted(set(map(tuple, await alice.get_dns_records(task["domain"]))))
    await chat(alice, bob, phone, told)
    # The server gave the stream a name by which it is resumed (XEP-0198 section 5).
    told["resumption"] = bool(alice.plugin["xep_0198"].sm_id)
    await gather(alice, bob, slixmpp.JID(task["room"]), told)
    await read_again(bob, told)
    await share(alice, told, task["size"])
    await services(alice, told)
    await change_password(alice, told)
    for device in (alice, bob, phone):
        await device.disconnect()
    return told


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.load(sys.stdin)))))
