"""Which day it is where a register is kept.

Filings take effect by the calendar of their register.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from schemas import codes


def local_day(register: str, now: datetime) -> date:
    """The register's day at that moment (aware)."""
    return now.astimezone(ZoneInfo(codes.time_zone(register))).date()
