"""Whether there is what a filter asks for.

A value is unknown where no code table has it and no organization here: it is refused, as an unknown status is, so that a slip of
the pen does not read like an answer. ISO 3166 is the code table of jurisdictions, judged by its form alone.
"""

import re
from collections.abc import Callable, Set
from functools import cache

from schemas import codes
from search.errors import BadParameter
from search.question.index import Index
from search.question.query import Filters, parse_query

_JURISDICTION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")


def check_known(filters: Filters, index: Index, registers: Callable[[], Set[str]]) -> None:
    """BadParameter `bad_parameter`: a register, type or jurisdiction that there is not.

    `registers`: those with an issuer here.
    """
    for value in filters.register - set(codes.codes("register", "")):
        if value not in registers():
            _check_index(index, "register", value, Filters(register=frozenset({value})))
    for value in filters.type - _types():
        _check_index(index, "type", value, Filters(type=frozenset({value})))
    for value in filters.jurisdiction:
        if not _JURISDICTION.fullmatch(value):
            _check_index(index, "jurisdiction", value, Filters(jurisdiction=frozenset({value})))


def _check_index(index: Index, field: str, value: str, filters: Filters) -> None:
    if not index.search(parse_query(""), filters, None, 1).hits:
        raise BadParameter("bad_parameter", f"{field}: {value[:40]!a} is not known here", field)


@cache
def _types() -> frozenset[str]:
    """The entity types of all registers that have a table."""
    return frozenset(code for register in codes.codes("register", "") for code in codes.codes("entity_type", register))
