"""Seeded damage to what the parts of a file hold: base64, entries, proofs, checkpoints, dates, statements.

`damaged` does one of all the ways, those of `any_form` among them.
"""

import base64
import binascii
import copy
import json
from collections.abc import Callable
from random import Random
from typing import Any

from tests.mutations.any_form import (
    NUMBERS,
    OTHERS,
    TEXTS,
    WAYS,
    Json,
    flipped,
    places,
    printed,
    spelled,
    way,
)

#: what mostly is no evidence at all
_MOSTLY_BROKEN = {
    "whole_text", "any_byte", "twice", "numbered", "spelled_base64", "cut_inside", "flipped_inside", "worded", "edited",
}  # fmt: skip


def damaged(seed: str, files: dict[str, Json]) -> tuple[str, str, bytes]:
    """(the way, the file that it was done to, the bytes): one of many, by its seed."""
    random = Random(seed)
    names = sorted(WAYS)
    (name,) = random.choices(names, [1 if name in _MOSTLY_BROKEN else 3 for name in names])
    base = random.choice(sorted(files))
    pool = [other for key, other in sorted(files.items()) if key != base]
    data = WAYS[name](copy.deepcopy(files[base]), pool, random)
    if random.random() < 0.02:
        data = flipped(data, random)
    return name, base, data


def _decoded(text: Any) -> bytes | None:
    if not isinstance(text, str) or len(text) < 8:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _encoded_place(file: Json, random: Random, fits: Callable[[bytes], bool] = bool) -> tuple[Any, Any, bytes] | None:
    """A text that is base64 of fitting bytes."""
    known = [(holder, key, data) for holder, key, _ in places(file) if (data := _decoded(holder[key])) and fits(data)]
    return random.choice(known) if known else None


@way
def flipped_inside(file: Json, _pool: list[Json], random: Random) -> bytes:
    """A bit of what base64 holds is another."""
    place = _encoded_place(file, random)
    if place is not None:
        holder, key, data = place
        holder[key] = base64.b64encode(flipped(data, random)).decode()
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
    texts = [each for each in places(file) if isinstance(each[0][each[1]], str) and "\n" in each[0][each[1]]]
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
        for holder, key, _ in list(places(file)):
            if isinstance(holder[key], str):
                holder[key] = holder[key].replace(old, new)


@way
def dated(file: Json, _pool: list[Json], random: Random) -> bytes:
    """A date or a time is another, or of a strange form."""
    named = ("validFrom", "created", "eventDate", "statusFrom", "effective", "validUntil")
    known = [each for each in places(file) if each[1] in named]
    if not known:
        return printed(file)
    holder, key, _ = random.choice(known)
    return spelled(
        file, holder, key, random.choice([text for text in TEXTS if text[1:2].isdigit() or text[1:2] == "+"])
    )


@way
def statement_spelled(file: Json, _pool: list[Json], random: Random) -> bytes:
    """Something in the statement or in one of its proofs is of another type or spelling, the rest as it was."""
    documents = [
        each for each in places(file) if each[1] in ("credential", "document") and isinstance(each[0][each[1]], dict)
    ]
    if not documents:
        return printed(file)
    document, member, _ = random.choice(documents)
    holder, key, _ = random.choice(list(places(document[member])))
    return spelled(file, holder, key, random.choice((*TEXTS, *NUMBERS[:12], *OTHERS)))


@way
def checkpoint_changed(file: Json, _pool: list[Json], random: Random) -> bytes:
    """Origin, size, root or a signature is another, everywhere alike."""
    texts = [
        str(each[0][each[1]])
        for each in places(file)
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
