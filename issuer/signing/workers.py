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
from datetime import datetime
from multiprocessing.connection import wait
from typing import TypeVar

import schemas
from issuer.timeline import draft
from issuer.timeline.draft import Numbered, credential
from registry.credential import proof
from registry.credential.document import canonicalize_ours, check_sample
from registry.credential.identity import Identity
from registry.encoding.moment import print_utc
from registry.encoding.stored import stored
from registry.errors import Refused
from registry.keys import KeyHandle

#: what a caller wants back with a batch
Companion = TypeVar("Companion")


@dataclass(frozen=True, slots=True)
class Batch:
    """Numbered states to sign at one moment (UTC, whole seconds)."""

    states: list[Numbered]
    at: datetime


@dataclass(frozen=True, slots=True)
class BatchSigner:
    """What signing needs: identity, the issuer's name, the method of the key, and the key's handle."""

    identity: Identity
    issuer_name: str
    method: str
    key: KeyHandle

    def sign(self, batch: Batch) -> list[bytes]:
        """The stored bytes of each credential of a batch. Refused `issuer_type`: not of a type that its issuer speaks for."""
        valid_from = print_utc(batch.at)
        canonicalize = canonicalize_ours(self.identity.context_url)
        for numbered in batch.states:
            _check_type(numbered)
        drafts = [credential(numbered, self.identity, self.issuer_name, valid_from) for numbered in batch.states]
        stamp = proof.Stamp(self.key.signer(), self.method, valid_from, canonicalize)
        documents = [stamp.sign(draft) for draft in drafts]
        for sample in documents[:1]:
            check_sample(sample, self.identity.context_url)
        return [stored(document) for document in documents]


def _check_type(numbered: Numbered) -> None:
    state = numbered.state
    if draft.credential_type(state) != schemas.credential_type(state.register):
        raise Refused(
            "issuer_type", f"the issuer of {state.register} does not speak for {draft.credential_type(state)}"
        )


def signed(
    signer: BatchSigner, batches: Iterable[tuple[Batch, Companion]], workers: int
) -> Iterator[tuple[Batch, Companion, list[bytes]]]:
    """Each batch with what came beside it and its signed bytes, in order.

    `workers`: processes, none beside this one when below 2; what comes beside a batch stays in this process.
    """
    if workers < 2:
        for batch, companion in batches:
            yield batch, companion, signer.sign(batch)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(signer,)) as pool:
        pending: deque[tuple[Batch, Companion, Future[list[bytes]]]] = deque()

        def first() -> tuple[Batch, Companion, list[bytes]]:
            batch, companion, future = pending.popleft()
            return batch, companion, future.result()

        try:
            for batch, companion in batches:
                pending.append((batch, companion, pool.submit(_sign, batch)))
                if len(pending) > 2 * workers:
                    yield first()
            while pending:
                yield first()
        finally:
            pool.shutdown(cancel_futures=True)


_signers: list[BatchSigner] = []


def _start(signer: BatchSigner) -> None:
    """In a new worker: keep the signer, and watch the parent."""
    _signers.append(signer)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
    os._exit(1)


def _sign(batch: Batch) -> list[bytes]:
    return _signers[0].sign(batch)
