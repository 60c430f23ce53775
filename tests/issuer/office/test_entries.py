"""`POST /entries`: what is taken, what is refused and leaves nothing, and an office whose disk fails."""

import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from issuer.office.app import create_office_app
from registry.encoding import strict_json
from registry.installation.office import Office
from registry.installation.public import Public
from registry.installation.sequencer import Sequencer
from registry.installation.settings import from_environ
from registry.log import entry
from registry.store import document_rows, rows
from registry.verify.anchor import REASON
from tests.builders.command import NOW, ROOT, Greffe, free_port, surroundings
from tests.builders.http_client import Client
from tests.builders.office import TOKEN
from tests.faults.note_writer import check_all, trust_of

NOTE = b'{"kind":"note","reason":"test"}'
PostLines = Callable[..., httpx.Response]


def appender(office: Office, sequencer: Sequencer | None) -> PostLines:
    client = Client(create_office_app(office, surroundings("entries"), TOKEN, sequencer=sequencer))

    def post(*lines: bytes, media_type: str = "application/x-ndjson", token: str = TOKEN) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": media_type}
        return client.request("POST", "/entries", headers=headers, content=b"\n".join(lines))

    return post


@pytest.fixture
def sequencer(office: Office) -> Iterator[Sequencer]:
    opened = Sequencer(office, lambda: NOW, lambda error: pytest.fail(str(error)), room=512)
    yield opened
    opened.close()


@pytest.fixture
def post(office: Office, sequencer: Sequencer) -> PostLines:
    return appender(office, sequencer)


def is_well(office: Office) -> bool:
    return check_all(office.store, trust_of(office), []) == office.reader.size()


def test_notes_are_appended_and_their_texts_committed_to(office: Office, post: PostLines) -> None:
    text = "Closed on 1 May · fermé"
    lines = [NOTE, json.dumps({"kind": "note", "reason": "holiday", "text": text}).encode(), b""]
    answer = post(*lines)
    assert answer.status_code == 201, answer.text
    with office.store.read() as connection:
        head, bodies = rows.read_head(connection), rows.read_entries(connection, 0, 2)
        document = document_rows.read_document(connection, 1)
        assert document_rows.read_document(connection, 0) is None
    assert head is not None
    assert answer.json() == {"first": 0, "count": 2, "size": 2, "root": head[1].hex()}
    plain, with_text = map(entry.parse, bodies)
    assert (plain.kind, plain.reason, plain.commitment) == ("note", "test", None)
    assert document is not None
    assert strict_json.parse_object(document[0]) == {"text": text}
    assert with_text.commitment == entry.commitment(document[1], {"text": text})
    assert is_well(office)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"", "json"),
        (b"[]", "json"),
        (b'{"kind":"note"', "json"),
        (b'{"kind":"note","kind":"note","reason":"test"}', "json_strict"),
        (b'{"kind":"note","reason":"test","text":"\\ud800"}', "json_strict"),
        (b'{"kind":"note","reason":"caf\xe9"}', "encoding"),
        (b'{"kind":"note","reason":"test","org":"sample:BC1"}', "member_unknown"),
        (b'{"reason":"test"}', "kind"),
        (b'{"kind":"erase","reason":"test"}', "kind"),
        (b'{"kind":"note"}', "reason"),
        (b'{"kind":"note","reason":"Test"}', "reason"),
        (b'{"kind":"note","reason":["test"]}', "reason"),
        (b'{"kind":"note","reason":"%s"}' % REASON.encode(), "reason"),
        (b'{"kind":"note","reason":"test","text":null}', "text"),
        (b'{"kind":"note","reason":"test","text":"%s"}' % (b"x" * 4097), "text"),
        ('{"kind":"note","reason":"test","text":"%s"}'.replace("%s", "é" * 2049).encode(), "text"),
    ],
)
def test_one_bad_line_refuses_the_request(office: Office, post: PostLines, line: bytes, code: str) -> None:
    answer = post(NOTE, NOTE, line, NOTE)
    assert (answer.status_code, answer.json()["code"]) == (400, code), answer.text
    assert answer.json()["detail"].startswith("line 3: ")
    assert office.reader.size() == 0


def test_a_request_has_at_most_256_lines_and_some_mib(office: Office, post: PostLines) -> None:
    assert post(*[NOTE] * 257).json()["code"] == "entries"
    assert post(b"").json()["code"] == "json"
    assert post(b" " * (7 << 20)).status_code == 413
    assert office.reader.size() == 0
    long = json.dumps({"kind": "note", "reason": "test", "text": "\x01" * 4096}).encode()
    assert post(*[long] * 256).json()["size"] == 256


def test_only_with_the_token_and_as_ndjson(office: Office, post: PostLines) -> None:
    assert post(NOTE, token="u" * 43).status_code == 401
    assert post(NOTE, media_type="application/json").status_code == 415
    assert office.reader.size() == 0


def test_an_office_without_a_sequencer_says_so(office: Office) -> None:
    answer = appender(office, None)(NOTE)
    assert (answer.status_code, answer.json()["code"]) == (404, "entries_off")


def together(acts: list[Callable[[], Any]]) -> None:
    running = [threading.Thread(target=act) for act in acts]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(60)


def test_eight_clients_at_once_each_get_places_of_their_own(office: Office, post: PostLines) -> None:
    by_client: dict[str, list[dict[str, Any]]] = {f"client_{n}": [] for n in range(8)}

    def client(name: str) -> None:
        for size in (1, 7, 30):
            by_client[name].append(post(*[b'{"kind":"note","reason":"%s"}' % name.encode()] * size).json())

    together([lambda name=name: client(name) for name in by_client])  # type: ignore[misc]
    with office.store.read() as connection:
        reasons = [entry.parse(body).reason for body in rows.read_entries(connection, 0, 8 * 38)]
    for name, answers in by_client.items():
        assert [answer["count"] for answer in answers] == [1, 7, 30]
        for answer in answers:
            first, count = answer["first"], answer["count"]
            assert reasons[first : first + count] == [name] * count
            assert answer["size"] >= first + count
    every = [(reply["first"], reply["first"] + reply["count"]) for answers in by_client.values() for reply in answers]
    assert sorted(i for first, end in every for i in range(first, end)) == list(range(8 * 38))
    assert is_well(office)


def test_too_much_at_once_is_told_to_come_again(office: Office, post: PostLines) -> None:
    answers = list[httpx.Response]()
    with office.writing():
        waiting = [threading.Thread(target=lambda: answers.append(post(*[NOTE] * 256))) for _ in range(4)]
        for thread in waiting:
            thread.start()
        while len(answers) < 2:  # 512 have room
            waiting[0].join(0.01)
    for thread in waiting:
        thread.join(60)
    refused, taken = answers[:2], answers[2:]
    assert [(answer.status_code, answer.json()["code"], answer.headers["retry-after"]) for answer in refused] == [
        (503, "overloaded", "5")
    ] * 2
    assert sorted(answer.json()["first"] for answer in taken) == [0, 256]
    assert office.reader.size() == 512


def test_while_another_process_writes_the_caller_comes_again(office: Office, post: PostLines) -> None:
    with Office(office.settings).writing():
        answer = post(NOTE)
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "busy", "5")
    assert post(NOTE).status_code == 201


#: an office whose commits fail as those on a bad disk do, once a file of that name is there
FAILING = """
import os, sqlite3, sys
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite as dialect
import greffe
commit = dialect.do_commit
def fail(self, connection):
    if os.path.exists(bad):
        connection.rollback()
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_IOERR_FSYNC, "SQLITE_IOERR_FSYNC"
        raise error
    commit(self, connection)
dialect.do_commit = fail
bad = sys.argv.pop()
sys.argv[:] = ["greffe", *sys.argv[1:]]
greffe.main()
"""


def posted(port: int, token: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/entries", NOTE, headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def wait_until_alive(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail("the office does not answer")


@pytest.mark.parametrize("seconds", [0, 2])
def test_an_office_whose_disk_fails_ends(greffe: Greffe, seconds: float) -> None:
    """Whether the ledger's own commit fails first, or what is looked at once in a while."""
    greffe("init")
    port, bad = free_port(), greffe.data / "bad"
    process = subprocess.Popen(
        [sys.executable, "-c", FAILING, "office", "--port", str(port), str(bad)],
        cwd=ROOT, env=greffe.environ, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        assert "its token is in" in process.stderr.readline()
        wait_until_alive(port)
        token = (greffe.data / "keys" / "office-token").read_text().strip()
        assert posted(port, token)[0] == 201
        bad.touch()
        time.sleep(seconds)
        status, problem = posted(port, token)
        assert (status, problem["code"]) == (500, "storage_failed")
        assert process.wait(60) == 78
        assert "greffe: storage_failed:" in process.stderr.read()
    finally:
        process.kill()
        process.communicate()
    assert Public(from_environ(greffe.environ)).reader.size() == 1
