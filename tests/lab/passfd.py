# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connect to HOST PORT and pass the socket to ssh (ssh_config(5): ProxyUseFdpass).

It runs inside the client's network namespace; ssh itself stays outside.
"""

from __future__ import annotations

import socket
import sys


def main(host: str, port: str) -> None:
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.settimeout(None)
        with socket.socket(fileno=sys.stdout.fileno()) as to_ssh:
            socket.send_fds(to_ssh, [b"\0"], [connection.fileno()])


if __name__ == "__main__":
    main(*sys.argv[1:])
