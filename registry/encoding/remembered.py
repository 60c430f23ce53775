"""A pure function is not worked out again for the same input.

Keyed by the whole input, so that nothing can be taken for something else; bounded in number and in size. Only what was given is
kept, never what was raised, so that a refusal is worked out each time. Results are shared: they must not be changeable.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

#: bytes or characters of an input that may be kept
LARGEST = 16 * 1024
_forgetting: list[Callable[[], None]] = []


def remembered(most: int, largest: int = LARGEST) -> Callable[[F], F]:
    """For a function of a text or of bytes, and of further hashable arguments: its last `most` results are kept.

    Those of an input of more than `largest` characters or bytes are not.
    """

    def decorate(function: F) -> F:
        known: Callable[..., Any] = _known(most, function)

        @wraps(function)
        def call(data: str | bytes, *more: Any) -> Any:
            return known(data, *more) if len(data) <= largest else function(data, *more)

        return call  # type: ignore[return-value]

    return decorate


def remembered_values(most: int) -> Callable[[F], F]:
    """The same for a function of values whose size is bounded by what it demands of them."""

    def decorate(function: F) -> F:
        return wraps(function)(_known(most, function))  # type: ignore[return-value]

    return decorate


def forget() -> None:
    """Begin anew: for tests that put something else in the place of a check."""
    for clear in _forgetting:
        clear()


def _known(most: int, function: Callable[..., Any]) -> Callable[..., Any]:
    known = lru_cache(most)(function)
    _forgetting.append(known.cache_clear)
    return known
