"""By which rules a register was read when its ledger was written.

The version rises when the same rows come to read otherwise. A register whose ledger was written under older rules is read under
the new ones, and what comes out otherwise is held until a person has looked (`timeline/plan.RULE_CHANGE`). It counts as read
when a delivery has told every organization that the ledger holds.
"""

from registry.installation.desk import Desk

#: 2: withdrawn and future filings, placeholders for dates, names given up, names in the home jurisdiction
VERSION = 2
_RULES = "rules"


def are_new(desk: Desk, register: str) -> bool:
    """Whether the ledger of a register was written under older rules than these."""
    return desk.get(_RULES, register) != str(VERSION).encode()


def note(desk: Desk, register: str) -> None:
    """The ledger of a register holds what these rules say."""
    desk.put(_RULES, register, "", str(VERSION).encode())
