"""`make bench-relevance`: how often the right organization comes first, beside plain FTS5 and brute-force RapidFuzz.

One JSON object per class of questions: recall at 1 and at 10, mean reciprocal rank, milliseconds. Invented names (`bench_names`),
and the real registers beside the checkout where they are. A hit is the organization, or one with the very same name. With
`--engine`, an Elasticsearch node beside them: ours on it, and its own `fuzziness: AUTO`. Asserts nothing.
"""

import argparse
import csv
import gzip
import io
import json
import lzma
import random
import sqlite3
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import bench_names
from bench_engine import Engine
from rapidfuzz import fuzz, process, utils

from search.index.embedded import EmbeddedIndex
from search.question.document import Document, NameEntry
from search.question.letters import fold
from search.question.names import analyse
from search.question.query import Filters, parse_query

DATA = Path(__file__).parent.parent.parent / "shared" / "data"
_ADDED = ("Dept of Chemistry", "Accounts Payable", "Vancouver", "Head Office", "Toronto", "Faculty of Medicine")
_FORMS = (("limited", "Ltée"), ("ltd.", "Limitée"), ("ltd", "Limited"), ("inc.", "Incorporée"), ("inc", "Incorporated"))
Ask = Callable[[str], list[str]]


class Field:
    """Three ways of asking the same names, or five where there is an engine."""

    def __init__(self, documents: list[Document], folder: Path, url: str = "") -> None:
        self.engine = Engine(url, documents) if url else None
        path = Path(tempfile.mkdtemp(dir=folder)) / "index.db"
        self._index = EmbeddedIndex(path)
        start = time.perf_counter()
        self._index.rebuild(documents, 1)
        self.built = time.perf_counter() - start
        self.bytes = path.stat().st_size
        rows = [(document.number, name.text) for document in documents for name in document.names]
        self._owners = [number for number, _ in rows]
        self._names = [utils.default_process(name) for _, name in rows]
        self._plain = sqlite3.connect(":memory:")
        self._plain.execute("CREATE VIRTUAL TABLE names USING fts5 (number UNINDEXED, name)")
        self._plain.executemany("INSERT INTO names VALUES (?, ?)", rows)
        self._same: dict[str, set[str]] = defaultdict(set)
        for number, name in rows:
            self._same[min(analyse(name).keys, default="")].add(number)

    def right(self, document: Document) -> set[str]:
        """The numbers that are right answers for it."""
        return {number for name in document.names for number in self._same[min(analyse(name.text).keys, default="")]}

    def ours(self, text: str) -> list[str]:
        return [hit.document.number for hit in self._index.search(parse_query(text), Filters(), None, 10).hits]

    def suggested(self, text: str) -> list[str]:
        return [hit.document.number for hit in self._index.suggest(parse_query(text), Filters(), 10)]

    def plain(self, text: str) -> list[str]:
        words = "".join(char if char.isalnum() else " " for char in fold(text)).split()
        if not words:
            return []
        match = " ".join(f'"{word}"' for word in words)
        sql = "SELECT number FROM names WHERE names MATCH ? ORDER BY rank LIMIT 10"
        return [number for (number,) in self._plain.execute(sql, (match,))]

    def fuzzy(self, text: str) -> list[str]:
        best = process.extract(utils.default_process(text), self._names, scorer=fuzz.WRatio, limit=40)
        return list(dict.fromkeys(self._owners[place] for _, _, place in best))[:10]


def measured(field: Field, ask: Ask, questions: list[tuple[str, Document]]) -> dict[str, float]:
    """Recall at 1 and 10, mean reciprocal rank, milliseconds at the median and for the slowest hundredth.

    `cpu_p99_ms`: the same of processor time, for a machine that does other things besides.
    """
    ranks, times, spent = [], [], []
    for text, document in questions:
        right = field.right(document)
        start, processor = time.perf_counter(), time.process_time()
        numbers = ask(text)
        times.append((time.perf_counter() - start) * 1000)
        spent.append((time.process_time() - processor) * 1000)
        ranks.append(next((at for at, number in enumerate(numbers, 1) if number in right), 0))
    count = len(questions)
    times.sort()
    spent.sort()
    return {
        "recall1": round(sum(rank == 1 for rank in ranks) / count, 3),
        "recall10": round(sum(rank > 0 for rank in ranks) / count, 3),
        "mrr": round(sum(1 / rank for rank in ranks if rank) / count, 3),
        "p50_ms": round(times[count // 2], 2),
        "p99_ms": round(times[int(count * 0.99)], 2),
        "cpu_p99_ms": round(spent[int(count * 0.99)], 2),
    }


def say(bench: str, field: Field, questions: list[tuple[str, Document]], fuzzy: int) -> None:
    """One row; `fuzzy`: how many of the questions the brute force is asked."""
    if not questions:
        return
    ours, plain = measured(field, field.ours, questions), measured(field, field.plain, questions)
    brute = measured(field, field.fuzzy, questions[:fuzzy]) if fuzzy else None
    row = {
        "bench": bench,
        "value": ours["recall1"],
        "unit": "recall@1",
        "ratio_to": "rapidfuzz" if brute else "fts5",
        "ratio": round(ours["recall1"] / max((brute or plain)["recall1"], 0.001), 3),
        "questions": len(questions),
        "ours": ours,
        "fts5": plain,
        "rapidfuzz": brute,
    }
    if field.engine is not None:
        row["elasticsearch"] = measured(field, field.engine.ours, questions)
        row["elasticsearch_auto"] = measured(field, field.engine.plain, questions)
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


def messy(chance: random.Random, name: str) -> str:
    """A name as it stands in somebody's list: cut short, something added, letters wrong, another form, a word left out."""
    words, kind = name.split(), chance.randrange(5)
    if kind == 0:
        return " ".join(word[:5] if len(word) > 6 and chance.random() < 0.5 else word for word in words)
    if kind == 1:
        return f"{name} {chance.choice(_ADDED)}"
    if kind == 2:
        return " ".join(
            bench_names.typo(chance, word) if len(word) > 4 and chance.random() < 0.5 else word for word in words
        )
    if kind == 3:
        other = next((form for own, form in _FORMS if words[-1].lower() == own), None)
        return " ".join([*words[:-1], other]) if other else name.upper()
    return " ".join(words[:1] + words[2:]) if len(words) > 3 else name.lower()


def invented(arguments: argparse.Namespace, folder: Path) -> None:
    """The classes of questions about invented organizations, and how soon suggestions come."""
    documents = list(bench_names.documents(arguments.organizations))
    field = Field(documents, folder, arguments.engine)
    chance = random.Random(11)
    for name, question in bench_names.CLASSES.items():
        questions = []
        for document in chance.sample(documents, min(len(documents), arguments.per_class * 40)):
            text = question(chance, str(document.name))
            numbered = str(document.name)[0].isdigit()
            if text and (numbered == (name == "numbered company")) and len(field.right(document)) <= 3:
                questions.append((text, document))
            if len(questions) == arguments.per_class:
                break
        say(f"invented {arguments.organizations}: {name}", field, questions, arguments.fuzzy)
    sample = chance.sample(documents, arguments.per_class)
    with_former = [document for document in documents if len(document.names) > 1][: arguments.per_class]
    say("invented: number", field, [(document.number.lower(), document) for document in sample], 0)
    say("invented: former name", field, [(each.names[1].text, each) for each in with_former], arguments.fuzzy)
    former = [(bench_names.CLASSES["one typo"](chance, each.names[1].text), each) for each in with_former]
    say("invented: former name, one typo", field, [each for each in former if each[0]], arguments.fuzzy)
    begun = [(str(document.name)[: chance.randrange(1, 9)], document) for document in sample for _ in range(5)]
    asks = [("suggest", field.suggested), ("suggest, plain FTS5", field.plain)]
    if field.engine is not None:
        asks.append(("suggest, Elasticsearch", field.engine.suggested))
        row = {"bench": "elasticsearch", "value": field.engine.bytes, "unit": "bytes", "ratio_to": "embedded"}
        row |= {"ratio": round(field.engine.bytes / field.bytes, 2), "build_s": round(field.engine.built, 1)}
        sys.stdout.write(json.dumps(row) + "\n")
    for bench, ask in asks:
        times = measured(field, ask, begun)
        row = {"bench": bench, "value": times["p99_ms"], "unit": "ms at p99", "ratio_to": bench, "ratio": 1.0}
        sys.stdout.write(
            json.dumps(
                {**row, "cpu_p99_ms": times["cpu_p99_ms"], "p50_ms": times["p50_ms"], "build_s": round(field.built, 1)}
            )
            + "\n"
        )


def real(name: str, documents: list[Document], arguments: argparse.Namespace, folder: Path) -> None:
    """Known-item searches in a real register: other names as they stand, with a letter wrong, and messy spellings."""
    field = Field(documents, folder, arguments.engine)
    chance = random.Random(5)
    sample = chance.sample(documents, min(len(documents), arguments.per_class * 8))
    others = [(entry.text, each) for each in sample for entry in each.names[1:2]][: arguments.per_class]
    say(f"{name}: other names", field, others, arguments.fuzzy)
    current = [(str(each.name), each) for each in sample if len(str(each.name)) > 6][: arguments.per_class]
    if all(char < "\u3040" for text, _ in current for char in text):
        say(f"{name}: accents", field, [(bench_names.plain(text), each) for text, each in current], arguments.fuzzy)
    for bench, names in (("one typo", current), ("other names, one typo", others)):
        typed = [(bench_names.CLASSES["one typo"](chance, text), each) for text, each in names]
        say(f"{name}: {bench}", field, [pair for pair in typed if pair[0]], arguments.fuzzy)
    if not all(str(document.name).isascii() for document in documents[:50]):
        cores = [
            ("".join(word.text for word in analyse(text).core), each) for text, each in current if not text.isascii()
        ]
        inner = [(core[1:6], each) for core, each in cores if len(core) > 5]
        say(f"{name}: inner parts", field, inner, arguments.fuzzy)
    say(f"{name}: messy", field, [(messy(chance, text), each) for text, each in current], arguments.fuzzy)


def _document(at: int, number: str, names: Iterable[tuple[str, str]]) -> Document:
    entries = tuple(NameEntry(text, kind) for text, kind in islice(dict.fromkeys(names), 200))
    return Document("real", number, at, at, 1, entries[0].text, "Active", "C", names=entries)


def _rows(path: str, encoding: str = "utf-8") -> Iterator[str]:
    with gzip.open(DATA / path) as file:
        yield from io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")


def isle_of_man() -> list[Document]:
    """Companies of the Isle of Man, with former names."""
    names: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in csv.DictReader(_rows("im-companies/register_2024-05-04.csv.gz")):
        names[row["Number"]].append((row["Name"], "former" if row["Name Status"] == "Previous" else "legal"))
    return [
        _document(at, number, sorted(each, key=lambda name: name[1] == "former"))
        for at, (number, each) in enumerate(names.items())
    ]


def canadian() -> list[Document]:
    """Names of Canadian employers, businesses and licence holders."""
    names: dict[str, None] = {}
    for path, column in (
        ("ca-employer-names/lmia_positive_2024q1_part.csv.gz", "employer"),
        ("ca-bc-indigenous-businesses/bc_indigenous_businesses_2025.csv.gz", "business_name"),
        ("ca-vancouver-licences/business_licences_restaurants_2024_2025.csv.gz", "BusinessName"),
    ):
        names.update(dict.fromkeys(row[column].strip() for row in csv.DictReader(_rows(path))))
    return [_document(at, str(at), [(name, "legal")]) for at, name in enumerate(filter(None, names))]


def tottori() -> list[Document]:
    """Corporations of Tottori, in Japanese, some with an English name."""
    documents = {}
    for at, row in enumerate(csv.reader(_rows("jp-tottori-register/31_tottori_all_20260731.cp932.csv.gz", "cp932"))):
        names = [(row[6], "legal")] + ([(row[24], "translated")] if row[24] else [])
        documents[row[1]] = _document(at, row[1], names)
    return list(documents.values())


def research_organizations() -> list[Document]:
    """Research organizations of ROR, with aliases and labels in many languages."""
    documents = {}
    path = DATA / "ror-organizations" / "records_v1.45_to_v2.6_schema2.jsonl.xz"
    with lzma.open(path, "rt", encoding="utf-8") as file:
        for at, line in enumerate(file):
            record = json.loads(line)["record"]
            names = [
                (each["value"], "legal" if "ror_display" in each["types"] else "assumed") for each in record["names"]
            ]
            documents[record["id"]] = _document(
                at, record["id"][-9:], sorted(names, key=lambda name: name[1] != "legal")
            )
    return list(documents.values())


REAL = {
    "isle of man": isle_of_man,
    "canadian names": canadian,
    "tottori": tottori,
    "ror": research_organizations,
}


def main() -> None:
    """Everything that was asked for, in one run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--organizations", type=int, default=100_000)
    parser.add_argument("--per-class", type=int, default=100)
    parser.add_argument("--fuzzy", type=int, default=20, help="questions of each class that the brute force is asked")
    parser.add_argument(
        "--engine", default="", help="address of an Elasticsearch node, or `own` for one built for the tests"
    )
    parser.add_argument("--only", default="", help="invented, or one of " + ", ".join(REAL))
    arguments = parser.parse_args()
    node = None
    if arguments.engine == "own":
        # here, since the node comes with the tests
        from tests.builders.search_node import Node

        node = Node(heap="1g")
        node.start()
        arguments.engine = node.url
    try:
        run(arguments)
    finally:
        if node is not None:
            node.remove()


def run(arguments: argparse.Namespace) -> None:
    """All benches, or the one that is asked for."""
    with tempfile.TemporaryDirectory() as folder:
        if arguments.only in ("", "invented"):
            invented(arguments, Path(folder))
        for name, load in REAL.items():
            if arguments.only in ("", name) and DATA.exists():
                real(name, load(), arguments, Path(folder))


if __name__ == "__main__":
    main()
