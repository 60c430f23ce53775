"""HTTP/1.1 connections that cannot be held up: uvicorn's, with deadlines and a cap.

uvicorn reads and writes HTTP, with h11 (RFC 9112); this adds what it lacks. A head has `SECONDS` from the moment when it could
begin, each `STEP_BYTES` of a body or of an answer have so many again (RFC 9110 section 15.5.9 lets a server close then). At the
cap the least advanced connection is closed. Which one that is, `crowd` knows; when it is looked for, `server`.
"""

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol

from search.http.crowd import Crowd

SECONDS = 15.0
STEP_BYTES = 16 * 1024


class Connection(H11Protocol):
    """One connection of a crowd; `protocol_of` makes the class for one."""

    crowd: "ClassVar[Crowd[Connection]]"
    #: since the last step: bytes that came; at the last look: bytes of an answer that were not taken yet
    _stepped = 0
    _unsent = 0
    #: the request whose head was counted as a step
    _begun: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        super().connection_made(transport)
        leaving = self.crowd.enter(self)
        if leaving is not None:
            leaving.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self.crowd.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._stepped += len(data)
        super().data_received(data)
        self._note()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self.crowd.advance(self)
        self._note()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.crowd.advance(self)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._note()

    def _note(self) -> None:
        """Whose turn it is now, and whether a step was made."""
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            return  # a head is awaited, since the last step
        if not cycle.more_body:
            self.crowd.serve(self)
        elif cycle is not self._begun or self._stepped >= STEP_BYTES:
            self._begun, self._stepped = cycle, 0
            self.crowd.advance(self)

    def end_unless_it_moved(self) -> None:
        """Close it, unless the client has taken so much of an answer since the last look."""
        unsent, before = self.transport.get_write_buffer_size(), self._unsent
        self._unsent = unsent
        if unsent and (not before or unsent <= before - STEP_BYTES):
            self.crowd.advance(self)
            return
        self.crowd.leave(self)
        self.transport.abort()


def protocol_of(crowd: Crowd[Connection]) -> type[Connection]:
    """The protocol whose connections are that crowd."""
    return type("CrowdedConnection", (Connection,), {"crowd": crowd})
