"""The normalizer: what counts as the same name, and what does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.question.legal_forms import LEGAL_FORMS
from search.question.names import analyse, compact_number, fold, number_keys


def core(text: str) -> list[str]:
    return [word.text for word in analyse(text).core]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("CAFÉ Véolia", ["cafe", "veolia"]),
        ("ＦＵＬＬ ｗｉｄｔｈ", ["full", "width"]),
        ("Cœur Æther Straße Øre", ["coeur", "aether", "strasse", "ore"]),
        ("L'Atelier d'Or", ["atelier", "or"]),
        ("L\u2019Atelier d\u2019Or", ["atelier", "or"]),
        ("jusqu'ici", ["ici"]),
        ("O'Brien's", ["obriens"]),
        ("Rock 'n' Roll", ["rock", "roll"]),
        ("B.C. Ferries", ["bc", "ferries"]),
        ("I.B.M.", ["ibm"]),
        ("h l f images", ["hlf", "images"]),
        ("Smith & Sons + Daughters", ["smith", "sons", "daughters"]),
        ("The Bank of the North", ["bank", "north"]),
        ("The The", ["the", "the"]),
        ("e\u0301" * 3 + "\u200d" + "a" + "\u0301" * 100, ["eeea"]),
        ("Ltd", ["ltd"]),
        ("Limited Edition Books", ["limited", "edition", "books"]),
        ("Smith Co. Ltd.", ["smith"]),
        ("The Company", ["company"]),
        ("...", []),
        ("", []),
    ],
)
def test_core(text: str, words: list[str]) -> None:
    assert core(text) == words


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Acme Ltd.", ["ltd"]),
        ("Acme Limited", ["ltd"]),
        ("Acme Ltée", ["ltd"]),
        ("Acme LIMITÉE", ["ltd"]),
        ("Acme Incorporée", ["inc"]),
        ("Acme Corporation", ["corp"]),
        ("Acme Unlimited Liability Company", ["ulc"]),
        ("Acme U.L.C.", ["ulc"]),
        ("Acme S.E.N.C.R.L.", ["llp"]),
        ("Acme s.e.n.c.r.l.", ["llp"]),
        ("Acme S.E.N.C.", ["gp"]),
        ("Acme, société en commandite", ["lp"]),
        ("Acme Co-operative Association", ["coop"]),
        ("Acme Co-op", ["coop"]),
        ("Acme cooperative", ["coop"]),
        ("Acme Community Contribution Company", ["ccc"]),
        ("Acme Benefit Company", ["benefit"]),
        ("Acme, société d’intérêt social", ["benefit"]),
        ("Les Entreprises Acme Enr.", ["enr"]),
        ("Acme P.L.C.", ["plc"]),
        ("Acme", []),
        ("Limited Acme", []),
    ],
)
def test_legal_forms(text: str, codes: list[str]) -> None:
    assert list(analyse(text).legal) == codes


def test_every_form_of_the_table_is_stripped_from_the_end() -> None:
    for words, code in LEGAL_FORMS.items():
        name = analyse("Zebra " + " ".join(words))
        assert [word.text for word in name.core] == ["zebra"], words
        assert code in name.legal, words


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("North Shore", "Northshore"),
        ("North-Shore", "north shore ltd"),
        ("Walton's Cleaning", "Waltons Cleaning"),
        ("Walton's Cleaning", "Walton Cleaning"),
        ("D'Angelo Foods", "DAngelo Foods"),
        ("L'Atelier", "Atelier"),
        ("St. Mary's", "Saint Marys"),
        ("491266 B.C. Ltd.", "0491266 BC Limited"),
        ("Acme Mfg.", "Acme Manufacturing"),
    ],
)
def test_names_that_share_a_key(left: str, right: str) -> None:
    assert analyse(left).keys & analyse(right).keys


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Acme", "Acne"),
        ("0491266 B.C. Ltd.", "1491266 B.C. Ltd."),
        ("Limited Books", "Books"),
        ("L Atelier", "Atelier"),
    ],
)
def test_names_that_share_none(left: str, right: str) -> None:
    assert not analyse(left).keys & analyse(right).keys


def test_full_keys_hold_the_form() -> None:
    assert analyse("Acme Limited").full_keys == analyse("ACME LTÉE").full_keys == {"acme ltd"}
    assert analyse("Acme").full_keys == frozenset()


@pytest.mark.parametrize(
    ("text", "compact"),
    [
        ("BC0491266", "bc491266"),
        ("bc 049-1266", "bc491266"),
        ("bc491266", "bc491266"),
        ("0491266", "491266"),
        ("B.C.0491266", "bc491266"),
        ("000001C", "1c"),
        ("0000", "0"),
        ("BC0000", "bc0"),
        ("12 & 3", ""),
        ("", ""),
    ],
)
def test_compact_number(text: str, compact: str) -> None:
    assert compact_number(text) == compact


def test_a_number_is_found_without_its_letters() -> None:
    assert number_keys("BC0491266") == {"bc491266", "491266"}
    assert number_keys("000001C") == {"1c"}


@given(st.text(max_size=60))
def test_any_text_is_taken_apart(text: str) -> None:
    name = analyse(text)
    assert all(token and not set(token) & set(' "*') and token == token.strip() for token in name.tokens)
    assert bool(name.words) == bool(name.core)
    assert name.keys or not name.words
    assert not any(" " in key for key in name.keys)


@given(st.text(alphabet=st.characters(codec="latin-1"), max_size=40))
def test_case_and_repetition_change_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert analyse(text.upper()).keys == analyse(text.upper().lower()).keys
