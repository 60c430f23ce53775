"""Bit order, encoded form, limits, and that the permutation is one."""

import base64
import gzip
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.credential import status
from registry.errors import Malformed

EMPTY = bytes(status.LENGTH // 8)


def test_index_zero_is_the_left_most_bit() -> None:
    bits = status.with_bits(EMPTY, [0], to=True)
    assert bits[0] == 0x80
    assert status.is_set(bits, 0)
    assert not status.is_set(bits, 1)
    assert status.with_bits(EMPTY, [131_071], to=True)[-1] == 1


@given(st.sets(st.integers(0, status.LENGTH - 1), max_size=20))
def test_encoded_and_back(indexes: set[int]) -> None:
    bits = EMPTY
    for index in indexes:
        bits = status.with_bits(bits, [index], to=True)
    text = status.encode(bits)
    assert text.startswith("u")
    assert status.decode(text) == bits
    assert {index for index in range(status.LENGTH) if status.is_set(bits, index)} == indexes


def test_equal_bits_give_equal_text() -> None:
    assert status.encode(EMPTY) == status.encode(bytes(len(EMPTY)))


def _text(data: bytes) -> str:
    return "u" + base64.urlsafe_b64encode(data).rstrip(b"=").decode()


#: made when it is asked for: two hundred megabytes are no work for whoever only collects the tests
DAMAGED: dict[str, Callable[[], str]] = {
    "without a prefix": lambda: status.encode(EMPTY)[1:],
    "padded": lambda: status.encode(EMPTY) + "=",
    "cut": lambda: status.encode(EMPTY)[:-8],
    "not gzip": lambda: _text(zlib.compress(EMPTY)),
    "a byte too few": lambda: _text(gzip.compress(EMPTY[:-1])),
    "something behind": lambda: _text(gzip.compress(EMPTY) + b"more"),
    "a byte too many": lambda: _text(gzip.compress(bytes(64 * 16_384 + 1))),
    "a bomb": lambda: _text(gzip.compress(bytes(200 * 1024 * 1024), 9)),
    "no base64url": lambda: "u!!!!",
    "nothing": lambda: "u",
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_damaged_lists(kind: str) -> None:
    with pytest.raises(Malformed):
        status.decode(DAMAGED[kind]())


@pytest.mark.parametrize("seed", [bytes(32), bytes([7]) * 32])
def test_every_position_is_handed_out_once(seed: bytes) -> None:
    positions = [status.position(seed, place) for place in range(status.LENGTH)]
    assert sorted(positions) == list(range(status.LENGTH))
    assert positions[:100] != list(range(100))


def test_another_seed_gives_other_positions() -> None:
    positions = [status.position(bytes(32), place) for place in range(100)]
    assert positions != [status.position(bytes([1]) * 32, place) for place in range(100)]
