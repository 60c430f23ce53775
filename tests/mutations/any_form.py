"""Seeded damage to the form of any file that two verifiers must judge alike.

Most of it is nonsense, as a hostile or broken sender makes it; a part is nearly right. `WAYS` by name; each takes the parsed
file, a pool of other files, and seeded randomness, and gives the bytes of the changed one. What an honest verdict on it is,
nobody says here. `any_part` adds the ways into what the parts hold.
"""

import copy
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

Json = dict[str, Any]
Way = Callable[[Json, list[Json], Random], bytes]
WAYS: dict[str, Way] = {}

#: spelled as they are, where a value stands
NUMBERS = (
    "-0", "0", "-1", "1", "2", "00", "1.0", "1e0", "1E2", "0.5", "-0.0", "1e400", "9007199254740991", "9007199254740992",
    "-9007199254740992", "4294967296", "2147483648", "100000000000000000000", "1" + "0" * 400, "NaN", "Infinity", "+1", "0x1",
)  # fmt: skip
#: the same, for texts
TEXTS = (
    '"\\ud800"', '"\\udc00\\ud800"', '"\\ud83d\\ude00"', '"\\u0000"', '"\\ufeff"', '""', '" "', '"\\u2028"',
    '"\\u00a0x"', '"x\\n"', '"\\ud83d"', '"\\/"', '"\\x"', '"\t"', '"é"', '"e\\u0301"', '"\\u0085"', '"__proto__"',
    '"constructor"', '"0"', '"-1"', '"1.0"', '"2026-01-02T03:04:05Z"', '"2026-01-02T03:04:05.000Z"',
    '"2026-02-30T00:00:00Z"', '"9999-12-31T23:59:59Z"', '"0000-01-01T00:00:00Z"', '"2026-01-02T03:04:05+00:00"',
    '"2026-01-02T24:00:00Z"', '"2021-02-03"', '"+12026-01-01T00:00:00Z"',
)  # fmt: skip
OTHERS = ("null", "true", "false", "[]", "{}", "[null]", "[[]]", '[""]', "[{}]", '{"id":""}', '{"0":0}')
_MARK = "\u0001here\u0001"


def way(act: Way) -> Way:
    """Enters a function into `WAYS`, by its name."""
    WAYS[act.__name__] = act
    return act


def printed(value: Any) -> bytes:
    """The bytes of a file, as ours are written."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, Any, tuple[Any, ...]]]:
    """(holder, key, path) of every value inside a value."""
    members: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield value, key, (*path, key)
        yield from places(member, (*path, key))


def place_of(file: Json, random: Random, of: type = object) -> tuple[Any, Any, tuple[Any, ...]]:
    """Some place whose value is of that type; those near the top as often as all the many below."""
    known = [each for each in places(file) if isinstance(each[0][each[1]], of)]
    depth = random.randrange(1, 6)
    near = [each for each in known if len(each[2]) <= depth]
    return random.choice(near or known or list(places(file)))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def spelled(file: Json, holder: Any, key: Any, spelling: str) -> bytes:
    """The file with that value spelled just so."""
    holder[key] = _MARK
    return printed(file).replace(json.dumps(_MARK).encode(), spelling.encode("utf-8", "surrogatepass"), 1)


def flipped(data: bytes, random: Random) -> bytes:
    if not data:
        return b"{"
    changed, at = bytearray(data), random.randrange(len(data))
    changed[at] ^= 1 << random.randrange(8)
    return bytes(changed)


@way
def as_it_is(file: Json, _pool: list[Json], _random: Random) -> bytes:
    """Nothing is done: only day, moment and trust differ."""
    return printed(file)


@way
def dropped(file: Json, _pool: list[Json], random: Random) -> bytes:
    """A member or an item is gone."""
    holder, key, _ = place_of(file, random)
    del holder[key]
    return printed(file)


@way
def renamed(file: Json, _pool: list[Json], random: Random) -> bytes:
    """A member has another name."""
    holder, key, _ = place_of(file, random)
    names = [f"{key}s", str(key).upper(), f" {key}", "__proto__", "toString", "", "constructor", str(key)[:-1]]
    if isinstance(holder, dict):
        holder[random.choice(names)] = holder.pop(key)
    else:
        holder.append(holder.pop(key))
    return printed(file)


@way
def retyped(file: Json, _pool: list[Json], random: Random) -> bytes:
    """A value is of another type."""
    holder, key, _ = place_of(file, random)
    return spelled(file, holder, key, random.choice(OTHERS))


@way
def wrapped(file: Json, _pool: list[Json], random: Random) -> bytes:
    """A value stands in an array or an object of its own, or an item stands where the array stood."""
    holder, key, _ = place_of(file, random)
    value = holder[key]
    if isinstance(value, list) and value and random.random() < 0.5:
        holder[key] = value[0]
    else:
        holder[key] = random.choice([[value], {"id": value}, [value, value], {"@value": value}, [[value]]])
    return printed(file)


@way
def twice(file: Json, _pool: list[Json], random: Random) -> bytes:
    """A member stands twice, equal or not; or an item does."""
    holder, key, _ = place_of(file, random)
    if isinstance(holder, list):
        holder.insert(key, copy.deepcopy(holder[key]))
        return printed(file)
    value = json.dumps(holder[key])
    other = random.choice([value, *OTHERS])
    again = random.choice([json.dumps(key), '"' + "".join(f"\\u{ord(c):04x}" for c in key) + '"'])
    return spelled(file, holder, key, f"{value},{again}:{other}")


@way
def added(file: Json, _pool: list[Json], random: Random) -> bytes:
    """A member too many."""
    holder, key, _ = place_of(file, random)
    holder = holder[key] if isinstance(holder[key], dict) else file
    name = random.choice(
        ["extra", "__proto__", "proof", "later", "orgSalt", "n", "@context", "id", "type", "refers", "entries"]
    )
    holder.setdefault(name, random.choice([None, {}, [], "x", 1, True]))
    return printed(file)


@way
def numbered(file: Json, _pool: list[Json], random: Random) -> bytes:
    """A number is another one, or of a strange spelling."""
    holder, key, _ = place_of(file, random, int if random.random() < 0.7 else object)
    return spelled(file, holder, key, random.choice(NUMBERS))


@way
def worded(file: Json, _pool: list[Json], random: Random) -> bytes:
    """A text is another one, or of a strange spelling."""
    holder, key, _ = place_of(file, random, str)
    return spelled(file, holder, key, random.choice(TEXTS))


@way
def edited(file: Json, _pool: list[Json], random: Random) -> bytes:
    """A text is nearly the same."""
    holder, key, _ = place_of(file, random, str)
    text, at = str(holder[key]), random.randrange(len(str(holder[key])) + 1)
    more = random.choice(
        [" ", "\n", "\ufeff", "\u2028", "\u0000", "A", "=", "\U0001f600", "\u0085", "\\", '"', "\u00a0", "\r"]
    )
    holder[key] = random.choice(
        [text[:at] + more + text[at:], text[:at] + text[at + 1 :], text.swapcase(), text + text]
    )
    return printed(file)


@way
def of_another(file: Json, pool: list[Json], random: Random) -> bytes:
    """A part is that of another organization or of another time."""
    holder, key, path = place_of(file, random)
    other = random.choice(pool)
    try:
        holder[key] = copy.deepcopy(_at(other, path))
    except (KeyError, IndexError, TypeError):
        name = random.choice(sorted(other))
        file[name] = copy.deepcopy(other[name])
    return printed(file)


@way
def parts_swapped(file: Json, pool: list[Json], random: Random) -> bytes:
    """Two parts change places, or some parts come from another file together."""
    names = sorted(file)
    if random.random() < 0.5:
        first, second = random.choice(names), random.choice(names)
        file[first], file[second] = file[second], file[first]
        return printed(file)
    other = random.choice(pool)
    for name in random.sample(names, random.randrange(1, len(names))):
        if name in other:
            file[name] = copy.deepcopy(other[name])
        else:
            del file[name]
    return printed(file)


@way
def list_reordered(file: Json, pool: list[Json], random: Random) -> bytes:
    """Later or listed entries, proofs, status entries: fewer, more, in another order, or of another file."""
    holder, key, path = place_of(file, random, list)
    items = holder[key]
    if not isinstance(items, list) or not items:
        file["later"] = random.choice([[], None, [file.get("entry")], random.choice(pool).get("later")])
        return printed(file)
    match random.randrange(6):
        case 0:
            items.reverse()
        case 1:
            items.append(copy.deepcopy(random.choice(items)))
        case 2:
            items.pop(random.randrange(len(items)))
        case 3:
            items[:] = items * random.choice([2, 9, 25])
        case 4:
            items.clear()
        case _:
            others = [each[0][each[1]] for each in places(random.choice(pool)) if each[2][-1] == path[-1]]
            items.extend(copy.deepcopy(each) for each in others[:1])
    return printed(file)


@way
def whole_text(file: Json, _pool: list[Json], random: Random) -> bytes:
    """The file as a whole is cut, or begins or ends with something else."""
    data = printed(file)
    at = random.randrange(len(data))
    white = random.choice([b" ", b"\n", b"\t", b"\r", b"\x0b", b"\x0c", "\u00a0".encode(), "\u2028".encode(), b"\x00"])
    return random.choice(
        [
            data[:at],
            b"\xef\xbb\xbf" + data,
            white + data,
            data + white,
            data + data,
            b"[" + data + b"]",
            data[:at] + white + data[at:],
            data[:at] + b"\xff" + data[at:],
            b"",
            b"{}",
            b"[" * random.choice([1, 63, 64, 65, 70_000]) + data,
            data.decode().encode("utf-16"),
            data.replace(b":", b" :\r\n ", 3),
            data[:-1] + b',"x":' + b"[" * 62 + b"]" * 62 + b"}",
            data[:-1] + b',"x":[' + b"0," * random.choice([99_000, 100_000]) + b"0]}",
            data[:-1] + b',"x":"' + b"x" * random.choice([200_000, 260_000]) + b'"}',
        ]
    )


@way
def any_byte(file: Json, _pool: list[Json], random: Random) -> bytes:
    """A bit of the file is another."""
    return flipped(printed(file), random)
