"""A server takes its port before it makes anything else ready.

So a port that is taken is reported in one line.
"""

import socket

from registry.errors import Refused


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; `port` 0: on any free one. Refused `address`: it is taken, or is none of this machine."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # named so, asyncio knows it for TCP and sends small answers at once
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise Refused("address", f"nothing can listen on {host} port {port}: {error.strerror}") from None
    return listening
