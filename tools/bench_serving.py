"""Rows about the public app beside bad clients: how long a good client waits, and what memory the process takes.

A good client searches, alone and beside others: connections that stand still, posters of batches that are refused, posters of
batches that are verified. Called by `bench.py`; by itself it measures a checkout or a data folder:
`python tools/bench_serving.py [DATA [ROOT]]`.
"""

import http.client
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench_rows import say

ROOT = Path(__file__).parent.parent
STALLED, SECONDS = 1000, 5.0
REFUSED, ACCEPTED = 3, 9
SEARCH = "/api/v1/organizations?q=harbour"
BATCH = "/api/v1/verify/batch"
_HALF = (
    b"",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n",
)


def say_serving(data: Path, root: Path = ROOT) -> None:
    """Every row. `data`: of an installation that has published something; `root`: the checkout that serves it."""
    _raise_own_limit()
    with _serving(data, root) as (port, pid):
        _good_client(port, seconds=1)
        alone = "search, good client alone"
        _say(alone, alone, *_good_client(port), pid)
        with _stalled(port):
            _say(f"search beside {STALLED} stalled connections", alone, *_good_client(port), pid)
        refused = b'{"items":[' + b"{}," * (8 * 2**20 // 3 - 10) + b"{}]}"
        with _posting(port, refused, REFUSED) as answers:
            _say(f"search beside {REFUSED} posters of refused batches", alone, *_good_client(port), pid)
        _say_posted(f"{REFUSED} posters of refused batches", answers, alone)
        accepted = _batch(port)
        with _posting(port, accepted, ACCEPTED) as answers:
            _say(f"search beside {ACCEPTED} posters of batches", alone, *_good_client(port), pid)
        _say_posted(f"{ACCEPTED} posters of batches", answers, alone)


def _say(name: str, alone: str, waited: list[float], refused: int, pid: int) -> None:
    waited.sort()
    for percentile in (50, 99):
        milliseconds = waited[len(waited) * percentile // 100] * 1000 if waited else float("nan")
        say(f"{name}, p{percentile}", milliseconds, "ms", f"{alone}, p{percentile}")
    say(f"{name}, refused", refused, "requests", f"{name}, p50")
    say(f"{name}, memory of the process", _megabytes(pid), "MB", f"{name}, p50")


def _say_posted(name: str, answers: list[int], alone: str) -> None:
    busy = answers.count(http.client.SERVICE_UNAVAILABLE)
    say(f"{name}, answered", len(answers) - busy, "requests", f"{alone}, p50")
    say(f"{name}, answered 503", busy, "requests", f"{alone}, p50")


@contextmanager
def _serving(data: Path, root: Path) -> Iterator[tuple[int, int]]:
    environ = {**os.environ, "GREFFE_DATA": str(data), "PYTHONPATH": str(root), "PORT": str(_free_port())}
    environ["GREFFE_RATE_LIMIT"] = "1000000"  # it is counted, and nobody is refused
    command = [sys.executable, str(root / "greffe.py"), "serve", "--no-follow"]
    process = subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL)
    port = int(environ["PORT"])
    try:
        for _ in range(300):
            try:
                if _get(port, "/livez")[0] == http.client.OK:
                    break
            except OSError:
                time.sleep(0.1)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _good_client(port: int, seconds: float = SECONDS) -> tuple[list[float], int]:
    """How long each search waited, a new connection for each; and how many were refused."""
    waited, refused, end = list[float](), 0, time.monotonic() + seconds
    while (start := time.monotonic()) < end:
        try:
            status, _ = _get(port, SEARCH)
        except (OSError, http.client.HTTPException):
            status = 0
        if status == http.client.OK:
            waited.append(time.monotonic() - start)
        else:
            refused += 1
    return waited, refused


def _get(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": "localhost"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@contextmanager
def _stalled(port: int) -> Iterator[None]:
    """So many connections that stand still, each opened again when it is closed."""
    ended = threading.Event()
    links: list[socket.socket] = []

    def open_one(number: int) -> socket.socket:
        link = socket.create_connection(("127.0.0.1", port), 10)
        link.sendall(_HALF[number % len(_HALF)])
        link.setblocking(False)
        return link

    def keep() -> None:
        while not ended.is_set():
            for number, link in enumerate(links):
                if _is_closed(link):
                    link.close()
                    links[number] = open_one(number)
            ended.wait(0.5)

    links += map(open_one, range(STALLED))
    thread = threading.Thread(target=keep, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(10)
        for link in links:
            link.close()


def _is_closed(link: socket.socket) -> bool:
    try:
        return link.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


@contextmanager
def _posting(port: int, body: bytes, clients: int) -> Iterator[list[int]]:
    """Clients that post that batch again and again, each in a process of its own; the statuses that they got."""
    answers: list[int] = []
    program = [sys.executable, __file__, "--post", str(port)]
    posters = [subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(clients)]
    for poster in posters:
        assert poster.stdin is not None
        poster.stdin.write(body)
        poster.stdin.close()
    time.sleep(1)
    try:
        yield answers
    finally:
        for poster in posters:
            poster.send_signal(signal.SIGTERM)
            assert poster.stdout is not None
            answers += map(int, poster.stdout.read().split())
            poster.wait(60)


def _post_for_ever(port: int) -> None:
    body = sys.stdin.buffer.read()
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("POST", BATCH, body, {"Host": "localhost", "Content-Type": "application/json"})
            status = connection.getresponse().status
        except OSError:
            status = 0
        connection.close()
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()


def _batch(port: int) -> bytes:
    """A batch of evidence, as large as one may be."""
    number = json.loads(_get(port, "/api/v1/organizations?limit=1")[1])["items"][0]
    _, evidence = _get(port, f"/credentials/{number['register']}/{number['number']}/1/evidence")
    return b'{"items":[' + b",".join([evidence] * (8 * 2**20 // (len(evidence) + 1) - 1)) + b"]}"


def _megabytes(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _raise_own_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = STALLED * 4
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(hard, wanted), hard))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--post"]:
        _post_for_ever(int(sys.argv[2]))
    elif sys.argv[1:]:
        say_serving(Path(sys.argv[1]).absolute(), Path(sys.argv[2]).absolute() if sys.argv[2:] else ROOT)
    else:
        from bench import filled  # the whole bench imports this file

        from registry.ledger.publish import publish

        with tempfile.TemporaryDirectory() as name:
            office, _, _ = filled(Path(name))
            publish(office.store, office.log_keys.signers)
            say_serving(Path(name) / "data")
