"""A witness that does not wait for the disk: the negative control of test_witness_command.py. Takes greffe's own arguments."""

from typing import Any

import greffe
from registry.witness import server

_patient = server._on_connect


def _hastily(connection: Any, record: object) -> None:
    _patient(connection, record)
    connection.execute("PRAGMA synchronous=NORMAL")


if __name__ == "__main__":
    server._on_connect = _hastily
    greffe.main()
