"""A witness as a server: its database, and the app that answers.

c2sp.org/tlog-witness v1.0.0. Edge: an SQLite file of its own (WAL, synchronous=FULL), a clock, HTTP. A checkpoint is stored
before its cosignature leaves: compare-and-swap on the size and root that it was checked against, in one transaction, so that
two requests at once never cosign two histories, and no size ever goes down. Whatever proves or hints that a log forked is
stored and shown at `/forks`. `sign-subtree` is not offered. What is decided, and why, is left to `rules`.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from registry.edge.problem import MEDIA_TYPE, problem_text, read_body
from registry.edge.side_file import DURABLE, open_file
from registry.errors import Conflict, Malformed, NotFound, RegistryError, Untrue
from registry.keys import Signer
from registry.log import cosignature, note
from registry.witness import rules

BODY_BYTES = 32 * 1024
BODY_SECONDS = 5.0
#: requests of one sort, posted or read, that are worked on; more are refused, to come again
MAX_AT_ONCE = 64
#: as many times more bodies may be on their way
ARRIVING = 16
#: evidence kept for one log, of each kind; the first and the newest stay
MAX_FORKS = 100
_ATTEMPTS = 4
_RETRY_AFTER, _CLOSE = {"Retry-After": "1"}, {"Connection": "close"}
_log = logging.getLogger(__name__)

_metadata = sa.MetaData()
_heads = sa.Table(
    "head",
    _metadata,
    sa.Column("origin", sa.Text, primary_key=True),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("root", sa.LargeBinary, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sqlite_strict=True,
)
_forks = sa.Table(
    "fork",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("time", sa.Integer, nullable=False),
    sa.Column("held", sa.Text, nullable=False),
    sa.Column("shown", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.UniqueConstraint("origin", "kind", "text"),
    sqlite_strict=True,
)


class WitnessStore:
    """What was cosigned last of each log, and the evidence of forks. Safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        """`path`: made where it is missing."""
        self._engine = open_file(path, "journal_mode=WAL", "cell_size_check=1", *DURABLE)
        _metadata.create_all(self._engine)

    def head(self, origin: str) -> rules.Head:
        """What was cosigned last; the empty head before the first time."""
        chosen = sa.select(_heads.c.size, _heads.c.root, _heads.c.note).where(_heads.c.origin == origin)
        with self._engine.connect() as connection:
            row = connection.execute(chosen).one_or_none()
        return rules.Head() if row is None else rules.Head(row.size, bytes(row.root), row.note)

    def swap(self, origin: str, old: rules.Head, new: rules.Head) -> bool:
        """Put `new` in the place of `old`, durably; False, and nothing done, when `old` is no longer what is there."""
        empty = {"origin": origin, "size": 0, "root": rules.Head().root, "note": ""}
        with self._engine.begin() as connection:
            if not old.note:
                connection.execute(sa.insert(_heads).prefix_with("OR IGNORE").values(empty))
            changed = connection.execute(
                sa.update(_heads)
                .where(_heads.c.origin == origin, _heads.c.size == old.size, _heads.c.root == old.root)
                .values(size=new.size, root=new.root, note=new.note)
            )
        return changed.rowcount == 1

    def keep_fork(self, origin: str, kind: str, seconds: int, cosigned: str, shown: rules.Request) -> None:
        """Store evidence, once for each checkpoint: the note `cosigned` here, and the request that has `shown` another."""
        text = shown.signed.text
        row = {"origin": origin, "kind": kind, "time": seconds, "held": cosigned, "shown": shown.print(), "text": text}
        of_kind = (_forks.c.origin == origin, _forks.c.kind == kind)
        newest = sa.select(_forks.c.id).where(*of_kind).order_by(_forks.c.id.desc()).limit(MAX_FORKS - 1)
        with self._engine.begin() as connection:
            connection.execute(sa.insert(_forks).prefix_with("OR IGNORE").values(row))
            first = sa.select(sa.func.min(_forks.c.id)).where(*of_kind).scalar_subquery()
            connection.execute(sa.delete(_forks).where(*of_kind, _forks.c.id != first, _forks.c.id.not_in(newest)))

    def forks(self) -> list[dict[str, Any]]:
        """All evidence, newest first: `origin`, `kind`, `time` (POSIX seconds), `held` (a note), `shown` (a request)."""
        columns = (_forks.c.origin, _forks.c.kind, _forks.c.time, _forks.c.held, _forks.c.shown)
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(*columns).order_by(_forks.c.id.desc()))
            return [dict(row._mapping) for row in rows]

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


class Witness:
    """A witness of that name. `signers`: one key an algorithm; `logs`: whose checkpoints it cosigns; `now`: POSIX seconds."""

    def __init__(
        self,
        name: str,
        signers: Sequence[Signer],
        logs: Sequence[note.VerifierKey],
        store: WitnessStore,
        now: Callable[[], float],
    ) -> None:
        self._name, self._signers, self._store, self._now = name, signers, store, now
        self._logs: dict[str, list[note.VerifierKey]] = {}
        for key in logs:
            self._logs.setdefault(key.name, []).append(key)
        self._origins = {rules.origin_hash(origin): origin for origin in self._logs}

    def add_checkpoint(self, body: bytes) -> str:
        """The cosignature lines for a posted checkpoint, which is stored by then.

        Errors as those of `rules.parse`, `authentic` and `decide`; Conflict `busy`: others were faster, again and again.
        """
        request = rules.parse(body)
        signed = rules.authentic(request, self._logs)
        head = request.head
        for _ in range(_ATTEMPTS):
            last = self._store.head(head.origin)
            self._decide(request, signed, last)
            seconds = int(self._now())
            lines = [cosignature.make(signed.text, self._name, signer, seconds) for signer in self._signers]
            cosigned = note.Note(signed.text, (*signed.signatures, *lines))
            if self._store.swap(head.origin, last, rules.Head(head.size, head.root, cosigned.print())):
                return "".join(f"{line.line()}\n" for line in lines)
        raise Conflict("busy", "other requests for this log were faster")

    def _decide(self, request: rules.Request, signed: note.Note, last: rules.Head) -> None:
        try:
            rules.decide(request, last)
        except RegistryError:
            kind = rules.suspicion(request, last)
            if kind is not None:
                origin = request.head.origin
                _log.warning("a checkpoint of %s is refused and kept as evidence: %s", origin, kind)
                self._store.keep_fork(origin, kind, int(self._now()), last.note, replace(request, signed=signed))
            raise

    def newest(self, origin_hash: str) -> str:
        """The newest cosigned checkpoint of a log, by the SHA-256 (hex) of its origin. NotFound `not_cosigned`."""
        origin = self._origins.get(origin_hash)
        text = "" if origin is None else self._store.head(origin).note
        if not text:
            raise NotFound("not_cosigned", "this witness has cosigned no checkpoint of such a log")
        return text

    def forks(self) -> list[dict[str, Any]]:
        """The evidence of forks, as `WitnessStore.forks` gives it."""
        return self._store.forks()


class _Slots:
    """How many more of one sort have room. For one event loop."""

    def __init__(self, free: int) -> None:
        self._free = free

    @contextmanager
    def taken(self) -> Iterator[None]:
        """One of them. Conflict `busy`: none is free."""
        if not self._free:
            raise Conflict("busy", "this witness has too much to do")
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1


def create_witness_app(served: Witness, at_once: int = MAX_AT_ONCE) -> Starlette:
    """The app over one witness. Its submission and its monitoring prefix are both its own root.

    A body that arrives slowly takes no place from what is worked on, and nothing that is posted takes one from what is read.
    """
    arriving, posts, gets = _Slots(at_once * ARRIVING), _Slots(at_once), _Slots(at_once)

    async def working(work: Awaitable[Response]) -> Response:
        try:
            return await work
        except RegistryError as error:
            return _refusal(error)
        except sa.exc.OperationalError as error:
            _log.error("the database of the witness: %s", error.orig)
            return _problem(503, "busy", "the database of this witness is busy or out of order", _RETRY_AFTER)

    async def add_checkpoint(request: Request) -> Response:
        async def work() -> Response:
            try:
                with arriving.taken():
                    async with asyncio.timeout(BODY_SECONDS):
                        body = await read_body(request.receive, BODY_BYTES)
            except TimeoutError:
                return _problem(408, "slow", "the body took too long to arrive", _CLOSE)
            if body is None:
                return _problem(413, "body_too_large", f"a body has at most {BODY_BYTES} bytes", _CLOSE)
            with posts.taken():
                return _text(await run_in_threadpool(served.add_checkpoint, body))

        return await working(work())

    async def newest(request: Request) -> Response:
        async def work() -> Response:
            with gets.taken():
                return _text(await run_in_threadpool(served.newest, request.path_params["origin_hash"]))

        return await working(work())

    async def forks(_request: Request) -> Response:
        async def work() -> Response:
            with gets.taken():
                evidence = await run_in_threadpool(served.forks)
            return Response(json.dumps({"forks": evidence}, ensure_ascii=False), 200, _HEADERS, "application/json")

        return await working(work())

    return Starlette(
        routes=[
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/{origin_hash:str}/checkpoint", newest),
            Route("/forks", forks),
        ]
    )


_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Access-Control-Allow-Origin": "*"}


def _text(text: str) -> Response:
    return PlainTextResponse(text, headers=_HEADERS)


def _problem(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    return Response(problem_text(status, code, detail), status, {**_HEADERS, **(headers or {})}, MEDIA_TYPE)


def _refusal(error: RegistryError) -> Response:
    """The one table from errors to the statuses of the specification."""
    match error:
        case rules.Stale():
            return Response(f"{error.size}\n", 409, {**_HEADERS, "Content-Type": rules.SIZE_TYPE})
        case Malformed():
            return _problem(400, error.code, error.message)
        case NotFound():
            return _problem(404, error.code, error.message)
        case Untrue():
            return _problem(403 if error.code == "signature" else 422, error.code, error.message)
        case Conflict():
            return _problem(503, error.code, error.message, _RETRY_AFTER)
        case _:
            raise error
