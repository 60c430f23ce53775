"""The way to a search engine: TLS, credentials, addresses that are dead or slow, and for how long it is tried."""

import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from registry.errors import Usage
from registry.installation.settings import SearchEngine, from_environ
from search.errors import SearchAway
from search.index.cluster import Cluster
from search.index.elastic import ElasticIndex
from search.index.embedded import EmbeddedIndex
from search.index.follow import follow
from search.index.matchers import MatchPool
from search.index.opening import open_index
from search.question.matching import MatchedHere, Wanted
from search.question.query import Filters, parse_query
from tests.builders.command import ROOT, Greffe, free_port, wait_for
from tests.builders.register import small_ledger
from tests.builders.search_node import free_ports
from tests.builders.strangers_server import Stranger, reply, stranger

SECRET = "hunter2-of-this-test"


def counted(body: object = None, status: str = "200 OK") -> bytes:
    """What an engine answers: by one header the official client knows that it is one."""
    kind = "application/vnd.elasticsearch+json;compatible-with=8"
    body = {"count": 3} if body is None else body
    more = ("X-Elastic-Product: Elasticsearch", "Connection: close")
    return reply(json.dumps(body).encode(), *more, status=status, media_type=kind)


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[tuple[Stranger, Path]]:
    with stranger(tmp_path, lambda _target: iter([counted()]), datetime.now(UTC), "localhost") as server:
        authority = tmp_path / "ca.pem"
        authority.write_text(ssl.DER_cert_to_PEM_cert(server.tls.get_ca_certs(binary_form=True)[0]), "ascii")
        yield server, authority


def count(cluster: Cluster) -> int:
    try:
        return cluster.read(lambda client: client.count(index="any")).body["count"]
    finally:
        cluster.close()


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        (f"{SECRET}Xy1==\n", f"authorization: ApiKey {SECRET}Xy1=="),
        (f"reader:{SECRET}", "authorization: Basic cmVhZGVyOmh1bnRlcjItb2YtdGhpcy10ZXN0"),
    ],
)
def test_credentials_travel_by_tls_and_are_never_logged(
    secured: tuple[Stranger, Path], tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str, sent: str
) -> None:
    caplog.set_level(0)
    server, authority = secured
    file = tmp_path / "credentials"
    file.write_text(text, "utf-8")
    engine = SearchEngine((f"https://localhost:{server.port}",), file, authority)
    assert count(Cluster(engine)) == 3
    assert sent.lower() in server.requests[0].decode().lower()
    assert caplog.text
    assert SECRET not in caplog.text
    assert SECRET not in repr(engine)


def test_a_stranger_in_its_place_is_sent_nothing(secured: tuple[Stranger, Path], tmp_path: Path) -> None:
    server, _ = secured
    file = tmp_path / "credentials"
    file.write_text(SECRET, "utf-8")
    cluster = Cluster(SearchEngine((f"https://localhost:{server.port}",), file), reading=0.5)
    with pytest.raises(SearchAway):
        count(cluster)
    assert server.requests == []


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_refused_credentials_are_told_once_and_search_is_away(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, status: str
) -> None:
    answer = counted({"error": "no"}, status)
    with stranger(tmp_path, lambda _target: iter([answer]), datetime.now(UTC), "localhost") as server:
        authority = tmp_path / "ca.pem"
        authority.write_text(ssl.DER_cert_to_PEM_cert(server.tls.get_ca_certs(binary_form=True)[0]), "ascii")
        with pytest.raises(SearchAway):
            count(Cluster(SearchEngine((f"https://localhost:{server.port}",), None, authority)))
        assert len(server.requests) == 1
    assert "refuses our credentials" in caplog.text


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_what_passes_is_tried_again(tmp_path: Path, status: str) -> None:
    answers = iter([counted({"error": "busy"}, status), counted({"error": "busy"}, status), counted()])
    with stranger(tmp_path, lambda _target: iter([next(answers)]), datetime.now(UTC), "localhost") as server:
        authority = tmp_path / "ca.pem"
        authority.write_text(ssl.DER_cert_to_PEM_cert(server.tls.get_ca_certs(binary_form=True)[0]), "ascii")
        assert count(Cluster(SearchEngine((f"https://localhost:{server.port}",), None, authority))) == 3
        assert len(server.requests) == 3


@pytest.mark.parametrize("text", ["", "\n", ":", "user:", ":password", "one\ntwo"])
def test_credentials_that_are_none_are_wrong_usage(tmp_path: Path, text: str) -> None:
    file = tmp_path / "credentials"
    file.write_text(text, "utf-8")
    with pytest.raises(Usage, match="GREFFE_SEARCH_CREDENTIALS_FILE"):
        Cluster(SearchEngine(("https://localhost:9200",), file))


def test_files_that_are_missing_are_wrong_usage(tmp_path: Path) -> None:
    for engine, word in (
        (SearchEngine(("https://localhost:9200",), tmp_path / "no"), "CREDENTIALS"),
        (SearchEngine(("https://localhost:9200",), None, tmp_path / "no"), "CA"),
    ):
        with pytest.raises(Usage, match=word):
            Cluster(engine)


def test_nobody_listening_is_search_away_within_its_time() -> None:
    (port,) = free_ports(1)
    engine = SearchEngine((f"http://127.0.0.1:{port}",))
    index = ElasticIndex(engine, "any", cluster=Cluster(engine, reading=0.6, writing=0.6))
    for ask in (
        lambda: index.search(parse_query("zara"), Filters(), None, 10),
        lambda: index.suggest(parse_query("zara"), Filters(), 10),
        lambda: index.get("sample", "1"),
        index.cursor,
        index.health,
        lambda: index.apply([], 1),
        lambda: index.rebuild([], 1),
    ):
        began = time.monotonic()
        with pytest.raises(SearchAway):
            ask()
        assert time.monotonic() - began < 20
    index.close()


def test_a_node_that_never_answers_is_search_away_within_its_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        cluster = Cluster(SearchEngine((f"http://127.0.0.1:{silent.getsockname()[1]}",)), reading=1.0)
        began = time.monotonic()
        with pytest.raises(SearchAway):
            count(cluster)
        assert time.monotonic() - began < 20


def test_one_of_several_addresses_that_is_dead_is_no_error(search_node: str) -> None:
    (port,) = free_ports(1)
    engine = SearchEngine((f"http://127.0.0.1:{port}", search_node))
    cluster, wrong = Cluster(engine), []

    def ask() -> None:
        try:
            for _ in range(5):
                cluster.read(lambda client: client.cluster.health())
        except SearchAway as error:
            wrong.append(error)

    threads = [threading.Thread(target=ask) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    cluster.close()


def test_the_index_is_where_the_settings_say(tmp_path: Path) -> None:
    folder = {"GREFFE_DATA": str(tmp_path)}
    assert isinstance(open_index(from_environ(folder), "o"), EmbeddedIndex)
    index = open_index(from_environ({**folder, "GREFFE_SEARCH_URL": "http://127.0.0.1:1"}), "o")
    assert isinstance(index, ElasticIndex)
    index.close()
    one, other = (
        open_index(from_environ({**folder, "GREFFE_SEARCH_URL": "http://127.0.0.1:1"}), origin).generations.alias  # type: ignore[attr-defined]
        for origin in ("office.example", "other.example")
    )
    assert one != other


def test_lists_are_matched_by_another_process_on_the_same_index(search_node: str, tmp_path: Path) -> None:
    settings = from_environ({"GREFFE_DATA": str(tmp_path), "GREFFE_SEARCH_URL": search_node})
    index = open_index(settings, "matched.example")
    follow(small_ledger(), index)
    pool = MatchPool(partial(open_index, settings, "matched.example"))
    try:
        wanted = [Wanted(None, name, "", "", None) for name in ("zara", "nobody is called so")]
        assert pool.match(wanted, {"sample"}) == MatchedHere(index).match(wanted, {"sample"})
    finally:
        pool.close()


def test_a_site_on_a_real_node_answers_as_one_with_the_embedded_index(
    live_installation: Greffe, live_server: str, search_node: str
) -> None:
    port = free_port()
    own = Greffe({**live_installation.environ, "GREFFE_SEARCH_URL": search_node, "PORT": str(port)})
    server, base = own.start("serve"), f"http://localhost:{port}"
    try:
        wait_for(base)
        for path in ("api/v1/organizations?q=harbour", "api/v1/organizations?q=", "api/v1/autocomplete?q=nor"):
            mine, its = (fetched(f"{site}/{path}") for site in (base, live_server))
            assert mine == its
        assert b"<html" in fetched(f"{base}/en/search?q=ltd")
    finally:
        server.terminate()
        server.wait(timeout=30)


def fetched(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read()


def test_without_a_search_engine_nobody_waits_for_its_client() -> None:
    program = "import sys, search.commands, search.app; sys.exit('elasticsearch' in sys.modules)"
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    assert subprocess.run([sys.executable, "-c", program], env=environ, cwd=ROOT).returncode == 0


def test_commands_on_a_real_node_and_with_none(live_installation: Greffe, search_node: str, tmp_path: Path) -> None:
    own = Greffe({**live_installation.environ, "GREFFE_SEARCH_URL": search_node})
    assert "holds the ledger" in own("follow").stdout
    file = tmp_path / "list.csv"
    file.write_text("name\nNobody Is Called So Qxyz\n", "utf-8")
    assert "1 of 1 rows" in own("match", str(file)).stderr
    (port,) = free_ports(1)
    away = Greffe({**live_installation.environ, "GREFFE_SEARCH_URL": f"http://127.0.0.1:{port}"})
    assert "search_away" in away("follow", expect=75).stderr


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(reply(b"<html>log in</html>", media_type="text/html"), id="a proxy's page"),
        pytest.param(reply(b"<html>moved</html>", status="302 Found", media_type="text/html"), id="a redirect"),
        pytest.param(reply(b"too large", status="413 Too Large", media_type="text/html"), id="a limit of a proxy"),
        pytest.param(reply(b"{}", status="404 Not Found"), id="nothing there"),
        *(
            pytest.param(counted(body), id=f"an engine's {json.dumps(body)[:40]}")
            for body in (
                {},
                [],
                "text",
                {"responses": None},
                {"responses": []},
                {"responses": [{}, {}], "id": "p"},
                {"responses": [{"error": "x"}, {"error": "y"}], "id": "p"},
                {
                    "id": "p",
                    "responses": [
                        {"hits": {"hits": [{"_source": {"stored": {"cursor": "1"}}, "_index": "x", "_seq_no": 1}]}},
                        {"hits": {"total": {"value": 1}}},
                    ],
                },
            )
        ),
    ],
)
def test_what_answers_in_the_place_of_the_engine_is_search_away(tmp_path: Path, answer: bytes) -> None:
    with stranger(tmp_path, lambda _target: iter([answer]), datetime.now(UTC), "localhost") as server:
        authority = tmp_path / "ca.pem"
        authority.write_text(ssl.DER_cert_to_PEM_cert(server.tls.get_ca_certs(binary_form=True)[0]), "ascii")
        engine = SearchEngine((f"https://localhost:{server.port}",), None, authority)
        index = ElasticIndex(engine, "any", 0.0, Cluster(engine, 0.3, 0.3))
        asks: list[Callable[[], object]] = [
            lambda: index.find(parse_query("alpha"), Filters(), None, 10),
            lambda: index.get("sample", "BC1"),
            index.cursor,
            index.health,
            lambda: index.apply([], 1),
            lambda: index.rebuild([], 1),
        ]
        for ask in asks:
            with pytest.raises(SearchAway):
                ask()
        index.close()
