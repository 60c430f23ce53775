"""Judging and folding: every kind of value is judged, the right rows are blamed, and every row is accounted for."""

from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.timeline.changes import Change, Dossier, Row
from issuer.timeline.history import Refusal, Timeline, fold
from schemas.organization import Address, Event, Name, Relationship, State

TODAY = date(2026, 1, 1)
ROWS = (Row(0, 0, 2), Row(0, 1, 3), Row(0, 2, 4))
GOOD = State(
    register="sample",
    number="BC9000001",
    entity_type="BC",
    legal_name="Crémerie d’Été Ltée",
    status="Active",
    register_status="ACT",
    status_since="2001-01-01",
    registered_on="2001-01-01",
    jurisdiction="CA-BC",
    home_jurisdiction="CA-AB",
    business_number="123456789BC0001",
    names=(Name("Crémerie d’Été Ltée", "legal", "fr", "2001-01-01", "2002-01-01"),),
    addresses=(Address("RG", "1 Lane", "Kelmere", "BC", "V0A 0A0", "CA"),),
    relationships=(Relationship("isOwnedBy", "FM9000002", "Owner", "2001-01-01", "2002-01-01"),),
    event=Event("FILE", "7", "ICORP", "2001-01-01"),
)


def dossier(*states: State, **further: object) -> Dossier:
    changes = tuple(Change("sample", "BC9000001", str(n), (n,), state) for n, state in enumerate(states))
    return replace(Dossier("sample", "BC9000001", ROWS, changes), **further)  # type: ignore[arg-type]


def test_changes_become_states_in_order() -> None:
    changes = dossier(GOOD, GOOD, GOOD).changes
    folded = fold(Dossier("sample", "BC9000001", ROWS, changes[::-1]), TODAY)
    assert isinstance(folded, Timeline)
    assert [moment.event for moment in folded.states] == ["0", "1", "2"]


def bad_values() -> list[tuple[str, State]]:
    """A damaged copy of the good state for every string it holds, so that no field escapes judgement."""
    copies = []
    for field in fields(State):
        value = getattr(GOOD, field.name)
        if isinstance(value, str) and field.name not in ("register", "status"):
            copies.append((field.name, replace(GOOD, **{field.name: "\x07"})))
        elif isinstance(value, tuple):
            [item] = value
            for part in fields(item):
                damaged = replace(item, **{part.name: "\x07"})
                if (field.name, part.name) != ("names", "kind"):  # a source's own word, not the register's
                    copies.append((f"{field.name}.{part.name}", replace(GOOD, **{field.name: (damaged,)})))
    assert GOOD.event is not None
    copies += [
        (f"event.{part.name}", replace(GOOD, event=replace(GOOD.event, **{part.name: "\x07"})))
        for part in fields(Event)
    ]
    return copies


@pytest.mark.parametrize(("field", "state"), bad_values(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_string_of_a_state_is_judged(field: str, state: State) -> None:
    folded = fold(dossier(GOOD, state), TODAY)
    assert isinstance(folded, Refusal), field
    assert [rejection.row for rejection in folded.rejections] == list(ROWS)


def test_a_bad_value_is_blamed_on_its_own_row() -> None:
    bad = replace(GOOD, legal_name="Cafe\u0301", names=(Name("Cafe\u0301", "legal"),))
    origins = {("name", "Cafe\u0301"): (ROWS[1],)}
    folded = fold(dossier(GOOD, bad, GOOD, origins=origins), TODAY)
    assert isinstance(folded, Refusal)
    assert [(rejection.row, rejection.code) for rejection in folded.rejections] == [(ROWS[1], "text_not_nfc")]
    assert folded.hold == (ROWS[0], ROWS[2])
    assert (folded.code, "normalization" in folded.reason) == ("text_not_nfc", True)


def test_an_organization_that_its_source_refused_is_held() -> None:
    folded = fold(dossier(refused=("organization_incomplete", "line 9 was rejected")), TODAY)
    assert folded == Refusal("organization_incomplete", "line 9 was rejected", (), ROWS)


def test_without_a_change_there_is_nothing_to_issue() -> None:
    folded = fold(dossier(), TODAY)
    assert isinstance(folded, Refusal)
    assert {rejection.code for rejection in folded.rejections} == {"no_event"}


@pytest.mark.parametrize(
    ("day", "code"),
    [
        *(("2026-01-01", None), ("2024-02-29", None), ("0001-01-01", None), ("9999-12-31", None)),
        *(("2026-01-02", "date_future"), ("2999-12-31", "date_future"), ("0001-01-02", None)),
        *(("2023-02-29", "date_invalid"), ("0000-00-00", "date_invalid"), ("2023-1-1", "date_invalid")),
        *(("20230101", "date_invalid"), ("2023-W01-1", "date_invalid"), ("2023-01-01\n", "date_invalid")),
    ],
)
def test_dates(day: str, code: str | None) -> None:
    folded = fold(dossier(replace(GOOD, registered_on=day)), TODAY)
    assert (folded.code if isinstance(folded, Refusal) else None) == code


def test_status_is_never_guessed() -> None:
    folded = fold(dossier(replace(GOOD, status=None, register_status="Live")), TODAY)
    assert isinstance(folded, Refusal)
    assert folded.code == "status_unknown"
    assert isinstance(fold(dossier(replace(GOOD, status=None, register_status=None)), TODAY), Timeline)


@given(st.text(max_size=20))
def test_whatever_the_name_all_rows_are_accounted_for(text: str) -> None:
    folded = fold(dossier(replace(GOOD, legal_name=text), origins={("name", text): (ROWS[0],)}), TODAY)
    if isinstance(folded, Refusal):
        assert sorted([*(rejection.row for rejection in folded.rejections), *folded.hold]) == list(ROWS)
    else:
        assert text.strip()
        assert text.isprintable() or any(character.isspace() for character in text)


@pytest.mark.parametrize("day", ["0001-01-01 00:00:00", "9999-12-31T23:59:59.000Z", "9999-12-31"])
def test_a_placeholder_is_one_whatever_time_stands_behind_it(day: str) -> None:
    folded = fold(dossier(replace(GOOD, registered_on=day)), TODAY)
    assert isinstance(folded, Timeline)
    assert folded.states[0].state.registered_on is None
