"""A connection that is read within a limit of time and of bytes.

The limits are for all of it together, which `http.client` does not know. Edge: a clock and a socket. What too much or too
late means is left to the callers.
"""

import io
import socket
import time


class TooLarge(Exception):
    """More bytes came than were wanted."""


class BoundedLink(io.RawIOBase):
    """What arrives on a connection. `until`: on the monotonic clock, seconds; `most`: bytes, headers included.

    Raises TimeoutError and TooLarge.
    """

    def __init__(self, link: socket.socket, until: float, most: int) -> None:
        self._link, self._until, self._bytes_left = link, until, most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        self._link.settimeout(seconds_left(self._until))
        count = self._link.recv_into(buffer)
        self._bytes_left -= count
        if self._bytes_left < 0:
            raise TooLarge
        return count

    def makefile(self, _mode: str) -> io.BufferedReader:
        """As a socket's, for HTTPResponse."""
        return io.BufferedReader(self)


def seconds_left(until: float) -> float:
    """How long it is until then. TimeoutError where it is over."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
