"""What a spreadsheet is told of the organization that a row may mean."""

from search.question.matching import Candidate
from search.question.query import UNKNOWN
from search.question.tables import ADDED
from search.views.organization_json import evidence_path

#: of a row that nothing answers
NO_CELLS = ("",) * len(ADDED)


def match_cells(candidate: Candidate, published: int, base_url: str) -> tuple[str, ...]:
    """The cells for `ADDED`. `evidence`: an address, empty before publication."""
    hit = candidate.hit
    document = hit.document
    path = evidence_path(document.register, document.number, document.n, document.entry, published)
    return (
        document.register,
        document.number,
        document.name or "",
        "" if document.status == UNKNOWN else document.status,
        f"{hit.score:.3f}",
        "true" if candidate.is_match else "false",
        hit.why,
        "" if path is None else base_url + path,
    )
