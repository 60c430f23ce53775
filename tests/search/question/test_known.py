"""A filter asks for what there is: in a code table, or of an organization here."""

from dataclasses import replace
from pathlib import Path

import pytest

from search.errors import BadParameter
from search.index.embedded import EmbeddedIndex
from search.question.known import check_known
from search.question.query import Filters
from tests.builders.reader import SmallRegistry
from tests.builders.site import FIRST, small_index


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedIndex:
    odd = replace(FIRST, jurisdiction="Ruritania")
    return small_index(SmallRegistry([odd]), tmp_path_factory.mktemp("odd"))


def test_what_no_table_has_is_known_where_an_organization_has_it(index: EmbeddedIndex) -> None:
    known = Filters(
        register=frozenset({"own", "im"}), type=frozenset({"BC", "SP"}), jurisdiction=frozenset({"Ruritania", "CA-ON"})
    )
    check_known(known, index, lambda: {"own"})
    check_known(Filters(), index, lambda: pytest.fail("nothing is asked for"))


@pytest.mark.parametrize("field", ["register", "type", "jurisdiction"])
def test_what_neither_a_table_nor_an_organization_has_is_refused(index: EmbeddedIndex, field: str) -> None:
    with pytest.raises(BadParameter) as refused:
        check_known(Filters(**{field: frozenset({"Zenda"})}), index, lambda: {"own"})
    assert (refused.value.code, refused.value.parameter) == ("bad_parameter", field)


def test_a_register_without_a_table_is_known_by_its_organizations_while_the_store_is_away(tmp_path: Path) -> None:
    index = small_index(SmallRegistry([replace(FIRST, register="own")]), tmp_path)
    check_known(Filters(register=frozenset({"own"})), index, frozenset)
