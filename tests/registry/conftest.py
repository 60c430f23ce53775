"""Fixtures of the registry's tests."""

from pathlib import Path

import pytest

from registry.installation.office import Office


@pytest.fixture
def store_file(filled: Office) -> Path:
    """The file of the filled ledger, closed, with nothing left in the write-ahead log."""
    with filled.store.write() as connection:
        pass
    with filled.store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    filled.store.close()
    filled.reader._store.close()
    assert filled.store.path is not None
    return filled.store.path
