"""The corpus of bad extracts under tests/badinput/feed: each must be refused whole, or each of its rows judged as expected."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from issuer import sources
from issuer.timeline import history

FEED = Path(__file__).parents[2] / "badinput" / "feed"
TODAY = date(2026, 1, 1)
CASES = sorted(FEED.glob("*.json"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_bad_extract(case: Path) -> None:
    expected: dict[str, Any] = json.loads(case.read_text("utf-8"))
    path = FEED / expected["path"]
    if "refused" in expected:
        with pytest.raises(sources.Malformed) as refusal:
            sources.read(expected["source"], path, expected.get("pins", {}))
        assert refusal.value.code == expected["refused"]
        assert str(refusal.value)
        return
    extract = sources.read(expected["source"], path, expected.get("pins", {}))
    rejections, held, used, waiting, last = [], set(), set(), set(), None
    for dossier in extract.dossiers:
        folded = history.fold(dossier, TODAY)
        if isinstance(folded, history.Timeline):
            used.update(set(dossier.rows) - set(folded.waiting))
            waiting.update(folded.waiting)
            last = last or folded
        else:
            rejections += folded.rejections
            held.update(folded.hold)
    rejections += extract.rejections

    def place(row: Any) -> str:
        return f"{extract.files[row.file].name}:{row.line}"

    assert {place(rejection.row): rejection.code for rejection in rejections} == expected["rejected"]
    assert all(rejection.reason for rejection in rejections)
    assert sorted(place(row) for row in held) == sorted(expected["held"])
    judged = [*(rejection.row for rejection in rejections), *held, *used, *waiting]
    assert len(judged) == len(set(judged)) == sum(file.rows for file in extract.files)
    assert sorted(place(row) for row in waiting) == sorted(expected.get("future", []))
    if "events" in expected:
        assert last is not None
        assert [moment.event for moment in last.states] == expected["events"]
    for member in ("legal_name", "status"):
        if member in expected:
            assert last is not None
            shown = "register_status" if member == "status" else member
            assert getattr(last.states[-1].state, shown) == expected[member]
    if "names" in expected:
        assert last is not None
        names = [(name.text, name.kind, name.since, name.until) for name in last.states[-1].state.names]
        for shown, wanted in zip(names, expected["names"], strict=True):
            assert list(shown)[: len(wanted)] == wanted
    assert extract.unknown_columns == expected.get("unknown_columns", {})
    assert extract.left_out == expected.get("left_out", {})


def test_the_corpus_covers_every_code() -> None:
    """Each code that a source or the judge can give has a case here, and stands in the page for those who write extracts."""
    given = set()
    for case in CASES:
        expected = json.loads(case.read_text("utf-8"))
        given |= {expected["refused"]} if "refused" in expected else set(expected["rejected"].values())
    assert given >= {
        *("encoding", "nul", "header", "truncated", "compression", "not_recognized", "manifest", "manifest_mismatch"),
        *(
            "quote",
            "row_length",
            "field_size",
            "number",
            "event_id",
            "duplicate_row",
            "conflicting_rows",
            "type_mismatch",
        ),
        *("dangling_row", "unreferenced_row", "no_event", "date_invalid", "date_future", "name_empty", "name_too_long"),
        *(
            "text_characters",
            "text_not_nfc",
            "entity_type_unknown",
            "status_unknown",
            "business_number",
            "address_role",
        ),
        *(
            "relationship",
            "relationship_unknown",
            "name_status_unknown",
            "language",
            "code",
            "text_damaged",
            "line_end",
            "interval",
            "relationship_number",
            "relationship_self",
            "relationship_double",
            "relationship",
            "manifest_unsigned",
            "text_too_long",
        ),
    }
    page = (FEED.parents[2] / "sample_data" / "README.md").read_text("utf-8")
    assert [code for code in sorted(given | {"organization_incomplete"}) if f"`{code}`" not in page] == []
