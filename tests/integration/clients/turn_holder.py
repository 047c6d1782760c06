# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds one TURN allocation and does as it is told, a JSON line each; needs falcot_rtc.probes.

Standard input: {"server", "port", "protocol", "user", "password", "peer"}, then a line a command:
"allocate", "echo", "refresh": the answer is true, an error's number, or "no answer"; "stream": echo
upon echo until another line comes, the answer is how many were asked and how many did not come.
"""

import json
import secrets
import select
import sys

from falcot_rtc.probes.connection import Deadline
from falcot_rtc.probes.errors import ProbeError
from falcot_rtc.probes.ticket import Credentials, Target
from falcot_rtc.probes.turn import Client, TurnRefused
from falcot_rtc.probes.turn_link import open_link

PATIENCE, SILENCE = 10, 2


def echo(client, peer):
    """Whether a datagram comes back from the peer through the relay."""
    data, deadline = secrets.token_bytes(20), Deadline.after(SILENCE)
    while True:
        client.send(peer, data, deadline)
        if client.receive(deadline).data == data:
            return True


def stream(client, peer):
    asked = lost = 0
    while not select.select([sys.stdin], [], [], 0.02)[0]:
        asked += 1
        try:
            echo(client, peer)
        except ProbeError:
            lost += 1
    sys.stdin.readline()
    return [asked, lost]


def obey(client, peer, command):
    try:
        match command:
            case "allocate":
                client.allocate(4, Deadline.after(PATIENCE))
                client.permit(peer, Deadline.after(PATIENCE))
            case "echo":
                echo(client, peer)
            case "refresh":
                client.refresh(600, Deadline.after(SILENCE))
            case "stream":
                return stream(client, peer)
    except TurnRefused as refusal:
        return refusal.code
    except ProbeError:
        return "no answer"
    return True


def main():
    task = json.loads(sys.stdin.readline())
    target = Target(
        id="turn",
        purpose="turn",
        family="ipv4",
        role="turn",
        address=task["server"],
        port=task["port"],
        protocol=task["protocol"],
        tls=False,
    )
    credentials = Credentials(user=task["user"], password=task["password"])
    client = Client(open_link(target, "", Deadline.after(PATIENCE)), credentials)
    for line in sys.stdin:
        print(json.dumps(obey(client, tuple(task["peer"]), line.strip())), flush=True)


if __name__ == "__main__":
    main()
