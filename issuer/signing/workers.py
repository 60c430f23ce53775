"""Draft and sign batches, in this process or in workers that never outlive it.

A worker is started afresh (spawn: it inherits no socket and no lock), holds one credential key, and ends at once when its
parent is gone, however that ended. Batches come back in the order in which they were given.
"""

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import wait

import orjson

from issuer.timeline.draft import Numbered, credential
from registry.credential import proof
from registry.credential.document import canonicalize_ours, check_sample
from registry.credential.identity import Identity
from registry.keys import KeyHandle


@dataclass(frozen=True, slots=True)
class Desk:
    """What signing needs: identity, the issuer's name, the method of the key, and the key's handle."""

    identity: Identity
    issuer_name: str
    method: str
    key: KeyHandle

    def sign(self, batch: list[Numbered], valid_from: str) -> list[bytes]:
        """The stored bytes of each credential of a batch."""
        canonicalize = canonicalize_ours(self.identity.context_url)
        drafts = [credential(numbered, self.identity, self.issuer_name, valid_from) for numbered in batch]
        stamp = proof.Stamp(self.key.signer(), self.method, valid_from, canonicalize)
        signed = [stamp.sign(draft) for draft in drafts]
        for sample in signed[:1]:
            check_sample(sample, self.identity.context_url)
        return [orjson.dumps(one) for one in signed]


@dataclass(frozen=True, slots=True)
class Batch:
    """Numbered states to sign at one moment."""

    states: list[Numbered]
    valid_from: str


def signed(desk: Desk, batches: Iterable[Batch], workers: int) -> Iterator[tuple[Batch, list[bytes]]]:
    """Each batch with its signed bytes, in order; `workers` processes, none beside this one when below 2."""
    if workers < 2:
        for batch in batches:
            yield batch, desk.sign(batch.states, batch.valid_from)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(desk,)) as pool:
        pending: deque[tuple[Batch, Future[list[bytes]]]] = deque()
        try:
            for batch in batches:
                pending.append((batch, pool.submit(_sign, batch)))
                if len(pending) > 2 * workers:
                    yield _next(pending)
            while pending:
                yield _next(pending)
        finally:
            pool.shutdown(cancel_futures=True)


def _next(pending: deque[tuple[Batch, Future[list[bytes]]]]) -> tuple[Batch, list[bytes]]:
    batch, future = pending.popleft()
    return batch, future.result()


_desks: list[Desk] = []


def _start(desk: Desk) -> None:
    """In a new worker: keep the desk, and watch the parent."""
    _desks.append(desk)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
    os._exit(1)


def _sign(batch: Batch) -> list[bytes]:
    return _desks[0].sign(batch.states, batch.valid_from)
