"""What the pages say happened: the code's plain name, and where the code does not say, what differs."""

from dataclasses import replace

import pytest

from schemas.codes import Act
from schemas.organization import Address, Event, Relationship, State
from search.views.acts import what_happened

BEFORE = State("bc", "BC0000001", "BC", legal_name="OLD LTD.", status="Active", register_status="ACT")
ADMINISTERED = replace(BEFORE, event=Event("ADCORP"))


@pytest.mark.parametrize(
    ("changed", "act"),
    [
        ({"legal_name": "NEW LTD."}, "name_changed"),
        ({"legal_name": "NEW LTD.", "register_status": "D1F"}, "name_changed"),
        ({"entity_type": "ULC"}, "type_changed"),
        ({"register_status": "D1F"}, "dissolution_begun"),
        ({"register_status": "LIQ"}, "status_changed"),
        ({"relationships": (Relationship("isOwnedBy", "FM0000001"),)}, "relationship_recorded"),
        ({"addresses": (Address("RG", "1 Main St"),)}, "address_changed"),
        ({"business_number": "123456789BC0001"}, "business_number_changed"),
        ({}, "record_changed"),
    ],
)
def test_where_the_code_does_not_say_what_changed_the_states_do(changed: dict[str, object], act: str) -> None:
    after = replace(ADMINISTERED, **changed)  # type: ignore[arg-type]
    assert what_happened(BEFORE, after) == Act(act, open=act == "record_changed")


def test_back_again() -> None:
    begun = replace(BEFORE, register_status="D2F")
    assert what_happened(begun, ADMINISTERED) == Act("dissolution_withdrawn")
    assert what_happened(replace(begun, register_status="D1F"), replace(ADMINISTERED, register_status="D2F")) == Act(
        "status_changed"
    )
    gone = replace(BEFORE, status="Historical", register_status="HDF")
    assert what_happened(BEFORE, replace(gone, event=Event("ADCORP"))) == Act("dissolved_failure_to_file")
    ended = replace(gone, register_status="HIS", event=Event("FILE", filing="FRDIS"))
    assert what_happened(BEFORE, ended) == Act("dissolved")
    assert what_happened(BEFORE, replace(ended, event=Event("ADFIRM"))) == Act("status_changed")
    assert what_happened(gone, ADMINISTERED) == Act("put_back_on")
    linked = replace(BEFORE, relationships=(Relationship("isOwnedBy", "FM0000001"),))
    assert what_happened(linked, ADMINISTERED) == Act("relationship_ended")


def test_a_code_that_says_what_happened_is_believed() -> None:
    filed = replace(BEFORE, legal_name="NEW LTD.", event=Event("FILE", filing="NOCDR"))
    assert what_happened(BEFORE, filed) == Act("directors_changed")
    corrected = replace(BEFORE, legal_name="NEW LTD.", event=Event("FILE", filing="CO_LI"))
    assert what_happened(BEFORE, corrected) == Act("name_changed", "correction")


def test_a_filing_that_leaves_open_what_the_event_tells_does_not_hide_it() -> None:
    converted = Event("CONVNC", filing="CONVL")
    assert what_happened(BEFORE, replace(BEFORE, legal_name="NEW LTD.", event=converted)) == Act("name_changed")
    assert what_happened(None, replace(BEFORE, event=Event("CONVICORP", filing="CONVL"))) == Act("incorporated")


def test_a_first_state_and_one_without_an_event() -> None:
    first = replace(ADMINISTERED, relationships=(Relationship("isOwnedBy", "FM0000001"),))
    assert what_happened(None, first) == Act("relationship_recorded")
    assert what_happened(None, ADMINISTERED) == Act("record_changed", open=True)
    assert what_happened(None, replace(BEFORE, event=Event("FILE", filing="CONVL"))) == Act(
        "record_converted", open=True
    )
    assert what_happened(None, BEFORE) is None
    assert what_happened(BEFORE, BEFORE) is None
    assert what_happened(BEFORE, replace(BEFORE, legal_name="NEW LTD.")) == Act("name_changed")
    assert what_happened(BEFORE, replace(BEFORE, legal_name="NEW LTD.", event=Event("??"))) == Act("name_changed")
    assert what_happened(BEFORE, replace(BEFORE, event=Event("??"))) is None
