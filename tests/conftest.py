"""Fixtures of several rooms. Reach for `office` for a ledger in this process, `filled` for one with organizations in it,
`greffe` for the command, `live_server` for a running site with the sample issued and published. Each test gets a scratch
directory of its own; `live_server` is one for all.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from registry.encoding.remembered import forget
from registry.installation.office import Office
from tests.builders import ledger
from tests.builders.command import ROOT, SOAK, Greffe, free_port, greffe_in, wait_for
from tests.builders.postgresql import Server
from tests.builders.search_node import SharedNode

# no test fails by chance: the same examples every time (others in `make soak`), and no clock beside them
settings.register_profile(
    "greffe", derandomize=not SOAK, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("greffe")


@pytest.fixture(autouse=True)
def _forgetful(request: pytest.FixtureRequest) -> Iterator[None]:
    """Where something else takes the place of a check, nothing that was checked before or meanwhile is remembered."""
    patches = "monkeypatch" in request.fixturenames
    if patches:
        forget()
    yield
    if patches:
        forget()


@pytest.fixture(scope="session")
def empty_installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ledger.empty(tmp_path_factory.mktemp("empty") / "data")


@pytest.fixture(scope="session")
def filled_installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ledger.filled(tmp_path_factory.mktemp("filled") / "data")


@pytest.fixture
def office(empty_installation: Path, tmp_path: Path) -> Office:
    """A new installation in a scratch directory, with keys that are always the same."""
    return ledger.copied(empty_installation, tmp_path / "data")


@pytest.fixture
def filled(filled_installation: Path, tmp_path: Path) -> Office:
    """An office that has issued and published three organizations, one of them a natural person."""
    return ledger.copied(filled_installation, tmp_path / "data")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server of our own, one for all tests."""
    server = Server()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def search_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real Elasticsearch node, one for all processes of tests."""
    own = tmp_path_factory.getbasetemp()
    node = SharedNode((own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "search-node")
    yield node.url
    node.release()


@pytest.fixture
def greffe(tmp_path: Path) -> Greffe:
    """The command on a scratch data directory."""
    return greffe_in(tmp_path / "data")


@pytest.fixture(scope="session")
def live_installation(tmp_path_factory: pytest.TempPathFactory) -> Greffe:
    """The sample register issued and published, once for all tests that only read."""
    greffe = greffe_in(tmp_path_factory.mktemp("live"), free_port())
    greffe("init")
    greffe("issue", "--source", "table", ROOT / "sample_data", expect=3)
    greffe("publish")
    return greffe


@pytest.fixture(scope="session")
def live_server(live_installation: Greffe) -> Iterator[str]:
    """The base URL of a running site over the sample."""
    server = live_installation.start("serve")
    base = f"http://localhost:{live_installation.environ['PORT']}"
    try:
        wait_for(base)
        yield base
    finally:
        server.terminate()
        server.wait(timeout=30)
