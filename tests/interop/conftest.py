"""What software of other people is given: two hundred credentials for each kind of issuing key, and a whole public log."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.builders import grown_log
from tests.builders.grown_log import GrownLog
from tests.builders.issued import Issued, issued


@pytest.fixture(scope="session")
def issued_for(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Issued]:
    """Credentials that have a proof by that cryptosuite; made once for each kind of key."""

    @cache
    def by_key(kind: str) -> Issued:
        return issued(tmp_path_factory.mktemp("interop"), kind)

    return lambda suite: by_key("Ed25519" if suite.startswith("eddsa") else "P-256")


@pytest.fixture(scope="session")
def log(tmp_path_factory: pytest.TempPathFactory) -> GrownLog:
    """A ledger of ours that grew, published at several sizes."""
    return grown_log.honest(tmp_path_factory.mktemp("log"))


@pytest.fixture(scope="session")
def fork(tmp_path_factory: pytest.TempPathFactory) -> GrownLog:
    """Another history of the same ledger, signed by the same key."""
    return grown_log.forked(tmp_path_factory.mktemp("fork"))


@pytest.fixture(scope="session")
def log_url(log: GrownLog) -> Iterator[str]:
    """Where the ledger is served by our own app."""
    with grown_log.served(log) as base:
        yield base


@pytest.fixture(scope="session")
def log_files(log: GrownLog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ledger written out as files. Copy it before changing anything."""
    return log.write_out(tmp_path_factory.mktemp("written"))
