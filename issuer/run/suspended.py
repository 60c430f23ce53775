"""What is suspended stays so in what takes its place, until somebody reinstates it.

A new state changes nothing about why its organization is not to be relied on (docs/decisions/0025-a-suspension-stays.md). A
suspension for a stolen key is of the signature, not of the organization: what another key signs is free of it.
"""

from collections.abc import Iterable, Iterator

from registry.credential import status
from registry.records.records import Records

#: the reason for which what a key signed is suspended
KEY_COMPROMISE = "key_compromise"


def reasons(records: Records, register: str, numbers: Iterable[str]) -> dict[str, str]:
    """Number -> the reason for which the newest credential of the organization is suspended; those that are not are left out."""
    bits = {row.id: row.bits for row in records.lists(register) if row.purpose == status.SUSPENSION and any(row.bits)}
    if not bits:
        return {}
    suspended: dict[str, dict[int, str]] = {}
    for number in numbers:
        for place in records.places(register, number)[-1:]:
            list_id = status.sibling(place.list_id, status.SUSPENSION)
            if list_id in bits and status.is_set(bits[list_id], place.list_index):
                suspended.setdefault(list_id, {})[place.i] = number
    every = (pair for list_id, entries in suspended.items() for pair in _why(records, list_id, entries))
    return {number: reason for number, reason in every if reason != KEY_COMPROMISE}


def _why(records: Records, list_id: str, numbers: dict[int, str]) -> Iterator[tuple[str, str]]:
    """(number, reason) of each; `numbers`: by the entries of the credentials, all of which are suspended."""
    records.status_list(list_id)  # its bits are those that were logged
    waiting = dict(numbers)
    for logged in records.list_versions(list_id):
        if not waiting:
            return
        for index in waiting.keys() & set(logged.refers):
            yield waiting.pop(index), logged.reason or ""
