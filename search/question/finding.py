"""From a question to its answers, in order, for every index. Pure.

What matches for certain (`asked`) is gathered first; where that is little, names that are like it (`widening`); one judge
(`score`) puts all in order. Each organization stands once, by its best name. Where more match for certain than were looked at,
the others follow in the order of their ranks, to the last.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from search.question import match
from search.question.asked import ACRONYM, Asked, asked, spelled
from search.question.document import ACTIVE_SHIFT, Document, date_order, name_order, organization_of, place_of
from search.question.index import (
    COUNT_CAP,
    FACETS,
    Counts,
    Facet,
    Near,
    Outcome,
    Page,
    Postings,
    Row,
    Sought,
    is_unsure,
)
from search.question.index import SIMILAR as SIMILAR_SHOWN
from search.question.match import BEST, OTHERS, Hit, Position
from search.question.names import compact_number, squeeze
from search.question.query import Filters, Query, opened
from search.question.score import Judge, Read, Score, adjusted, parse_read, weigher
from search.question.widening import corrected, widened

#: names looked at in each step
BREADTH, SUGGESTED_BREADTH = 200, 60
#: organizations from which on names that are merely like the question are not looked for
ENOUGH = 10
#: a score from which on a name that is like the question is a result, and one from which on it is similar
CLOSE, SIMILAR = 0.54, 0.35
#: of one word, letters for each that may differ; where more do, it is similar at most
_FEWEST_ALIKE, _FAR = 4, CLOSE - 0.01
_SURE = {match.EXACT_NAME: 0.0, match.PREFIX: 0.8, match.WORDS: 0.8, match.ACRONYM: 0.86}
_BEGUN_NUMBER = 0.3
_ROOT_NUMBER = 0.99
_SHORTER = 0.93
_LONGEST_NUMBER = 40


@dataclass(frozen=True, slots=True)
class Answer:
    """An organization and how it answers. `name`: rank of the name that matched, None for a number."""

    organization: int
    name: int | None
    why: str
    value: float
    score: Score
    form_agrees: bool | None = None

    @property
    def order(self) -> tuple[float, int, int]:
        """What answers are sorted by."""
        return -round(self.value, 4), self.name or 0, self.organization


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers in order; `distant`: those too far off to be results; `is_whole`: nothing else matches."""

    answers: list[Answer]
    distant: list[Answer]
    asked: Asked
    is_whole: bool


def ranked(postings: Postings, query: Query, filters: Filters, breadth: int = BREADTH) -> Answers:
    """The best answers to a text."""
    counts = postings.counts(spelled(query))
    certain = asked(query, counts)
    ranking = _Ranking(postings, query, filters, counts)
    numbers = postings.numbered(certain.numbers, filters, breadth) if certain.numbers else []
    if numbers:
        certain = replace(certain, number_prefix="")
    begun = postings.number_begun(certain.number_prefix, filters, breadth) if certain.number_prefix else []
    letters = tuple(key for key in certain.keys if key.startswith(ACRONYM))
    sought = [
        Sought(breadth, keys=tuple(key for key in certain.keys if not key.startswith(ACRONYM))),
        Sought(breadth, keys=letters),
        Sought(breadth, prefixes=certain.prefixes),
        Sought(breadth, ways=certain.ways),
    ]
    rows = postings.names(sought, filters)
    ranking.add_numbers(numbers, begun)
    ranking.add(rows[1], match.ACRONYM)
    ranking.add([*rows[0], *rows[2], *rows[3]], match.WORDS)
    is_whole = max(len(numbers), len(begun), *map(len, rows)) < breadth
    if is_whole and not numbers and ranking.calls_for_more():
        widened(postings, query, filters, counts, ranking.widen)
    answers, distant = ranking.sorted()
    return Answers(answers, distant, certain, is_whole)


class _Ranking:
    """Answers gathered so far, the best of each organization."""

    def __init__(self, postings: Postings, query: Query, filters: Filters, counts: Mapping[str, int]) -> None:
        self.best: dict[int, Answer] = {}
        self._postings, self._query, self._filters = postings, query, filters
        self._counts = dict(counts)
        self._size = postings.size()
        self._seen: set[int] = set()
        self._like: dict[int, Answer] = {}

    def add_numbers(self, exact: Sequence[int], begun: Sequence[int]) -> None:
        empty = Score(1.0, 0, (), 0)
        surest = set(self._postings.numbered(self._query.numbers[:1], self._filters, BREADTH)) if exact else set()
        for organization in exact:
            value = 1.0 if organization in surest else _ROOT_NUMBER
            self._put(self.best, Answer(organization, None, match.EXACT_NUMBER, 1 + value, empty))
        for organization in begun:
            self._put(self.best, Answer(organization, None, match.NUMBER_PREFIX, _BEGUN_NUMBER, empty))

    def add(self, rows: Sequence[Row], why: str) -> None:
        """Names that match for certain; `why`: unless it is known better."""
        for row, read, score in self._judged(rows):
            how = why
            if score.is_same:
                how = match.EXACT_NAME
            elif why == match.WORDS and any(key.startswith(self._query.prefixes) for key in read.keys):
                how = match.PREFIX
            floor = _SURE[how]
            value = score.value if how == match.EXACT_NAME else floor + (0.98 - floor) * score.value
            self._put(self.best, self._answer(row, read, score, how, value))

    def calls_for_more(self) -> bool:
        """Whether names that are merely like the question are looked for: few answer for certain, and none is called so."""
        return len(self.best) < ENOUGH and all(answer.why != match.EXACT_NAME for answer in self.best.values())

    def widen(self, rows: Sequence[Row]) -> float:
        """Names that are like the question. Gives back the greatest score so far."""
        for row, read, score in self._judged(rows):
            how = match.PART if score.dropped else match.SPELLING
            if score.is_same:
                how = match.EXACT_NAME
            elif not score.dropped and not score.edits:
                how = match.WORDS
            value = min(score.value, _FAR) if self._is_far(score) else score.value
            if not set(self._query.acronyms).isdisjoint(read.keys):
                how, value = match.ACRONYM, max(value, 0.7)
            self._put(self._like, self._answer(row, read, score, how, value))
        return max((answer.value for each in (self._like, self.best) for answer in each.values()), default=0.0)

    def _is_far(self, score: Score) -> bool:
        """Whether of the one word that was typed, without a form to say that it is all, more than a quarter differs."""
        units = self._query.units
        return len(units) == 1 and not self._query.legal and score.edits * _FEWEST_ALIKE > len(units[0][0])

    def sorted(self) -> tuple[list[Answer], list[Answer]]:
        """The results, and what is too far off to be one."""
        like = [answer for organization, answer in self._like.items() if organization not in self.best]
        close = [answer for answer in like if answer.value >= CLOSE]
        distant = [answer for answer in like if SIMILAR <= answer.value < CLOSE]
        return (
            sorted([*self.best.values(), *close], key=lambda answer: answer.order),
            sorted(distant, key=lambda answer: answer.order),
        )

    def _judged(self, rows: Sequence[Row]) -> list[tuple[Row, Read, Score]]:
        fresh = {row.rank: row for row in rows if row.rank not in self._seen}
        self._seen.update(fresh)
        reads = [(row, parse_read(row.read)) for row in fresh.values()]
        wanted = {form for _, read in reads for unit in read.units for form in unit} - self._counts.keys()
        self._counts.update(dict.fromkeys(wanted, 0))
        self._counts.update(self._postings.counts(wanted))
        weigh = weigher(self._counts, self._size)
        judge = Judge(self._query, weigh)
        if self._query.shorter is None:
            return [(row, read, judge.judge(read)) for row, read in reads]
        shorter = Judge(self._query.shorter, weigh)
        judged = []
        for row, read in reads:
            score, other = judge.judge(read), shorter.judge(read)
            if other.value * _SHORTER > score.value:
                dropped = tuple(range(len(self._query.shorter.units), len(self._query.units)))
                score = Score(other.value * _SHORTER, other.edits, dropped, other.missing)
            judged.append((row, read, score))
        return judged

    def _answer(self, row: Row, read: Read, score: Score, why: str, value: float) -> Answer:
        organization = organization_of(row.rank)
        value = adjusted(value, self._query, read, row.rank, organization >> ACTIVE_SHIFT == 0)
        agrees = bool(set(self._query.legal) & set(read.legal)) if self._query.legal else None
        return Answer(organization, row.rank, why, value, score, agrees)

    @staticmethod
    def _put(answers: dict[int, Answer], answer: Answer) -> None:
        before = answers.get(answer.organization)
        if before is None or answer.order < before.order:
            answers[answer.organization] = answer


def hits(
    postings: Postings, query: Query, answers: Sequence[Answer], start: int = 0, stage: int = BEST
) -> tuple[Hit, ...]:
    """The hits of some answers, the first of which stands at place `start`; in a later stage they stand by rank."""
    documents = postings.documents([answer.organization for answer in answers])
    made = []
    for at, answer in enumerate(answers):
        place = start + at if stage == BEST else answer.organization
        made.append(_hit(query, documents[answer.organization], Position(stage, place), answer))
    return tuple(made)


def _hit(query: Query, document: Document, position: Position, answer: Answer) -> Hit:
    dropped = tuple(query.units[at][-1] for at in answer.score.dropped)
    return Hit(
        document,
        position,
        None if answer.name is None else place_of(answer.name),
        answer.why,
        round(min(1.0, answer.value), 4),
        answer.score.edits,
        dropped,
        answer.score.missing,
        answer.form_agrees,
    )


def outcome(
    postings: Postings, query: Query, filters: Filters, after: Position | None, limit: int, sort: str
) -> Outcome:
    """A page of results, counts, and what stands in for results where there are none: names are looked at once."""
    answers = ranked(postings, query, filters)
    if sort == "relevance":
        results = page(postings, query, filters, after, limit, answers=answers)
    else:
        results = sorted_page(postings, query, filters, sort, after, limit, answers)
    counts = count(postings, query, filters, answers=answers)
    unsure = is_unsure(query, results.hits, after)
    return Outcome(results, counts, near(postings, query, filters, SIMILAR_SHOWN, answers) if unsure else None)


def page(
    postings: Postings,
    query: Query,
    filters: Filters,
    after: Position | None,
    limit: int,
    breadth: int = BREADTH,
    answers: Answers | None = None,
) -> Page:
    """A page of results by relevance; `answers`: those of `ranked`, where they are known."""
    answers = answers or ranked(postings, query, filters, breadth)
    gathered = answers.answers
    made: tuple[Hit, ...] = ()
    if after is None or after.stage == BEST:
        start = 0 if after is None else after.rank + 1
        made = hits(postings, query, gathered[start : start + limit], start)
        if start + limit < len(gathered):
            return Page(made, made[-1].position)
        if answers.is_whole or breadth != BREADTH:
            return Page(made, None)
        after = None
    if answers.is_whole:
        return Page((), None)
    wanted = limit - len(made)
    before = {answer.organization for answer in gathered}
    rank = None if after is None or after.rank < 0 else after.rank
    others = postings.members(answers.asked, filters, "relevance", rank, before, wanted + 1)
    made += hits(postings, query, _judged(postings, query, filters, others[:wanted]), stage=OTHERS)
    if len(others) <= wanted:
        return Page(made, None)
    return Page(made, made[-1].position if wanted else Position(OTHERS, -1))


def sorted_page(
    postings: Postings,
    query: Query,
    filters: Filters,
    sort: str,
    after: Position | None,
    limit: int,
    answers: Answers | None = None,
) -> Page:
    """A page of results by name or by date of registration."""
    answers = answers or ranked(postings, query, filters)
    if not answers.is_whole:
        rank = None if after is None else after.rank
        members = postings.members(answers.asked, filters, sort, rank, frozenset(), limit + 1)
        made = hits(postings, query, _judged(postings, query, filters, members[:limit]), stage=OTHERS)
        return Page(made, made[-1].position if len(members) > limit else None)
    order = ORDERS[sort]
    every = sorted(
        hits(postings, query, answers.answers, stage=OTHERS),
        key=lambda hit: (order(hit.document), hit.document.rank),
    )
    start = 0
    if after is not None:
        start = 1 + next((at for at, hit in enumerate(every) if hit.position == after), -1)
    chosen = tuple(every[start : start + limit])
    return Page(chosen, chosen[-1].position if start + limit < len(every) else None)


def _judged(
    postings: Postings, query: Query, filters: Filters, members: Sequence[tuple[int, Row | None]]
) -> list[Answer]:
    ranking = _Ranking(postings, query, filters, {})
    ranking.add([row for _, row in members if row is not None], match.WORDS)
    ranking.add_numbers((), [organization for organization, row in members if row is None])
    return [ranking.best[organization] for organization, _ in members]


def near(postings: Postings, query: Query, filters: Filters, limit: int, answers: Answers | None = None) -> Near:
    """What stands in for results where there are none."""
    mistyped = _mistyped_number(postings, query, filters)
    if mistyped is not None:
        return Near(hits(postings, query, [mistyped[0]]), mistyped[1])
    answers = answers or ranked(postings, query, filters)
    if answers.answers:
        first = hits(postings, query, answers.answers[:1])[0]
        return Near((), first.matched_name if first.why == match.SPELLING else None)
    meant = corrected(postings, query, postings.counts(spelled(query)))
    return Near(hits(postings, query, answers.distant[:limit]), meant)


def _mistyped_number(postings: Postings, query: Query, filters: Filters) -> tuple[Answer, str] | None:
    """The organization whose number was typed with the letter O for 0, or I or L for 1."""
    squeezed = squeeze(query.raw) if len(query.raw) <= _LONGEST_NUMBER else ""
    for letters in range(min(4, len(squeezed))):
        number = squeezed[letters:].translate(str.maketrans("oil", "011"))
        if number == squeezed[letters:] or not (number.isdigit() and len(number) >= 4):
            continue
        exact = postings.numbered([compact_number(squeezed[:letters] + number)], filters, 1)
        if exact:
            document = postings.documents(exact)[exact[0]]
            return Answer(exact[0], None, match.EXACT_NUMBER, 0.9, Score(0.9, 1, (), 0)), document.number
    return None


def count(
    postings: Postings, query: Query, filters: Filters, cap: int = COUNT_CAP, answers: Answers | None = None
) -> Counts:
    """How many match a text, in all and by value."""

    def fields(chosen: Filters, answers: Answers) -> Counter[tuple[str | None, ...]]:
        if not answers.is_whole:
            return postings.fields(answers.asked, chosen, cap + 1)
        documents = postings.documents([answer.organization for answer in answers.answers]).values()
        return Counter(tuple(getattr(document, name) for name in FACETS) for document in documents)

    matching = fields(filters, answers or ranked(postings, query, filters))
    total = matching.total()
    facets = {}
    for place, field in enumerate(FACETS):
        is_open = not getattr(filters, field)
        chosen = opened(filters, field)
        rows = matching if is_open else fields(chosen, ranked(postings, query, chosen))
        counted: Counter[str | None] = Counter()
        for row, organizations in rows.items():
            counted[row[place]] += organizations
        facets[field] = facet(counted, rows.total() <= cap)
    return Counts(min(total, cap), total <= cap, facets)


def facet(values: Mapping[str | None, int], exact: bool) -> Facet:
    """Counts by value, most frequent first."""
    named = [(value, count) for value, count in values.items() if value is not None]
    return Facet(tuple(sorted(named, key=lambda item: (-item[1], item[0]))), exact)


#: sort -> what it compares; ties stand in order of rank
ORDERS: dict[str, Callable[[Document], str]] = {"name": name_order, "registered": date_order}
