"""A timeline as bytes, so that it can wait.

JSON (RFC 8785); a state is its `credentialSubject` with ids of nowhere, which are left out when it is read.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from issuer.timeline.history import Timeline, TimelineState
from registry.encoding import members, strict_json
from registry.encoding.jcs import jcs
from schemas.organization import from_subject, to_subject

_NOWHERE = "urn:greffe:waiting"


def print_states(states: Sequence[TimelineState]) -> list[dict[str, Any]]:
    """The states as JSON."""
    return [
        {
            "event": state.event,
            "order": list(state.order),
            "correction": state.correction,
            "subject": to_subject(state.state, _NOWHERE, f"{_NOWHERE}:credential"),
        }
        for state in states
    ]


def parse_states(values: list[dict[str, Any]]) -> tuple[TimelineState, ...]:
    """The states of that JSON, which this office has written."""
    return tuple(
        TimelineState(
            members.text(value, "event"),
            tuple(value["order"]),
            from_subject(members.object_at(value, "subject")),
            members.flag(value, "correction"),
        )
        for value in values
    )


def print_timeline(timeline: Timeline) -> dict[str, Any]:
    """What of a timeline is issued: its states, those of later days, what was withdrawn."""
    return {
        "states": print_states(timeline.states),
        "pending": print_states(timeline.pending),
        "withdrawn": sorted(timeline.withdrawn),
    }


def parse_timeline(value: dict[str, Any]) -> Timeline:
    """The timeline of that JSON."""
    return Timeline(
        parse_states(members.list_of(value, "states", dict)),
        parse_states(members.list_of(value, "pending", dict)),
        withdrawn=frozenset(members.list_of(value, "withdrawn", str)),
    )


def stored(value: dict[str, Any]) -> bytes:
    """The bytes of such JSON."""
    return jcs(value)


def read(body: bytes) -> dict[str, Any]:
    """The JSON of such bytes. Malformed."""
    return strict_json.parse_object(body)


def digest(value: dict[str, Any]) -> str:
    """What names it, whatever row it came from: 64 hex digits."""
    return sha256(jcs(value)).hexdigest()
