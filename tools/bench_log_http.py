"""Rows about `POST /entries` of a running office: rate, and time to answer.

Each request has 256 notes and is answered after the commit. Called by `bench.py`.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from bench_rows import say

ROOT = Path(__file__).parent.parent
CLIENTS, SECONDS, WARM_UP = 4, 6.0, 1.0
BATCH = 256


def say_http(scratch: Path) -> None:
    """Every row."""
    environ = {**os.environ, "GREFFE_DATA": str(scratch / "http")}
    greffe = [sys.executable, str(ROOT / "greffe.py")]
    subprocess.run([*greffe, "init"], env=environ, check=True, stdout=subprocess.DEVNULL)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    office = subprocess.Popen([*greffe, "office", "--port", str(port)], env=environ, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        token = (scratch / "http" / "keys" / "office-token").read_text("utf-8").strip()
        waited = _pressed(port, token)
    finally:
        office.send_signal(signal.SIGTERM)
        office.wait(60)
    name = f"POST /entries, {BATCH} a request, {CLIENTS} clients"
    say(name, len(waited) * BATCH / SECONDS, "entries/s", f"durable appends, batches of {BATCH}")
    for percentile in (50, 99):
        text = f"{name}, p{percentile}"
        say(text, sorted(waited)[len(waited) * percentile // 100] * 1000, "ms", f"{name}, p50")


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/livez")
            if connection.getresponse().status == http.client.OK:
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the office does not answer")


def _pressed(port: int, token: str) -> list[float]:
    """How many seconds each request waited for its answer, of those that were answered in the time that counts."""
    waited, begin = list[float](), time.monotonic() + WARM_UP
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}

    def client(name: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        body = b"".join(b'{"kind":"note","reason":"client_%d_%d"}\n' % (name, n) for n in range(BATCH))
        while (start := time.monotonic()) < begin + SECONDS:
            connection.request("POST", "/entries", body, headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != http.client.CREATED:
                raise AssertionError(text)
            if begin <= (end := time.monotonic()) < begin + SECONDS:
                waited.append(end - start)

    clients = [threading.Thread(target=client, args=(name,)) for name in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return waited
