"""What the ledger holds of an organization, as plans compare it."""

from issuer.timeline import plan
from registry.records.records import Records


def newest_of(records: Records, register: str, number: str) -> plan.Newest | None:
    """What the ledger holds of an organization; None: nothing."""
    places = records.places(register, number)
    return plan.newest_of(places, lambda: records.replaced(places)) if places else None
