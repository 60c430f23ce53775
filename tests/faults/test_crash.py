"""Kill -9 at random points of appending and publishing, two writers at once: nothing acknowledged is lost, no size has two roots.

kill -9 says nothing of a power loss, since the kernel keeps what was written: test_syscalls.py looks at the fsyncs.
"""

import signal
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

from registry.errors import LedgerDamaged
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.settings import from_environ
from sample_data.make_expected import fixed_bytes as seeded
from tests.builders.command import SOAK
from tests.builders.postgresql import Server
from tests.faults.note_writer import (
    CRASH_POINTS,
    Task,
    Told,
    Writer,
    check_all,
    check_pages,
    check_roots,
    opened,
    trust_of,
)

KILLS, SERVER_KILLS, RACED = (200, 5, 200) if SOAK else (60, 3, 60)

Install = Callable[[str], tuple[Office, dict[str, str]]]


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    """An empty installation, and the environment that leads to it."""
    made: list[Office] = []

    def new(database_url: str = "") -> tuple[Office, dict[str, str]]:
        environ = {"GREFFE_DATA": str(tmp_path / "data"), "GREFFE_DATABASE_URL": database_url}
        office = initialize(from_environ(environ), seeded("keys"))
        office.store.close()
        made.append(office)
        return office, environ

    yield new
    for office in made:
        office.store.close()
        office.reader._store.close()


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of this test's own: it is killed."""
    made = Server()
    yield made
    made.remove()


def test_kills_lose_nothing(install: Install) -> None:
    office, environ = install("")
    trust, lot = trust_of(office), Random(KILLS)
    acknowledged: list[Told] = []
    sizes, in_the_middle = set[int](), 0
    for kill in range(1, KILLS + 1):
        task = Task(
            environ, 10_000, tuple(lot.choice((1, 2, 7, 32)) for _ in range(5)), publishes_every=lot.choice((0, 3))
        )
        with Writer(task) as writer:
            writer.begin()
            heads = [head for head in (writer.next() for _ in range(lot.randrange(4))) if head is not None]
            time.sleep(lot.uniform(0, 0.02))
            writer.kill()
            heads += writer.rest()
        assert writer.stopped is None
        acknowledged += heads
        in_the_middle += bool(heads)
        with opened(environ) as store:
            sizes.add(check_roots(store, acknowledged[-20:]))
            if kill % 30 == 0:
                check_all(store, trust, acknowledged)
        if kill % 20 == 0:
            check_pages(Path(environ["GREFFE_DATA"]) / "ledger.db")
    assert in_the_middle > KILLS / 2, "most kills came before the first batch"
    assert len(sizes) > KILLS / 2


@pytest.mark.parametrize("passes", [0, 1, 5])
@pytest.mark.parametrize("point", CRASH_POINTS)
def test_a_writer_that_dies_at_a_named_point_leaves_a_whole_ledger(install: Install, point: str, passes: int) -> None:
    office, environ = install("")
    trust = trust_of(office)
    with Writer(Task(environ, 20, (3, 40), publishes_every=2, dies=(point, passes))) as writer:
        writer.begin()
        heads = writer.rest()
        assert writer.exit_code() == -signal.SIGKILL, "it never came there"
    last_size = heads[-1][0] if heads else 0
    with opened(environ) as store:
        unheard = check_all(store, trust, heads) - last_size
    assert unheard == 0 or (point == "after the commit" and unheard in (3, 40))
    with Writer(Task(environ, 2, (3, 40), publishes_every=1)) as again:
        again.begin()
        heads += again.rest()
        assert again.stopped is None
    with opened(environ) as store:
        assert check_all(store, trust, heads) == heads[-1][0]


def test_a_killed_server_loses_nothing(install: Install, server: Server) -> None:
    office, environ = install(server.new_database())
    trust, lot = trust_of(office), Random(5)
    office.reader._store.close()
    acknowledged: list[Told] = []
    for _ in range(SERVER_KILLS):
        with Writer(Task(environ, 10_000, (1, 32, 7))) as writer:
            writer.begin()
            acknowledged += [head for head in (writer.next(), writer.next()) if head is not None]
            time.sleep(lot.uniform(0, 0.3))
            server.kill()
            acknowledged += writer.rest()
            assert writer.stopped == "storage_away"
        server.start()
        with opened(environ) as store:
            check_roots(store, acknowledged[-20:])
    assert len(acknowledged) > 2 * SERVER_KILLS
    with opened(environ) as store:
        check_all(store, trust, acknowledged)


def raced(environ: dict[str, str], *without: str) -> tuple[list[Told], dict[int, set[str]]]:
    """All that two writers at once acknowledged; and the roots of each size."""
    tasks = [Task(environ, RACED, reason=f"writer_{name}", without=frozenset(without)) for name in "ab"]
    with Writer(tasks[0]) as first, Writer(tasks[1]) as other:
        first.begin()
        other.begin()
        heads = first.rest() + other.rest()
        assert (first.stopped, other.stopped) == (None, None)
    roots = defaultdict(set)
    for size, root in heads:
        roots[size].add(root)
    return heads, roots


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_two_writers_never_give_two_roots_for_one_size(
    install: Install, database: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("postgresql").new_database() if database == "postgresql" else ""
    office, environ = install(url)
    heads, roots = raced(environ)
    assert len(heads) == len(roots) == 2 * RACED
    with opened(environ) as store:
        assert check_all(store, trust_of(office), heads) == 2 * RACED


def test_control_without_compare_and_swap_they_do(install: Install) -> None:
    office, environ = install("")
    with office.store.write() as connection:
        for verb in ("update", "delete"):
            connection.exec_driver_sql(f"DROP TRIGGER ledger_entry_no_{verb}")
    office.store.close()
    heads, roots = raced(environ, "swap")
    assert len(heads) == 2 * RACED
    assert sum(len(hashes) > 1 for hashes in roots.values()) > 0
    with opened(environ) as store, pytest.raises((AssertionError, sa.exc.DatabaseError, LedgerDamaged)):
        check_all(store, trust_of(office), heads)
