"""Generations of an Elasticsearch index: one in use, the next one filling.

A generation is an index named by layout and normalizer; an alias leads readers to the one in use, and each has an alias of its
own for writes, so that a write that comes too late makes nothing. The switch is one step for the engine, and takes the old one
away: after an erasure nothing of what was erased stays. A rebuild that was killed is seen by its beat, which stands still.
"""

import itertools
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import Any

from elasticsearch import ApiError, BadRequestError, ConflictError, Elasticsearch

from registry.errors import Conflict
from search.errors import SearchAway
from search.index.cluster import Cluster, Gone
from search.index.elastic_layout import CURSOR, LAYOUT, MAPPINGS, ORGANIZATION, cursor_fields, index_settings
from search.question.names import NORMALIZER

#: seconds between the beats of a rebuild, and after which one without a beat is taken for killed
BEAT, KILLED = 3.0, 15.0
_REPLICAS = {"auto_expand_replicas": "0-1"}


class Generations:
    """The generations of one installation. `alias`: what leads to the one in use. SearchAway; Gone."""

    def __init__(self, cluster: Cluster, origin: str, shards: int, killed: float = KILLED) -> None:
        # two installations on one cluster do not meet
        self.alias = f"greffe-{sha256(origin.encode()).hexdigest()[:16]}"
        self._cluster, self._shards, self.killed = cluster, shards, killed

    def first(self) -> bool:
        """Makes an empty one, where there is none; harmless while another process does. False: there is another."""
        name = self._name("first")
        if self.in_use() not in ([], [name]):
            return False
        aliases: Mapping[str, Any] = {self.alias: {}, _entrance(name): {}}
        settings = {**index_settings(self._shards), **_REPLICAS}
        try:
            self._cluster.write(
                lambda client: client.indices.create(index=name, settings=settings, mappings=MAPPINGS, aliases=aliases)
            )
        except BadRequestError as error:
            if error.error != "resource_already_exists_exception":
                raise
            if self.in_use() == []:
                # ours has its alias from the beginning: somebody took that away, and nobody finds what is in it
                self._remove([name])
                return True
        self.put_cursor(name, 0)
        self.show(name)
        return True

    def in_use(self) -> list[str]:
        """Those that the alias leads to: one, or none before the first."""
        return sorted(name for name, is_used in self.every().items() if is_used)

    def next(self) -> str:
        """An empty one, not in use, for a rebuild. One that another rebuild fills is waited for; what was killed is removed."""
        while rivals := self._unused():
            beats = {name: self._beat(name) for name in rivals}
            deadline = time.monotonic() + self.killed
            while time.monotonic() < deadline and (rivals := self._unused()):
                if any(self._beat(name) != beats.get(name) for name in rivals):
                    break
                time.sleep(min(0.2, self.killed))
            else:
                self._remove(rivals)
        name = self._name(secrets.token_hex(6))
        aliases: Mapping[str, Any] = {_entrance(name): {}}
        settings = index_settings(self._shards)
        self._cluster.write(
            lambda client: client.indices.create(index=name, settings=settings, mappings=MAPPINGS, aliases=aliases)
        )
        return name

    @contextmanager
    def beating(self, name: str) -> Iterator[None]:
        """Tells others all the while that a rebuild goes on, also while it waits for the ledger, or the engine for its disk."""
        over = threading.Event()

        def beat() -> None:
            for count in itertools.count(1):
                # one that fails is followed by the next
                with suppress(ApiError, Gone, SearchAway):
                    self.beat(name, count)
                if over.wait(BEAT):
                    return

        thread = threading.Thread(target=beat, name="greffe-beat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def beat(self, name: str, count: int) -> None:
        """Tells others that a rebuild goes on."""
        fields = {"what": "beat", "stored": {"beat": count}}
        self._cluster.write(
            lambda client: client.index(index=_entrance(name), id="beat", document=fields, require_alias=True)
        )

    def put_cursor(self, name: str, cursor: int) -> None:
        """Moves the cursor of one; it never goes back."""
        fields = cursor_fields(cursor)

        def put(client: Elasticsearch) -> object:
            return client.index(
                index=_entrance(name),
                id=CURSOR,
                document=fields,
                version=cursor + 1,
                version_type="external_gte",
                require_alias=True,
            )

        try:
            self._cluster.write(put)
        except ConflictError:
            # another follower is further
            return

    def show(self, name: str) -> None:
        """From now on readers see all that was written into one."""
        self._cluster.write(lambda client: client.indices.refresh(index=name))

    def switch(self, name: str, organizations: int) -> None:
        """Puts one in use and takes all others away, in one step. Conflict `index_incomplete`: it does not hold that many."""
        self._cluster.write(lambda client: client.indices.forcemerge(index=name, max_num_segments=1))
        self.show(name)
        query = {"term": {"what": ORGANIZATION}}
        there = self._cluster.write(lambda client: client.count(index=name, query=query).body["count"])
        if there != organizations:
            raise Conflict("index_incomplete", f"the new index holds {there} organizations of {organizations}")
        self._cluster.write(lambda client: client.indices.put_settings(index=name, settings=_REPLICAS))
        actions: list[dict[str, Any]] = [{"add": {"index": name, "alias": self.alias}}]
        actions += [{"remove_index": {"index": other}} for other in self.in_use()]
        self._cluster.write(lambda client: client.indices.update_aliases(actions=actions))

    def drop(self, name: str) -> None:
        """Removes one that is not in use."""
        self._remove([name])

    def entrance(self, name: str) -> str:
        """Where writes into one go: they fail, and make nothing, when it is no more."""
        return _entrance(name)

    def _name(self, last: str) -> str:
        return f"{self.alias}-{LAYOUT}-{NORMALIZER}-{last}"

    def every(self) -> dict[str, bool]:
        """All of them, and whether each is in use."""

        def every(client: Elasticsearch) -> dict[str, bool]:
            aliases = client.indices.get_alias(index=f"{self.alias}-*").body
            return {name: self.alias in each["aliases"] for name, each in aliases.items()}

        return self._cluster.write(every)

    def _unused(self) -> list[str]:
        return sorted(name for name, is_used in self.every().items() if not is_used)

    def _beat(self, name: str) -> object:
        try:
            return self._cluster.write(lambda client: client.get(index=name, id="beat").body["_source"])
        except Gone:
            return None

    def _remove(self, names: list[str]) -> None:
        if names:
            self._cluster.write(lambda client: client.indices.delete(index=names, ignore_unavailable=True))


def _entrance(name: str) -> str:
    return f"{name}-in"
