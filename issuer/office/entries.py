"""Notes that a caller has appended to the ledger in words of its own.

A line is a JSON object: `kind` (`note`), `reason` (a code of ours or the caller's), and if wanted `text`, which the entry commits
to under a salt and the store keeps, as it does any document. A request is refused whole, with the number of the line.
The answer comes after the commit; appending is left to `sequencer`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from issuer.office.door import HEADERS, check_media_type
from registry.encoding import strict_json
from registry.encoding.jcs import jcs
from registry.errors import Malformed, NotFound
from registry.installation.sequencer import Sequencer
from registry.ledger.admission import Admission, Statement
from registry.ledger.ledger import BATCH
from registry.log import entry
from registry.verify import anchor

MEDIA_TYPE = "application/x-ndjson"
TEXT_BYTES = 4096
#: a text may be written with escapes of up to six characters for a byte
BODY_BYTES = BATCH * (6 * TEXT_BYTES + 256)
_RESERVED = (anchor.REASON,)


def read_entries(body: bytes, random: Callable[[int], bytes]) -> list[Admission]:
    """The 1 to 256 entries of a request's body. Malformed `entries`, or the code of a line's own fault: nothing is taken."""
    lines = body.removesuffix(b"\n").split(b"\n")
    if len(lines) > BATCH:
        raise Malformed("entries", f"a request has at most {BATCH} lines")
    notes = []
    for number, line in enumerate(lines, 1):
        try:
            notes.append(_note(strict_json.parse_object(line), random))
        except Malformed as error:
            raise Malformed(error.code, f"line {number}: {error.message}") from None
    return notes


def _note(members: dict[str, Any], random: Callable[[int], bytes]) -> Admission:
    unknown = sorted(members.keys() - {"kind", "reason", "text"})
    if unknown:
        raise Malformed("member_unknown", f"an entry has no member {unknown[0][:80]!r}")
    if members.get("kind") != "note":
        raise Malformed("kind", "only a note is taken here")
    reason, text = members.get("reason"), members.get("text")
    if not isinstance(reason, str) or not entry.REASON.fullmatch(reason):
        raise Malformed("reason", "reason is not a code: 1 to 64 of a-z, 0-9 and _")
    if reason in _RESERVED:
        raise Malformed("reason", f"the reason {reason} is the office's own")
    if "text" not in members:
        return Admission(Statement("note", reason=reason))
    if not isinstance(text, str) or len(text.encode()) > TEXT_BYTES:
        raise Malformed("text", f"text is not a string of at most {TEXT_BYTES} bytes")
    return Admission(Statement("note", reason=reason), jcs({"text": text}), random(32))


def appending(sequencer: Sequencer | None, random: Callable[[int], bytes]) -> Callable[[Request], Awaitable[Response]]:
    """The route that has posted entries appended; NotFound where there is no sequencer."""

    async def append(request: Request) -> Response:
        if sequencer is None:
            raise NotFound("entries_off", "this office appends no entries for others")
        check_media_type(request, MEDIA_TYPE, "NDJSON")
        body = await request.body()
        batch = await run_in_threadpool(lambda: read_entries(body, random))
        appended = await asyncio.wrap_future(sequencer.submit(batch))
        answer = {"first": appended.first, "count": len(batch), "size": appended.head.size}
        return JSONResponse({**answer, "root": appended.head.root.hex()}, 201, HEADERS)

    return append


def closing(sequencer: Sequencer | None) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What closes the sequencer with the app: what was taken is appended first."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        if sequencer is not None:
            await run_in_threadpool(sequencer.close)

    return lifespan
