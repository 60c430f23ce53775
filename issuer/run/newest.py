"""What the ledger holds of an organization, as plans compare it."""

from issuer.timeline import plan
from registry.records.records import Records


def newest_of(records: Records, register: str, number: str) -> plan.Newest | None:
    """What the ledger holds of an organization; None: nothing."""
    places = records.places(register, number)
    if not places:
        return None

    def replaced() -> frozenset[int]:
        entries = (records.entry(place.i) for place in places)
        return frozenset(index for entry in entries if entry.kind == "correct" for index in entry.refers)

    return plan.newest_of(places, replaced)
