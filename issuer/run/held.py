"""Organizations wait for a person, with the timelines that their rows tell.

An id names what was delivered: register, number, code, and every state. So an approval is of what was shown, and another
delivery makes another id. What an office has rejected stays held, and is not asked about again.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from issuer.timeline.history import Timeline
from issuer.timeline.stored import digest, parse_timeline, print_timeline, read, stored
from registry.errors import NotFound
from registry.installation.desk import Desk

HELD, DECIDED = "held", "decided"
WAITING, REJECTED = "waiting", "rejected"
#: entries of persons stand without bodies, and this may be one of them: it would be issued a second time
PERSON_UNKNOWN = "person_unknown"
#: codes under which all organizations of a delivery wait as one
AS_ONE = ("mass_change", "rule_change")
#: characters of an id
_ID = 16


@dataclass(frozen=True, slots=True)
class Held:
    """An organization that is held. `rows`: (file, line); `timeline`: None where its rows tell none (a row was rejected);
    `status`: waiting or rejected; `since`: RFC 3339; `by`, `why`: who rejected it, and for what reason.
    """

    id: str
    code: str
    register: str
    number: str
    rows: tuple[tuple[str, int], ...]
    timeline: Timeline | None
    since: str
    status: str = WAITING
    by: str | None = None
    why: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As `greffe held list --json` shows it."""
        return {
            "id": self.id,
            "code": self.code,
            "register": self.register,
            "number": self.number,
            "status": self.status,
            "since": self.since,
            "approvable": self.timeline is not None and self.code != PERSON_UNKNOWN,
            "by": self.by,
            "reason": self.why,
            "rows": [{"file": file, "line": line} for file, line in self.rows],
        }


def held(
    code: str, register: str, number: str, rows: Iterable[tuple[str, int]], timeline: Timeline | None, since: str
) -> Held:
    """An organization that is held now, with the id that names it."""
    own = tuple(rows)
    about: dict[str, Any] = {"code": code, "register": register, "number": number}
    about["told"] = [list(row) for row in own] if timeline is None else print_timeline(timeline)
    return Held(digest(about)[:_ID], code, register, number, own, timeline, since)


def note(desk: Desk, item: Held) -> None:
    """Let it wait. One with the same id that was rejected stays rejected."""
    before = find(desk, item.register, item.number)
    if before is None or before.id != item.id:
        _put(desk, item)


def forget(desk: Desk, register: str, number: str) -> None:
    """The organization is not held any more."""
    desk.drop(HELD, register, number)


def find(desk: Desk, register: str, number: str) -> Held | None:
    """What is held of an organization, or None."""
    body = desk.get(HELD, register, number)
    return None if body is None else _parsed(register, number, body)


def every(desk: Desk) -> Iterator[Held]:
    """All that is held, sorted by register and number."""
    for key, body in desk.all(HELD):
        yield _parsed(key.register, key.number, body)


def named(desk: Desk, name: str) -> Held:
    """What is held under that id. NotFound `held_unknown`: nothing is, or another delivery has come since."""
    item = next((item for item in every(desk) if item.id == name), None)
    if item is None:
        raise NotFound(
            "held_unknown", f"nothing is held under {name[:40]!a}: another delivery may have come since it was shown"
        )
    return item


def deliveries(desk: Desk) -> dict[str, list[Held]]:
    """Id -> the organizations that wait as one: those that a mass change or a change of rules holds in a register."""
    groups: dict[tuple[str, str], list[Held]] = {}
    for item in every(desk):
        if item.code in AS_ONE:
            groups.setdefault((item.register, item.code), []).append(item)
    return {digest({"delivery": [item.id for item in items]})[:_ID]: items for items in groups.values()}


def chosen(desk: Desk, name: str) -> list[Held]:
    """What an id names: the organizations of a delivery, or one. NotFound `held_unknown`."""
    return deliveries(desk).get(name) or [named(desk, name)]


def reject(desk: Desk, item: Held, by: str, why: str, at: str) -> Held:
    """The office will not issue it; another delivery is asked about anew."""
    rejected = replace(item, status=REJECTED, by=by, why=why)
    _put(desk, rejected)
    decide(desk, item, REJECTED, by, why, at)
    return rejected


def decide(desk: Desk, item: Held, decision: str, by: str, why: str, at: str) -> None:
    """Note for good who decided what, of which delivery, and why."""
    body = stored({"id": item.id, "decision": decision, "code": item.code, "by": by, "reason": why, "at": at})
    earlier = sum(key.number.startswith(f"{item.number}/") for key, _ in desk.all(DECIDED, item.register))
    desk.put(DECIDED, item.register, f"{item.number}/{at}/{earlier}", body)


def decisions(desk: Desk) -> list[dict[str, Any]]:
    """All decisions, by register and number, the oldest first."""
    return [
        {"register": key.register, "number": key.number.partition("/")[0], **read(body)}
        for key, body in desk.all(DECIDED)
    ]


def _put(desk: Desk, item: Held) -> None:
    about = {
        "id": item.id,
        "code": item.code,
        "rows": [list(row) for row in item.rows],
        "timeline": None if item.timeline is None else print_timeline(item.timeline),
        "since": item.since,
        "status": item.status,
        "by": item.by,
        "why": item.why,
    }
    desk.put(HELD, item.register, item.number, stored(about))


def _parsed(register: str, number: str, body: bytes) -> Held:
    about = read(body)
    return Held(
        about["id"],
        about["code"],
        register,
        number,
        tuple((file, line) for file, line in about["rows"]),
        None if about["timeline"] is None else parse_timeline(about["timeline"]),
        about["since"],
        about["status"],
        about["by"],
        about["why"],
    )
