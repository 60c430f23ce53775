"""Seeded damage to any file that a verifier reads, evidence or completeness: for two verifiers that must say the same of it.

Most of it is nonsense, as a hostile or broken sender makes it; a part is nearly right. `WAYS` by name; each takes the parsed file, a
pool of other files, and seeded randomness, and gives the bytes of the changed one. What an honest verdict on it is, nobody says here.
"""

import base64
import binascii
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
    '"\\ud800"', '"\\udc00\\ud800"', '"\\ud83d\\ude00"', '"\\u0000"', '"\\ufeff"', '""', '" "', '"\\u2028"', '"\\u00a0x"', '"x\\n"',
    '"\\ud83d"', '"\\/"', '"\\x"', '"\t"', '"é"', '"e\\u0301"', '"\\u0085"', '"__proto__"', '"constructor"', '"0"', '"-1"', '"1.0"',
    '"2026-01-02T03:04:05Z"', '"2026-01-02T03:04:05.000Z"', '"2026-02-30T00:00:00Z"', '"9999-12-31T23:59:59Z"', '"0000-01-01T00:00:00Z"',
    '"2026-01-02T03:04:05+00:00"', '"2026-01-02T24:00:00Z"', '"2021-02-03"', '"+12026-01-01T00:00:00Z"',
)  # fmt: skip
OTHERS = ("null", "true", "false", "[]", "{}", "[null]", "[[]]", '[""]', "[{}]", '{"id":""}', '{"0":0}')
_MARK = "\u0001here\u0001"


def way(act: Way) -> Way:
    """Enters a function into `WAYS`, by its name."""
    WAYS[act.__name__] = act
    return act


def damaged(seed: str, files: dict[str, Json]) -> tuple[str, str, bytes]:
    """(the way, the file that it was done to, the bytes): one of many, by its seed."""
    random = Random(seed)
    names = sorted(WAYS)
    (name,) = random.choices(names, [1 if WAYS[name] in _MOSTLY_BROKEN else 3 for name in names])
    base = random.choice(sorted(files))
    pool = [other for key, other in sorted(files.items()) if key != base]
    data = WAYS[name](copy.deepcopy(files[base]), pool, random)
    if random.random() < 0.02:
        data = _flipped(data, random)
    return name, base, data


def printed(value: Any) -> bytes:
    """The bytes of a file, as ours are written."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, Any, tuple[Any, ...]]]:
    """(holder, key, path) of every value inside a value."""
    members: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield value, key, (*path, key)
        yield from _places(member, (*path, key))


def _place(file: Json, random: Random, of: type = object) -> tuple[Any, Any, tuple[Any, ...]]:
    """Some place whose value is of that type; those near the top as often as all the many below."""
    places = [each for each in _places(file) if isinstance(each[0][each[1]], of)]
    depth = random.randrange(1, 6)
    near = [each for each in places if len(each[2]) <= depth]
    return random.choice(near or places or list(_places(file)))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def _spelled(file: Json, holder: Any, key: Any, spelling: str) -> bytes:
    """The file with that value spelled just so."""
    holder[key] = _MARK
    return printed(file).replace(json.dumps(_MARK).encode(), spelling.encode("utf-8", "surrogatepass"), 1)


def _flipped(data: bytes, random: Random) -> bytes:
    if not data:
        return b"{"
    changed, at = bytearray(data), random.randrange(len(data))
    changed[at] ^= 1 << random.randrange(8)
    return bytes(changed)


def _decoded(text: Any) -> bytes | None:
    if not isinstance(text, str) or len(text) < 8:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _encoded_place(file: Json, random: Random, fits: Callable[[bytes], bool] = bool) -> tuple[Any, Any, bytes] | None:
    """A text that is base64 of fitting bytes."""
    places = [(holder, key, data) for holder, key, _ in _places(file) if (data := _decoded(holder[key])) and fits(data)]
    return random.choice(places) if places else None


@way
def as_it_is(file: Json, _pool: list[Json], _random: Random) -> bytes:
    """Nothing is done: only day, moment and trust differ."""
    return printed(file)


@way
def dropped(file: Json, _pool: list[Json], random: Random) -> bytes:
    """A member or an item is gone."""
    holder, key, _ = _place(file, random)
    del holder[key]
    return printed(file)


@way
def renamed(file: Json, _pool: list[Json], random: Random) -> bytes:
    """A member has another name."""
    holder, key, _ = _place(file, random)
    names = [f"{key}s", str(key).upper(), f" {key}", "__proto__", "toString", "", "constructor", str(key)[:-1]]
    if isinstance(holder, dict):
        holder[random.choice(names)] = holder.pop(key)
    else:
        holder.append(holder.pop(key))
    return printed(file)


@way
def retyped(file: Json, _pool: list[Json], random: Random) -> bytes:
    """A value is of another type."""
    holder, key, _ = _place(file, random)
    return _spelled(file, holder, key, random.choice(OTHERS))


@way
def wrapped(file: Json, _pool: list[Json], random: Random) -> bytes:
    """A value stands in an array or an object of its own, or an item stands where the array stood."""
    holder, key, _ = _place(file, random)
    value = holder[key]
    if isinstance(value, list) and value and random.random() < 0.5:
        holder[key] = value[0]
    else:
        holder[key] = random.choice([[value], {"id": value}, [value, value], {"@value": value}, [[value]]])
    return printed(file)


@way
def twice(file: Json, _pool: list[Json], random: Random) -> bytes:
    """A member stands twice, equal or not; or an item does."""
    holder, key, _ = _place(file, random)
    if isinstance(holder, list):
        holder.insert(key, copy.deepcopy(holder[key]))
        return printed(file)
    value = json.dumps(holder[key])
    other = random.choice([value, *OTHERS])
    spelled = random.choice([json.dumps(key), '"' + "".join(f"\\u{ord(c):04x}" for c in key) + '"'])
    return _spelled(file, holder, key, f"{value},{spelled}:{other}")


@way
def added(file: Json, _pool: list[Json], random: Random) -> bytes:
    """A member too many."""
    holder, key, _ = _place(file, random)
    holder = holder[key] if isinstance(holder[key], dict) else file
    name = random.choice(
        ["extra", "__proto__", "proof", "later", "orgSalt", "n", "@context", "id", "type", "refers", "entries"]
    )
    holder.setdefault(name, random.choice([None, {}, [], "x", 1, True]))
    return printed(file)


@way
def numbered(file: Json, _pool: list[Json], random: Random) -> bytes:
    """A number is another one, or of a strange spelling."""
    holder, key, _ = _place(file, random, int if random.random() < 0.7 else object)
    return _spelled(file, holder, key, random.choice(NUMBERS))


@way
def worded(file: Json, _pool: list[Json], random: Random) -> bytes:
    """A text is another one, or of a strange spelling."""
    holder, key, _ = _place(file, random, str)
    return _spelled(file, holder, key, random.choice(TEXTS))


@way
def edited(file: Json, _pool: list[Json], random: Random) -> bytes:
    """A text is nearly the same."""
    holder, key, _ = _place(file, random, str)
    text, at = str(holder[key]), random.randrange(len(str(holder[key])) + 1)
    more = random.choice(
        [" ", "\n", "\ufeff", "\u2028", "\u0000", "A", "=", "\U0001f600", "\u0085", "\\", '"', "\u00a0", "\r"]
    )
    holder[key] = random.choice(
        [text[:at] + more + text[at:], text[:at] + text[at + 1 :], text.swapcase(), text + text]
    )
    return printed(file)


@way
def flipped_inside(file: Json, _pool: list[Json], random: Random) -> bytes:
    """A bit of what base64 holds is another."""
    place = _encoded_place(file, random)
    if place is not None:
        holder, key, data = place
        holder[key] = base64.b64encode(_flipped(data, random)).decode()
    return printed(file)


@way
def cut_inside(file: Json, _pool: list[Json], random: Random) -> bytes:
    """What base64 holds is shorter or longer, by some bytes or by a whole hash or step."""
    place = _encoded_place(file, random)
    if place is not None:
        holder, key, data = place
        size = random.choice([1, 2, 31, 32, 33, 64, 66])
        changed = [data[size:], data[:-size], data + data[:size], data + bytes(size), data[:size] + data, b""]
        holder[key] = base64.b64encode(random.choice(changed)).decode()
    return printed(file)


@way
def spelled_base64(file: Json, _pool: list[Json], random: Random) -> bytes:
    """The same bytes in another base64, or in none."""
    place = _encoded_place(file, random)
    if place is not None:
        holder, key, _ = place
        text = str(holder[key])
        holder[key] = random.choice(
            [
                text.rstrip("="),
                text + "=",
                text + "\n",
                text.replace("+", "-").replace("/", "_"),
                text[:4] + "\n" + text[4:],
                text[:-1] + "é",
                text[:-2] + chr(ord(text[-2]) + 1) + text[-1],
            ]
        )
    return printed(file)


@way
def entry_changed(file: Json, _pool: list[Json], random: Random) -> bytes:
    """A member of an entry is gone, new, or another; the entry printed as entries are, or nearly."""
    place = _encoded_place(file, random, lambda data: data.startswith(b"{"))
    if place is None:
        return printed(file)
    holder, key, data = place
    logged = json.loads(data)
    name = random.choice([*logged, "effective", "refers", "reason", "org", "kind", "time", "index"])
    match random.randrange(4):
        case 0:
            logged.pop(name, None)
        case 1:
            logged[name] = random.choice(
                [None, 0, -1, "x", [], [0], [1, 0], "2021-02-30", "2020-01-01T00:00:00Z", True, "erase", 2**53]
            )
        case 2:
            logged[name] = random.choice(["issue", "supersede", "correct", "status", "key", "note", "erase", "policy"])
        case _ if isinstance(logged.get(name), int):
            logged[name] += random.choice([1, -1, 1000, 86_400_000])
        case _ if isinstance(logged.get(name), str):
            logged[name] = logged[name][:-1]
        case _:
            logged["v"] = 2
    text = json.dumps(logged, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    text = random.choice([text, text, text, text, f"{text} ", text.replace(":", ": ", 1), "\ufeff" + text])
    holder[key] = base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()
    return printed(file)


@way
def lines_changed(file: Json, _pool: list[Json], random: Random) -> bytes:
    """A line of a proof or of a checkpoint is gone, twice, elsewhere, or another; often in all of them alike."""
    texts = [each for each in _places(file) if isinstance(each[0][each[1]], str) and "\n" in each[0][each[1]]]
    if not texts:
        return printed(file)
    holder, key, _ = random.choice(texts)
    old = str(holder[key])
    lines = old.split("\n")
    at, other = random.randrange(len(lines)), random.randrange(len(lines))
    match random.randrange(7):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[at])
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            lines[at] = random.choice(
                [
                    "",
                    " ",
                    "index 0",
                    "index 01",
                    "index -1",
                    "extra AAAA",
                    "— x AAAAAAA=",
                    "0",
                    "\u2014 a b",
                    lines[at] + " ",
                ]
            )
        case 4 if lines[at]:
            place = random.randrange(len(lines[at]))
            lines[at] = lines[at][:place] + random.choice("AB09+/= é\r\t") + lines[at][place + 1 :]
        case 5:
            lines.insert(at, random.choice(["", "— witness.example/w1 AAAAAAAAAAAA", "AAAA", "x"]))
        case _:
            lines = lines[:at]
    new = "\n".join(lines)
    if random.random() < 0.5:
        _replace_all(file, old.partition("\n\n")[2], new.partition("\n\n")[2])
    holder[key] = new
    return printed(file)


def _replace_all(file: Json, old: str, new: str) -> None:
    """Every text of the file that holds that checkpoint holds another one."""
    if old:
        for holder, key, _ in list(_places(file)):
            if isinstance(holder[key], str):
                holder[key] = holder[key].replace(old, new)


@way
def of_another(file: Json, pool: list[Json], random: Random) -> bytes:
    """A part is that of another organization or of another time."""
    holder, key, path = _place(file, random)
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
    holder, key, path = _place(file, random, list)
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
            others = [each[0][each[1]] for each in _places(random.choice(pool)) if each[2][-1] == path[-1]]
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
    return _flipped(printed(file), random)


@way
def dated(file: Json, _pool: list[Json], random: Random) -> bytes:
    """A date or a time is another, or of a strange form."""
    named = ("validFrom", "created", "eventDate", "statusFrom", "effective", "validUntil")
    places = [each for each in _places(file) if each[1] in named]
    if not places:
        return printed(file)
    holder, key, _ = random.choice(places)
    return _spelled(
        file, holder, key, random.choice([text for text in TEXTS if text[1:2].isdigit() or text[1:2] == "+"])
    )


@way
def statement_spelled(file: Json, _pool: list[Json], random: Random) -> bytes:
    """Something in the statement or in one of its proofs is of another type or spelling, the rest as it was."""
    documents = [
        each for each in _places(file) if each[1] in ("credential", "document") and isinstance(each[0][each[1]], dict)
    ]
    if not documents:
        return printed(file)
    document, member, _ = random.choice(documents)
    places = list(_places(document[member]))
    holder, key, _ = random.choice(places)
    return _spelled(file, holder, key, random.choice((*TEXTS, *NUMBERS[:12], *OTHERS)))


@way
def checkpoint_changed(file: Json, _pool: list[Json], random: Random) -> bytes:
    """Origin, size, root or a signature is another, everywhere alike."""
    texts = [
        str(each[0][each[1]])
        for each in _places(file)
        if isinstance(each[0][each[1]], str) and "\n\n\u2014 " in each[0][each[1]]
    ]
    if not texts:
        return printed(file)
    text = random.choice(texts)
    signed = text.partition("\n\n")[2] if text.startswith("c2sp.org/") else text
    lines = signed.split("\n")
    match random.randrange(5):
        case 0:
            lines[0] = random.choice(
                ["", "localhost:8000", "localhost:8001", "x y", "\ufeff", f"{lines[0]}/index", f"{lines[0]} ", "a+b"]
            )
        case 1 if len(lines) > 1:
            sizes = [
                "0",
                "1",
                "01",
                "-1",
                "+3",
                "1_0",
                "\uff11",
                " 1",
                "",
                "9007199254740991",
                "9007199254740993",
                "1" + "0" * 25,
                "9" * 5000,
            ]
            lines[1] = random.choice(sizes)
        case 2 if len(lines) > 2:
            lines[2] = random.choice(
                ["", "AAAA", lines[2][:-1], f"{lines[2]}=", "A" * 43 + "=", "A" * 42 + "B=", "\u00e9"]
            )
        case 3:
            at = random.randrange(len(lines))
            lines[at] = lines[at][:-4] + random.choice(["AAA=", "AA==", "AAAA", "", "B" * 200])
        case _:
            lines.insert(
                random.randrange(1, len(lines) + 1), random.choice([lines[-2], "", "extension", "\u2014 x AAAAAAA="])
            )
    _replace_all(file, signed, "\n".join(lines))
    return printed(file)


#: what mostly is no evidence at all
_MOSTLY_BROKEN = (whole_text, any_byte, twice, numbered, spelled_base64, cut_inside, flipped_inside, worded, edited)
