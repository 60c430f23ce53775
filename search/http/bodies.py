"""How many bytes of bodies are held, by all and by each client.

A body is counted as it arrives, and until its request is answered.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: ten of the largest batches of one client, twelve of all; what is made of a body takes up to five times as much
MOST_BYTES, CLIENT_BYTES = 96 * 1024 * 1024, 80 * 1024 * 1024


class Bodies:
    """Counts bytes. Used on the serving loop alone."""

    def __init__(self, most: int = MOST_BYTES, most_of_client: int = CLIENT_BYTES) -> None:
        self._most, self._most_of_client = most, most_of_client
        self._bytes: dict[str, int] = {}
        self._all = 0

    @contextmanager
    def counted(self, client: str) -> Iterator[Callable[[int], bool]]:
        """For one request: what takes so many more bytes, or says that there is no room; given back at the end."""
        taken = 0

        def take(count: int) -> bool:
            nonlocal taken
            own = self._bytes.get(client, 0)
            if self._all + count > self._most or own + count > self._most_of_client:
                return False
            taken += count
            self._all += count
            self._bytes[client] = own + count
            return True

        try:
            yield take
        finally:
            self._all -= taken
            rest = self._bytes.get(client, 0) - taken
            if rest:
                self._bytes[client] = rest
            else:
                self._bytes.pop(client, None)
