# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""baresip(1) as a phone of a person: its files, its tone, and what it heard; RFC 3261, RFC 3711."""

from __future__ import annotations

import io
import math
import wave
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.integration import outside
from tests.integration.conftest import DOMAIN
from tests.integration.people import Person
from tests.lab.host import Host

RATE = 8000
# Longer than any call here: with the end of the file the sound ends.
SECONDS = 600
# How its sound travels: keys in the signalling (RFC 4568), as with browsers (RFC 8834), bare.
SRTP = ";mediaenc=srtp-mand"
WEBRTC = ";mediaenc=dtls_srtp;medianat=ice"
PLAIN = ""
CONFIG = """\
module_path /usr/lib/baresip/modules
module cons.so
module g711.so
module aufile.so
module srtp.so
module dtls_srtp.so
module ice.so
module stun.so
module turn.so
module uuid.so
module_app account.so
module_app menu.so
cons_listen 127.0.0.1:{port}
net_interface eth0
sip_cafile {ca}
sip_verify_server yes
audio_source aufile,{place}/said.wav
audio_srate {rate}
audio_channels 1
rtcp_mux {mux}
rtp_stats yes
"""
# What it hears goes to a file; aufile plays nothing before baresip 1.1, and sndfile has no player.
HEARING = {
    "trixie": "audio_player aufile,{place}/heard.wav\n",
    "bookworm": "module aubridge.so\nmodule sndfile.so\naudio_player aubridge,nobody\n"
    "snd_path {place}\n",
}
SAY = """
import socket, sys
console = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10)
console.sendall(sys.argv[2].encode() + b"\\n")
# It echoes the line; once it has, the command was read.
heard = b""
while sys.argv[2].encode() not in heard:
    heard += console.recv(4096)
"""


def tone(hertz: int) -> bytes:
    """A WAV file with a sine; whole periods fit into each second."""
    second = array("h", (int(8000 * math.sin(2 * math.pi * hertz * i / RATE)) for i in range(RATE)))
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(second.tobytes() * SECONDS)
    return file.getvalue()


def strength(samples: array[int], hertz: int) -> float:
    """How much of `samples` is a sine of that frequency: 0 none, 1 all (Goertzel)."""
    total = sum(sample * sample for sample in samples)
    if not total:
        return 0.0
    turn = 2 * math.pi * hertz / RATE
    real = sum(sample * math.cos(turn * i) for i, sample in enumerate(samples))
    imaginary = sum(sample * math.sin(turn * i) for i, sample in enumerate(samples))
    return 2 * (real**2 + imaginary**2) / (len(samples) * total)


@dataclass(slots=True, kw_only=True)
class Phone:
    site: Host
    person: Person
    place: str
    port: int
    program: outside.Running

    def command(self, text: str) -> None:
        """Type a line of baresip's user interface."""
        outside.run(self.site, "python3", "-c", SAY, str(self.port), text, check=True)

    def heard(self, seconds: float) -> array[int]:
        """The last sound that was played, silence before the first packet apart."""
        place = outside.root(self.site) / self.place.strip("/")
        # baresip makes it when the first call's sound begins; sndfile one for each call.
        files = sorted((*place.glob("heard.wav"), *place.glob("dump-*-dec.wav")))
        raw = files[-1].read_bytes()[44:] if files else b""
        samples = array("h", raw[: len(raw) // 2 * 2])
        return samples[-int(RATE * seconds) :]

    def quit(self) -> list[str]:
        """End it in order, unregistering; returns all that it said."""
        self.program.process.terminate()
        return self.program.end()


@contextmanager
def phone(
    site: Host,
    person: Person,
    *,
    port: int,
    hertz: int = 440,
    family: int = 4,
    interval: int = 60,
    media: str = SRTP,
    more: str = "",
) -> Iterator[Phone]:
    """A baresip whose console is at `port` and whose microphone hears a tone of `hertz`.

    It registers every `interval` seconds, with 0 never; `more`: parameters of its account.
    """
    place = f"/srv/lab/baresip-{person.name}"
    config = f"{CONFIG}{HEARING[site.release]}".format(
        port=port,
        ca=outside.trust(site),
        place=place,
        rate=RATE,
        mux="yes" if media == WEBRTC else "no",
    )
    uri = f"<sip:{person.name}@{DOMAIN};transport=tls>"
    options = f";auth_pass={person.password};audio_codecs=pcmu{media};regint={interval}"
    outside.place(site, f"{place}/config", config)
    outside.place(site, f"{place}/accounts", f"{uri}{options}{more}\n")
    outside.place(site, f"{place}/contacts", "")
    outside.place(site, f"{place}/said.wav", tone(hertz))
    argv = ["baresip", f"-{family}", "-s", "-v", "-f", place]
    with outside.running(site.client_command(argv, own_root=True)) as program:
        made = Phone(site=site, person=person, place=place, port=port, program=program)
        try:
            yield made
        finally:
            if program.process.poll() is None:
                program.process.terminate()
