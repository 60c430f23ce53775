"""Many processes on one PostgreSQL: bounded connections, one writer, a replica that lags, a server that refuses or is gone."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from issuer.run.issue import issue
from registry.encoding.jcs import jcs
from registry.errors import Conflict, Refused, StorageAway
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.public import Public
from registry.installation.settings import from_environ
from registry.ledger.publish import publish
from registry.store import postgresql as dialect
from registry.store.database import Store
from registry.verify.steps import verify
from registry.verify.trust import parse
from sample_data.make_expected import fixed_bytes
from search.app import create_app
from search.index.embedded import EmbeddedIndex
from search.index.follow import follow
from tests.builders import ledger
from tests.builders.command import NOW, SOAK, surroundings
from tests.builders.http_client import Client
from tests.builders.ledger import extract, state
from tests.builders.postgresql import Server
from tests.registry.store.test_database import NOTE


@pytest.fixture(scope="module")
def primary() -> Iterator[Server]:
    server = Server()
    yield server
    server.remove()


@pytest.fixture(scope="module")
def replica(primary: Server) -> Iterator[Server]:
    """A streaming replica, made with pg_basebackup."""
    server = Server(primary)
    yield server
    server.remove()


@pytest.fixture
def office(primary: Server, tmp_path: Path) -> Iterator[Office]:
    environ = {"GREFFE_DATA": str(tmp_path / "data"), "GREFFE_DATABASE_URL": primary.new_database()}
    made = ledger.fill(initialize(from_environ(environ), fixed_bytes("keys")))
    yield made
    ledger.closed(made)


def database_of(office: Office) -> str:
    return str(office.store.url.database)


def public_on(office: Office, server: Server, **more: str) -> Public:
    """The public side of that installation, reading that server."""
    environ = {"GREFFE_DATA": str(office.settings.data), "GREFFE_DATABASE_URL": server.url(database_of(office))}
    return Public(from_environ({**environ, **more}))


def logged_in(server: Server, database: str) -> int:
    return int(server.ask(f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}'"))


def test_a_process_never_has_more_connections_than_it_may(
    office: Office, primary: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialect, "POOL_SECONDS", 60.0)
    public = public_on(office, primary, GREFFE_DATABASE_CONNECTIONS="3")
    before, most, failed = logged_in(primary, database_of(office)), 0, list[Exception]()

    def reads() -> None:
        try:
            for _ in range(5):
                public.reader.account("sample", "BC0000002")
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=reads) for _ in range(20)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        most = max(most, logged_in(primary, database_of(office)))
    assert not failed
    assert 0 < most - before <= 3
    public.store.close()


def test_who_finds_no_connection_waits_a_while_and_is_told_by_a_code(
    office: Office, primary: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(dialect, "POOL_SECONDS", 0.3)
    public = public_on(office, primary, GREFFE_DATABASE_CONNECTIONS="2")
    client = Client(create_app(public.reader, EmbeddedIndex(tmp_path / "index.db")))
    assert client.get("/api/v1/organizations/sample/BC0000002").status_code == 200
    with ExitStack() as held:
        for _ in range(2):
            held.enter_context(public.store.read()).exec_driver_sql("SELECT 1")
        began = time.monotonic()
        with pytest.raises(Conflict) as refused, public.store.read():
            pass
        assert refused.value.code == "storage_busy"
        assert 0.2 < time.monotonic() - began < 30
        answer = client.get("/api/v1/organizations/sample/BC0000002")
        assert (answer.status_code, answer.json()["code"]) == (503, "storage_busy")
        assert int(answer.headers["retry-after"]) > 0
    assert client.get("/api/v1/organizations/sample/BC0000002").status_code == 200
    public.store.close()


def test_who_waits_is_served_as_soon_as_a_connection_is_free(office: Office, primary: Server) -> None:
    """The control of the one above: the wait is for something."""
    store = Store(primary.url(database_of(office)), read_only=True, connections=2)
    with ExitStack() as held:
        for _ in range(2):
            held.enter_context(store.read())
        timer = threading.Timer(0.3, held.close)
        timer.start()
        with store.read() as connection:
            assert connection.exec_driver_sql("SELECT 1").scalar() == 1
        timer.join()
    store.close()


def test_a_server_without_a_free_connection_is_busy_not_full(
    office: Office, primary: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialect, "POOL_SECONDS", 0.3)
    store = Store(f"{primary.url(database_of(office), 'limited')}", read_only=True, connections=5)
    primary.ask("CREATE ROLE limited LOGIN CONNECTION LIMIT 1")
    with store.read() as connection:
        connection.exec_driver_sql("SELECT 1")
        with pytest.raises(Conflict) as refused, store.read():
            pass
    assert refused.value.code == "storage_busy"
    store.close()


def test_a_wrong_password_role_or_database_is_refused_and_a_server_that_is_gone_is_not(
    primary: Server, tmp_path: Path
) -> None:
    primary.ask("CREATE ROLE locked LOGIN PASSWORD 'right'")
    primary.ask_for_password("locked")
    for user, database in (
        ("locked:wrong", "postgres"),
        ("locked", "postgres"),
        ("nobody_here", "postgres"),
        ("reg", "none"),
    ):
        store = Store(primary.url(database, user))
        with pytest.raises(Refused) as refused, store.read():
            pass
        assert refused.value.code == "storage_refused", user
        with pytest.raises(Refused), store.write():
            pass
    store = Store(primary.url("postgres", "locked:right"))
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    store.close()
    for url in (f"postgresql+psycopg://reg@/postgres?host={tmp_path}", "postgresql+psycopg://reg@127.0.0.1:9/postgres"):
        with pytest.raises(StorageAway), Store(url).read():
            pass


@pytest.mark.parametrize("error", [psycopg.OperationalError("refused"), psycopg.errors.ConnectionTimeout("too long")])
def test_a_server_that_came_back_after_it_gave_no_connection_was_away(
    primary: Server, error: psycopg.OperationalError
) -> None:
    failed = sa.exc.OperationalError("", None, error)
    store = Store(primary.url("postgres"))
    assert isinstance(store._backend.judge(failed), StorageAway)
    refused = Store(primary.url("none"))._backend.judge(failed)
    assert isinstance(refused, Refused) == (type(error) is psycopg.OperationalError), "it refuses while it is there"


def test_two_machines_write_one_ledger_one_after_the_other(office: Office, primary: Server, tmp_path: Path) -> None:
    """Each with a data directory of its own, so that no lock file is between them: the server's lock alone is."""
    other = ledger.beside(office, tmp_path / "other", primary.url(database_of(office)))
    with office.writing() as ours, other.writing() as theirs:
        before = ours.head.size
        ours.append([NOTE], {}, NOW)
        with pytest.raises(Conflict) as refused:
            theirs.append([NOTE], {}, NOW)
        assert refused.value.code == "head_moved"
        theirs.append([NOTE], {}, NOW)
        assert theirs.head.size == before + 2
    publish(office.store, office.log_keys.signers)
    assert office.reader.progress().published == before + 2
    ledger.closed(other)


def test_without_the_servers_lock_a_writer_comes_between(
    office: Office, primary: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: what keeps the second one out is the advisory lock, and nothing else of ours."""
    monkeypatch.setattr(dialect, "_SETTINGS", ("lock_timeout = '50ms'",))
    first, second = (Store(primary.url(database_of(office))) for _ in range(2))
    second._backend.begin = lambda _connection: None  # type: ignore[method-assign]
    with first.write(), second.write() as connection:
        connection.exec_driver_sql("SELECT 1")
    del second._backend.begin  # type: ignore[attr-defined]
    with first.write(), pytest.raises(Conflict) as refused, second.write():
        pass
    assert refused.value.code == "busy"
    first.close()
    second.close()


def grow(office: Office, n: int) -> None:
    """One organization more, and another name of one that was there, published together."""
    states = [
        state(f"BC{100 + n:07d}", f"LATER {n} LTD.", str(100 + n), "2022-01-01"),
        state("BC0000002", f"HARBOUR SEAL {n} INC.", str(200 + n), f"2021-{1 + n // 28:02d}-{1 + n % 28:02d}"),
    ]
    issue(office, "table", extract(states), surroundings(f"grow {n}"))
    publish(office.store, office.log_keys.signers)


def test_a_replica_that_lags_answers_as_of_its_own_size(
    office: Office, primary: Server, replica: Server, tmp_path: Path
) -> None:
    replica.catch_up(primary)
    behind, ahead = public_on(office, replica), public_on(office, primary)
    index = EmbeddedIndex(tmp_path / "index.db")
    client = Client(create_app(behind.reader, index))
    assert behind.reader.progress() == ahead.reader.progress()
    follow(behind.reader, index)
    before = behind.reader.progress()
    replica.pause()
    grow(office, 1)
    assert ahead.reader.progress().published > before.published
    assert behind.reader.progress() == before
    assert client.get("/readyz").text.startswith("ledger ok\nindex ok\n")
    assert client.get("/checkpoint").text.splitlines()[1] == str(before.published)
    assert len(behind.reader.organization("sample", "BC0000002")) == 1
    assert client.get("/api/v1/organizations/sample/BC0000101").status_code == 404
    assert client.get("/en/search?q=harbour").status_code == 200
    assert client.get("/en/organizations/sample/BC0000002").status_code == 200
    for path in ("/trust.json", "/tile/0/000.p/" + str(before.published), "/api/v1/proof/inclusion?index=1"):
        assert client.get(path).status_code == 200, path
    evidence = behind.reader.evidence("sample", "BC0000002", 1)
    assert verify(jcs(evidence), parse(jcs(behind.reader.trust())), NOW).verdict == "verified"
    absent = behind.reader.completeness("sample", "BC0000101")
    assert not absent.entries
    replica.resume()
    replica.catch_up(primary)
    assert behind.reader.progress() == ahead.reader.progress()
    assert client.get("/api/v1/organizations/sample/BC0000101").status_code == 200
    follow(behind.reader, index)
    assert client.get("/readyz").text.startswith("ledger ok\nindex ok\n")
    behind.store.close()
    ahead.store.close()


def test_a_replica_that_is_replaying_never_answers_half_of_a_state(
    office: Office, primary: Server, replica: Server
) -> None:
    """Whatever it has replayed, what it hands out verifies, and its sizes never go back."""
    replica.catch_up(primary)
    public, done, failed, sizes = public_on(office, replica), threading.Event(), list[Exception](), list[int]()

    def reads() -> None:
        try:
            while not done.is_set():
                sizes.append(_checked(public))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=reads) for _ in range(3)]
    for thread in threads:
        thread.start()
    for n in range(2, 40 if SOAK else 8):
        if n % 3 == 0:
            replica.pause()
        grow(office, n)
        replica.resume()
    replica.catch_up(primary)
    done.set()
    for thread in threads:
        thread.join()
    assert not failed, failed[0]
    assert len(set(sizes)) > 2
    assert _checked(public) == office.reader.size()
    public.store.close()


def _checked(public: Public) -> int:
    """Holds what the replica hands out against itself; gives how many entries it had."""
    reader = public.reader
    progress = reader.progress()
    assert progress.published <= progress.signed <= progress.size
    account = reader.account("sample", "BC0000002")
    record = account.records[-1]
    assert record.n is not None
    assert record.index < reader.size()
    if record.index < account.published_size:
        verdict = verify(jcs(reader.evidence("sample", "BC0000002", record.n)), parse(jcs(reader.trust())), NOW)
        assert verdict.verdict in ("verified", "superseded"), verdict
    assert reader.completeness("sample", "BC0000002").entries
    return progress.size


def test_a_site_outlives_a_server_that_is_killed(office: Office, primary: Server, tmp_path: Path) -> None:
    public, index = public_on(office, primary), EmbeddedIndex(tmp_path / "index.db")
    follow(public.reader, index)
    client = Client(create_app(public.reader, index))
    assert client.get("/en/organizations/sample/BC0000002").status_code == 200
    primary.kill()
    try:
        for _ in range(2):
            assert client.get("/readyz").status_code == 503
            assert client.get("/readyz").text == "ledger away (storage_away)\nindex ok\n"
            assert client.get("/en/search?q=harbour").status_code == 200
            assert client.get("/api/v1/organizations?q=harbour").json()["unchecked"] is True
            refused = client.get("/api/v1/organizations/sample/BC0000002")
            assert (refused.status_code, refused.json()["code"]) == (503, "storage_away")
    finally:
        primary.start()
    assert client.get("/readyz").text.startswith("ledger ok\nindex ok\n")
    assert client.get("/en/organizations/sample/BC0000002").status_code == 200
    public.store.close()
