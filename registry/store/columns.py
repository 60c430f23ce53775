"""A value as its column promises it, or LedgerDamaged.

SQLite keeps what it is given once somebody has taken STRICT out of a table: then a text or a number may stand in a column of
bytes, and the database finds nothing wrong.
"""

from registry.errors import LedgerDamaged


def blob(value: object) -> bytes:
    """The bytes of a column of bytes. LedgerDamaged `column_type`: the value is of another type."""
    if isinstance(value, bytes):
        return value
    if not isinstance(value, memoryview):
        raise LedgerDamaged("column_type", f"a {type(value).__name__} stands where the store keeps bytes")
    return bytes(value)


def text(value: object) -> str:
    """The text of a column of texts. LedgerDamaged `column_type`: the value is of another type."""
    if not isinstance(value, str):
        raise LedgerDamaged("column_type", f"a {type(value).__name__} stands where the store keeps a text")
    return value


def number(value: object) -> int:
    """The whole number of a column of numbers. LedgerDamaged `column_type`: the value is of another type."""
    if type(value) is not int:
        raise LedgerDamaged("column_type", f"a {type(value).__name__} stands where the store keeps a number")
    return value
