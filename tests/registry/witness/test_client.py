"""Whoever asks witnesses gets what honest ones cosigned, in time, whatever the others do."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from registry import keys
from registry.errors import LedgerDamaged
from registry.log import cosignature, note
from registry.log.policy import Witness as Asked
from registry.witness import rules
from registry.witness.client import AHEAD, BYTES, COSIGNED, REFUSED, UNREACHABLE, Answer, WitnessClient
from registry.witness.server import create_witness_app
from tests.builders.command import free_port
from tests.builders.logs import ORIGIN, SECONDS, WITNESS_KEY, WITNESS_NAME, GrowingLog, witness_in
from tests.builders.site import serving
from tests.builders.strangers_server import make_certificate

LOG = GrowingLog()
KEY = cosignature.verifier_key(WITNESS_NAME, WITNESS_KEY.public)
#: what a fake witness does with a request: status, headers and body; or it writes to the connection itself and gives None
Play = Callable[[BaseHTTPRequestHandler, bytes], tuple[int, dict[str, str], bytes] | None]


@contextmanager
def playing(play: Play, certificate: Path | None = None) -> Iterator[str]:
    """A fake witness on this machine; gives its URL. `certificate`: a file with a key for localhost, for https."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = play(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))
            if answer is not None:
                self.send_response(answer[0])
                for name, value in {"Content-Length": str(len(answer[2])), **answer[1]}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer[2])

        do_GET = do_POST  # noqa: N815 - its name in http.server

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A client that hangs up is what is wanted here."""

    server = Server(("127.0.0.1", 0), Handler)
    if certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"{'http' if certificate is None else 'https'}://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def honest(folder: Path, logs: list[GrowingLog] | None = None) -> Iterator[str]:
    with serving(create_witness_app(witness_in(folder, logs))) as url:
        yield url


def named(url: str | None, name: str = "W", key: note.VerifierKey = KEY) -> Asked:
    return Asked(name, key, url)


def ask(
    client: WitnessClient, asked: list[Asked], size: int, log: GrowingLog = LOG, seconds: float = 5
) -> list[Answer]:
    signed = log.checkpoint(size)
    return client.ask(asked, log.origin, signed, size, lambda old: log.consistency(old, size), seconds)


def client_of(now: float = SECONDS) -> WitnessClient:
    return WitnessClient(lambda: now)


def is_cosigned(answer: Answer, size: int, log: GrowingLog = LOG, key: note.VerifierKey = KEY) -> bool:
    if answer.result != COSIGNED or len(answer.signatures) != 1:
        return False
    return cosignature.check(note.Note(note.parse(log.checkpoint(size)).text, answer.signatures), key) == SECONDS


def test_a_log_that_grows_is_cosigned_by_all(tmp_path: Path) -> None:
    second = keys.SigningKey(bytes([3]) * 32)
    with ExitStack() as opened:
        urls = [opened.enter_context(serving(create_witness_app(witness_in(tmp_path / str(seed), signers=[signer]))))
                for seed, signer in enumerate((WITNESS_KEY, second))]  # fmt: skip
        asked = [named(urls[0], "A"), named(urls[1] + "/", "B", cosignature.verifier_key(WITNESS_NAME, second.public))]
        client = client_of()
        for size in (1, 2, 250, 250, 1000):
            answers = ask(client, asked, size)
            assert [answer.name for answer in answers] == ["A", "B"]
            assert all(
                is_cosigned(answer, size, key=witness.key) for answer, witness in zip(answers, asked, strict=True)
            )
        # a client that remembers nothing is told the size, and goes on from it
        assert is_cosigned(ask(client_of(), asked, 1000)[0], 1000)


def test_the_size_is_remembered_between_calls(tmp_path: Path) -> None:
    served, seen = witness_in(tmp_path), []

    def play(_: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        seen.append(rules.parse(body).old)
        try:
            return 200, {}, served.add_checkpoint(body).encode()
        except rules.Stale as stale:
            return 409, {"Content-Type": rules.SIZE_TYPE}, f"{stale.size}\n".encode()

    with playing(play) as url:
        client = client_of()
        for size in (250, 300, 1000):
            assert ask(client, [named(url)], size)[0].result == COSIGNED
        assert seen == [0, 250, 300]
        assert ask(client_of(), [named(url)], 1000)[0].result == COSIGNED
        assert seen == [0, 250, 300, 0, 1000]


def test_a_witness_that_is_ahead_is_told_of_and_not_asked_again(tmp_path: Path) -> None:
    with honest(tmp_path) as url:
        assert ask(client_of(), [named(url)], 1000)[0].result == COSIGNED
        client = client_of()
        for _ in range(2):
            answer = ask(client, [named(url)], 250)[0]
            assert (answer.result, answer.size, answer.signatures) == (AHEAD, 1000, ())
        assert ask(client, [named(url)], 1000)[0].result == COSIGNED


def test_a_fork_an_unknown_log_and_another_key_are_refused(tmp_path: Path) -> None:
    with honest(tmp_path) as url:
        assert ask(client_of(), [named(url)], 250)[0].result == COSIGNED
        for log in (GrowingLog(forked=200), GrowingLog("log.example/other"), GrowingLog(signer=WITNESS_KEY)):
            answer = ask(client_of(), [named(url)], 300, log)[0]
            assert (answer.result, answer.signatures) == (REFUSED, ())
            assert answer.reason.removeprefix("it answered with status ") in ("422", "404", "403")


def cosigning(signer: keys.Signer = WITNESS_KEY, name: str = WITNESS_NAME, seconds: int = SECONDS) -> Play:
    def play(_: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        line = cosignature.make(rules.parse(body).signed.text, name, signer, seconds)
        return 200, {}, f"{line.line()}\n".encode()

    return play


def telling(status: int, body: bytes = b"", **headers: str) -> Play:
    named_headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _handler, _body: (status, named_headers, body)


def repeating(handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
    status, headers, line = cosigning()(handler, body) or (500, {}, b"")
    return status, headers, line * 100


def wrongly(handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
    line = cosignature.make(rules.parse(body).signed.text + "x", WITNESS_NAME, WITNESS_KEY, SECONDS)
    return 200, {}, f"{line.line()}\n".encode()


def endlessly(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(1000):
        handler.wfile.write(b"x" * 65536)


def many_headers(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000)


def breaking_off(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nfew")


def hanging_up(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


def no_http(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
    handler.wfile.write(b"SSH-2.0-witness\r\n\r\n")


def another_size(handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
    old = rules.parse(body).old if body else 0
    return 409, {"Content-Type": rules.SIZE_TYPE}, f"{old + 1}\n".encode()


@pytest.mark.parametrize(
    ("play", "result"),
    [
        pytest.param(telling(403), REFUSED, id="403"),
        pytest.param(telling(404), REFUSED, id="404"),
        pytest.param(telling(422), REFUSED, id="422"),
        pytest.param(telling(500), REFUSED, id="500"),
        pytest.param(telling(200), REFUSED, id="200 without a line"),
        pytest.param(telling(200, b"thanks\n"), REFUSED, id="200 with something else"),
        pytest.param(telling(200, b"\xff\xfe\n"), REFUSED, id="200 that is no text"),
        pytest.param(telling(302, Location="/forks"), REFUSED, id="a redirect"),
        pytest.param(telling(307, Location="http://localhost:1/"), REFUSED, id="a redirect elsewhere"),
        pytest.param(telling(409), REFUSED, id="409 without a size"),
        pytest.param(telling(409, b"-1\n", Content_Type=rules.SIZE_TYPE), REFUSED, id="409 with a negative size"),
        pytest.param(telling(409, b"9" * 30, Content_Type=rules.SIZE_TYPE), REFUSED, id="409 with an enormous size"),
        pytest.param(telling(409, b"400\n"), REFUSED, id="409 of another type"),
        pytest.param(telling(409, b"0\n", Content_Type=rules.SIZE_TYPE), REFUSED, id="409 that contradicts itself"),
        pytest.param(another_size, REFUSED, id="another size each time"),
        pytest.param(telling(409, b"400\n", Content_Type=rules.SIZE_TYPE), AHEAD, id="a larger size"),
        pytest.param(wrongly, REFUSED, id="a cosignature of something else"),
        pytest.param(cosigning(keys.SigningKey(bytes([7]) * 32)), REFUSED, id="another key"),
        pytest.param(cosigning(name="witness.example/w2"), REFUSED, id="another name"),
        pytest.param(cosigning(seconds=SECONDS + 301), REFUSED, id="a cosignature of the future"),
        pytest.param(cosigning(seconds=SECONDS + 59), COSIGNED, id="a clock that is a little ahead"),
        pytest.param(repeating, COSIGNED, id="one cosignature a hundred times"),
        pytest.param(endlessly, REFUSED, id="an endless answer"),
        pytest.param(many_headers, REFUSED, id="endless headers"),
        pytest.param(telling(200, b"x" * (BYTES + 1)), REFUSED, id="a large answer"),
        pytest.param(breaking_off, REFUSED, id="an answer that breaks off"),
        pytest.param(no_http, REFUSED, id="no HTTP"),
        pytest.param(hanging_up, UNREACHABLE, id="no answer"),
    ],
)
def test_a_witness_that_misbehaves_is_an_answer_and_no_error(tmp_path: Path, play: Play, result: str) -> None:
    with playing(play) as bad, honest(tmp_path) as good:
        answers = ask(client_of(), [named(bad, "bad"), named(good, "good")], 250, seconds=20)
        assert (answers[0].name, answers[0].result) == ("bad", result)
        assert len(answers[0].signatures) == (result == COSIGNED)
        assert answers[0].reason or result == COSIGNED
        assert is_cosigned(answers[1], 250)
        assert client_of().monitored(named(bad), ORIGIN) is None


def test_a_slow_witness_does_not_hold_up_the_others(tmp_path: Path) -> None:
    ended = threading.Event()

    def silent(_handler: BaseHTTPRequestHandler, _body: bytes) -> None:
        ended.wait(60)

    def dripping(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not ended.wait(0.05):
            handler.wfile.write(b"x")

    with playing(silent) as first, playing(dripping) as second, honest(tmp_path) as good:
        client = client_of()
        asked = [named(first, "silent"), named(second, "dripping"), named(good, "good")]
        begun = time.monotonic()
        answers = ask(client, asked, 250, seconds=3)
        assert time.monotonic() - begun < 30
        assert [answer.result for answer in answers] == [UNREACHABLE, UNREACHABLE, COSIGNED]
        assert client.monitored(asked[0], ORIGIN, 0.2) is None
        ended.set()


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "witness.example",
        "ftp://localhost/",
        "http://witness.example/",
        "http://user@localhost:9/",
        "http://localhost:9/?a=b",
        "http://localhost:9/#a",
        "http://localhost:99999/",
        "http://localhost:9/a b",
        "http://localhost:9/é",
        "http://localhost:9/\r\nX: y",
        "http://[::1/",
    ],
)
def test_an_address_that_is_not_to_be_asked(url: str | None) -> None:
    answer = ask(client_of(), [named(url)], 250)[0]
    assert (answer.result, "URL" in answer.reason) == (UNREACHABLE, True)
    assert client_of().monitored(named(url), ORIGIN) is None


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_where_nobody_listens(scheme: str) -> None:
    url = f"{scheme}://localhost:{free_port()}/"
    answer = ask(client_of(), [named(url)], 250)[0]
    assert (answer.result, "URL" in answer.reason) == (UNREACHABLE, False)
    assert client_of().monitored(named(url), ORIGIN) is None


def test_https_wants_a_certificate_that_is_believed_here(tmp_path: Path) -> None:
    file, anchor = make_certificate(tmp_path, "localhost", datetime.now(UTC))
    with playing(cosigning(), file) as url:
        trusting = WitnessClient(lambda: SECONDS, ssl.create_default_context(cadata=anchor.decode()))
        assert is_cosigned(ask(trusting, [named(url)], 250)[0], 250)
        for client, asked in ((client_of(), named(url)), (trusting, named(url.replace("localhost", "127.0.0.1")))):
            answer = ask(client, [asked], 250)[0]
            assert (answer.result, "certificate" in answer.reason.lower()) == (UNREACHABLE, True)


def test_a_name_that_is_not_found_in_time_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    released, looked_up = threading.Event(), []

    def hanging(place: tuple[str, int], _seconds: float) -> socket.socket:
        looked_up.append(place)
        released.wait(60)
        raise OSError

    monkeypatch.setattr("registry.witness.client.socket.create_connection", hanging)
    client, asked = client_of(), named("https://witness.example/")
    for _ in range(3):
        assert ask(client, [asked], 250, seconds=0.1)[0] == Answer("W", UNREACHABLE, "it took too long")
    assert looked_up == [("witness.example", 443)]
    released.set()


def test_plain_http_behind_https_is_not_believed(tmp_path: Path) -> None:
    with honest(tmp_path) as url:
        answer = ask(client_of(), [named(url.replace("http://", "https://"))], 250)[0]
        assert answer.result == UNREACHABLE


def test_what_goes_wrong_at_home_is_raised(tmp_path: Path) -> None:
    def damaged(_old: int) -> list[bytes]:
        raise LedgerDamaged("tile_missing", "a tile is missing")

    with honest(tmp_path) as url:
        ask(client_of(), [named(url)], 250)
        with pytest.raises(LedgerDamaged):
            client_of().ask([named(url)], ORIGIN, LOG.checkpoint(300), 300, damaged)


def test_the_newest_checkpoint_that_a_witness_shows(tmp_path: Path) -> None:
    with honest(tmp_path) as url:
        client, asked = client_of(), named(url)
        assert client.monitored(asked, ORIGIN) is None
        answers = ask(client, [asked], 250)
        assert client.monitored(asked, ORIGIN) == LOG.checkpoint(250) + answers[0].signatures[0].line() + "\n"
        assert client.monitored(asked, "log.example/other") is None
        other = named(url, key=cosignature.verifier_key("witness.example/w2", WITNESS_KEY.public))
        assert client.monitored(other, ORIGIN) is None


def test_the_checkpoint_of_another_log_is_not_ours() -> None:
    other = note.parse(GrowingLog("log.example/other").checkpoint(250))
    line = cosignature.make(other.text, WITNESS_NAME, WITNESS_KEY, SECONDS)
    shown = note.Note(other.text, (*other.signatures, line)).print().encode()
    with playing(telling(200, shown)) as url:
        assert client_of().monitored(named(url), "log.example/other") is not None
        assert client_of().monitored(named(url), ORIGIN) is None
    with playing(telling(203, shown)) as url:
        assert client_of().monitored(named(url), "log.example/other") is None
