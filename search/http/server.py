"""The public app is served by uvicorn, below the limit of descriptors.

A process without a descriptor left can answer nobody, and asyncio of Python 3.11 logs that thousands of times a second
(`selector_events._accept_connection`); so it never comes to that. What the app itself needs stays free: files of the store and
of the index in each thread, and the pipes of the verifying processes.
"""

import asyncio
import resource
import socket
import sys
import time
from collections.abc import Callable, Sequence

import anyio.to_thread
import uvicorn
from starlette.types import ASGIApp

from search.http.connections import SECONDS, Connection, protocol_of
from search.http.crowd import Crowd
from search.http.limits import HEADER_BYTES
from search.http.logs import log_sparsely

#: connections, where descriptors allow it; each takes some 10 KiB
MOST = 4096
#: descriptors that are no connection's
RESERVE = 640
#: threads that answer: those that wait for a lane of the verifiers, and as many as the web framework has for all else
THREADS = 3 * 40 + 40
#: connections that asyncio accepts before one of them is known to the crowd
_AT_ONCE = 64
#: connections that the kernel holds until they are accepted
_WAITING = 1024
_SWEEP_SECONDS = 1.0
#: how long a thread that computes keeps the serving loop from its turn (Python's own: 5 ms)
_SWITCH_SECONDS = 0.001


def most_connections() -> int:
    """How many connections there may be; raises the limit of descriptors as far as it needs and may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST + RESERVE + _AT_ONCE
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(_AT_ONCE, min(MOST, soft - RESERVE - _AT_ONCE))


class CrowdedServer(uvicorn.Server):
    """Serves an app to at most `most` connections. `trusted_proxies`: networks whose forwarded client address counts.

    `closing`: called once when the server is told to end; `seconds`: how long a connection may stand still; `clock`: seconds,
    never going back.
    """

    def __init__(
        self,
        app: ASGIApp,
        most: int,
        trusted_proxies: Sequence[str] = (),
        *,
        closing: Callable[[], None] = lambda: None,
        seconds: float = SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.crowd: Crowd[Connection] = Crowd(most, seconds, clock)
        config = uvicorn.Config(
            app,
            http=protocol_of(self.crowd),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(trusted_proxies),
            forwarded_allow_ips=list(trusted_proxies),
            backlog=_AT_ONCE,
            timeout_keep_alive=5,
            h11_max_incomplete_event_size=2 * HEADER_BYTES,
        )
        super().__init__(config)
        self._closing = closing

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listening in sockets or []:
            listening.listen(_WAITING)  # asyncio has told the kernel how many it takes at once
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        self._sweep(asyncio.get_running_loop())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await anyio.to_thread.run_sync(self._closing)
        await super().shutdown(sockets)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        for connection in self.crowd.overdue():
            connection.end_unless_it_moved()
        loop.call_later(_SWEEP_SECONDS, self._sweep, loop)


def serve(
    app: ASGIApp, listening: socket.socket, closing: Callable[[], None], trusted_proxies: Sequence[str] = ()
) -> None:
    """Serve until the process is told to end; then `closing` is called, so that no request waits for what takes long."""
    log_sparsely()
    sys.setswitchinterval(_SWITCH_SECONDS)
    CrowdedServer(app, most_connections(), trusted_proxies, closing=closing).run(sockets=[listening])
