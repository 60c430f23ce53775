"""Which terms of an index a misspelt word may mean, in order. Pure."""

from collections.abc import Mapping

from rapidfuzz.distance import OSA

#: terms that share most runs of three letters with a word, of which the most alike are taken
MOST_ALIKE = 40
_LEAST_ALIKE = 0.55
_MOST = 12


def near(word: str, terms: Mapping[str, int]) -> list[tuple[str, int]]:
    """Of these terms with their counts, those that one letter (two changed places) parts from `word`; the most frequent first."""
    chosen = [
        (term, names) for term, names in terms.items() if term != word and OSA.distance(word, term, score_cutoff=2) <= 2
    ]
    return sorted(chosen, key=lambda pair: (OSA.distance(word, pair[0]), -pair[1], pair[0]))[:_MOST]


def alike(word: str, terms: Mapping[str, int]) -> list[tuple[str, int]]:
    """Of these terms with their counts, those most like `word` letter by letter."""
    likeness = {term: OSA.normalized_similarity(word, term) for term in terms if term != word}
    chosen = [term for term, like in likeness.items() if like >= _LEAST_ALIKE]
    return [
        (term, terms[term]) for term in sorted(chosen, key=lambda term: (-likeness[term], -terms[term], term))[:_MOST]
    ]
