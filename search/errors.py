"""The errors of the search room, each with a stable code.

They say what is untrue and carry no HTTP status.

SearchError
├── BadParameter       a parameter is unknown or has a value that it cannot have
├── BadCursor          the cursor is damaged, or belongs to another question
├── NotEvidence        what was posted is neither evidence nor a credential: there is nothing to judge
├── TooMuch            more than this address takes at once
├── RateLimited        more than this client may ask for in a minute
├── AccessUnknown      the access key that was sent is none, or has ended
├── IndexOutdated      the index was written by another version: rebuild it from the ledger
└── SearchAway         the search engine does not answer: try again soon

What is missing is `registry.errors.NotFound`. The one table from errors to HTTP is `search/http/problems.py`.
"""

from collections.abc import Callable
from typing import Any

from registry.errors import Conflict


class SearchError(Exception):
    """Something is untrue. `code` is stable and lower-case; `str(error)` is one sentence for a person."""

    def __init__(self, code: str, message: str) -> None:
        Exception.__init__(self, message)  # one of these is a registry error too
        self.code = code
        self.message = message

    def __reduce__(self) -> tuple[Callable[..., Exception], tuple[Any, ...]]:
        """A worker's error reaches its parent whole."""
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[SearchError], arguments: tuple[Any, ...], members: dict[str, Any]) -> Exception:
    error = kind.__new__(kind)
    error.args = arguments
    error.__dict__.update(members)
    return error


class BadParameter(SearchError):
    """A parameter is unknown, or has a value that it cannot have. `parameter` names it."""

    def __init__(self, code: str, message: str, parameter: str) -> None:
        super().__init__(code, message)
        self.parameter = parameter


class BadCursor(SearchError):
    """The cursor is damaged, or belongs to another question."""

    def __init__(self) -> None:
        super().__init__("bad_cursor", "this cursor is damaged, or belongs to another question")


class NotEvidence(SearchError):
    """What was posted is neither evidence nor a credential: there is nothing to judge."""


class TooMuch(SearchError):
    """More than this address takes at once."""


class RateLimited(SearchError):
    """More than this client may ask for in a minute. `seconds`: until it may go on."""

    def __init__(self, seconds: int) -> None:
        super().__init__("rate_limited", "more was asked for than one client may in a minute: wait, or ask for a key")
        self.seconds = seconds


class AccessUnknown(SearchError):
    """The access key that was sent is none, or has ended."""

    def __init__(self) -> None:
        super().__init__("access_unknown", "this access key is none of this site's, or has ended")


class IndexOutdated(SearchError):
    """The index was written by another version of the layout or of the normalizer."""

    def __init__(self) -> None:
        super().__init__("index_outdated", "the index was written by another version and must be rebuilt")


class SearchAway(SearchError, Conflict):
    """The search engine does not answer, or refuses for now: what needs no search goes on. For a command: try later."""

    def __init__(self) -> None:
        super().__init__("search_away", "the search engine does not answer for the moment")
