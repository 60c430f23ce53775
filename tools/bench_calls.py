"""Rows about twenty calls of the public app over the sample register: 95th percentile of the bytes and of the time.

Each call is made for twenty organizations in turn, over one connection that stays open, with `Accept-Encoding: gzip, br`;
bytes are those of the whole answer. Of an organization's rounds the fastest counts: what else the machine does is not the
app's. Called by `bench.py`. By itself it compares another checkout with this one, in turns, and prints a table:
`python tools/bench_calls.py CHECKOUT [TIMES]`.
"""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench_rows import say

ROOT = Path(__file__).parent.parent
TIMES, ORGANIZATIONS = 60, 20
API, ONE = "/api/v1", "/organizations/sample/{number}"
#: what is done -> the address; `{name}` and `{number}` are an organization's
READS = {
    "search by name": f"{API}/organizations?q={{name}}",
    "search by number": f"{API}/organizations?q={{number}}",
    "list of 100": f"{API}/organizations?limit=100",
    "list by filter": f"{API}/organizations?status=Active&register=sample",
    "suggestions": f"{API}/autocomplete?q={{start}}",
    "organization": API + ONE,
    "its history": f"{API}{ONE}/history",
    "its relationships": f"{API}{ONE}/relationships",
    "its credential": f"{API}/credentials/sample/{{number}}/1",
    "its evidence": f"{API}/credentials/sample/{{number}}/1/evidence",
    "its completeness": f"{API}/proof/organization?register=sample&number={{number}}",
    "its page": f"/en{ONE}",
    "checkpoint": "/checkpoint",
    "bundle of entries": "/tile/entries/000",
    "status list": "/status/revocation/sample-1",
    "trust file": "/trust.json",
}
#: what is done -> the address; the bodies are made of what was read
POSTS = {
    "match of 20 names": f"{API}/match",
    "verification": f"{API}/verify",
    "verification of 20": f"{API}/verify/batch",
    "verification, VC API": "/credentials/verify",
}
#: what is the same in each round
SEVERAL = ("match of 20 names", "verification of 20")


@dataclass
class Site:
    """A checkout that serves the sample. `waited`: seconds, `sent`: bytes of each answer, by call."""

    port: int
    organizations: list[dict[str, str]] = field(default_factory=list)
    bodies: dict[str, list[bytes]] = field(default_factory=dict)
    waited: dict[str, list[float]] = field(default_factory=dict)
    sent: dict[str, list[int]] = field(default_factory=dict)

    def prepare(self) -> None:
        """Find organizations to ask for, and what is posted of them."""
        listed = json.loads(self._ask("GET", f"{API}/organizations?limit=100")[1])["items"]
        named = [item for item in listed if item["register"] == "sample" and item["name"]][:ORGANIZATIONS]
        self.organizations = [{"number": item["number"], "name": item["name"]} for item in named]
        papers = [
            json.loads(self._ask("GET", f"{API}/credentials/sample/{item['number']}/1/evidence")[1]) for item in named
        ]
        self.bodies = {
            "match of 20 names": [_json({"queries": [{"name": item["name"]} for item in named]})],
            "verification": [_json(paper) for paper in papers],
            "verification of 20": [_json({"items": papers})],
            "verification, VC API": [_json({"verifiableCredential": paper["credential"]}) for paper in papers],
        }

    def round(self, call: str, turn: int, *, is_counted: bool) -> None:
        """Make a call once, for the organization whose turn it is. LookupError: there is no such address."""
        method, path, body = "GET", READS.get(call), None
        if path is None:
            method, path, body = "POST", POSTS[call], self.bodies[call][turn % len(self.bodies[call])]
        one = self.organizations[turn % len(self.organizations)]
        texts = {"number": one["number"], "name": quote(one["name"]), "start": quote(one["name"][:5])}
        start = time.perf_counter()
        count, _ = self._ask(method, path.format(**texts), body)
        if is_counted:
            self.waited.setdefault(call, []).append(time.perf_counter() - start)
            self.sent.setdefault(call, []).append(count)

    def _ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """(bytes of the whole answer, its body). Compressed only where a call is measured."""
        is_measured = bool(self.bodies)
        headers = {"Host": "localhost", "Accept": "application/json, text/html;q=0.5"}
        headers |= {"Accept-Encoding": "gzip, br" if is_measured else "identity"}
        headers |= {"Content-Type": "application/json"} if body else {}
        connection = self._connection
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        data = answer.read()
        if answer.status == http.client.NOT_FOUND:
            raise LookupError(path)
        if answer.status != http.client.OK:
            raise RuntimeError(f"{method} {path}: {answer.status} {data[:200]!r}")
        head = sum(len(name) + len(value) + 4 for name, value in answer.getheaders()) + len("HTTP/1.1 200 OK\r\n\r\n")
        return head + len(data), data

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def percentile(self, call: str) -> tuple[int, float]:
        """The 95th of bytes, and of milliseconds. KeyError: it has no such address."""
        sent, waited = sorted(self.sent[call]), self.waited[call]
        fastest = sorted(min(waited[each::ORGANIZATIONS]) for each in range(min(ORGANIZATIONS, len(waited))))
        return sent[len(sent) * 95 // 100], fastest[len(fastest) * 95 // 100] * 1000

    def cells(self, call: str) -> tuple[str, str]:
        """The same for a table."""
        if call not in self.sent:
            return "none", "none"
        count, milliseconds = self.percentile(call)
        return f"{count:,}", f"{milliseconds:.1f}"


def say_calls() -> None:
    """One row a call: milliseconds, and beside them bytes."""
    with tempfile.TemporaryDirectory() as name, _serving(ROOT, ROOT / "sample_data", Path(name)) as site:
        _measure([site], TIMES)
        for call in (*READS, *POSTS):
            count, milliseconds = site.percentile(call)
            say(f"{call}, p95", milliseconds, "ms", "search by name, p95", bytes=count)


def _measure(sites: list[Site], times: int) -> None:
    """Every call, of all sites in turns, so that what else the machine does slows all of them."""
    for site in sites:
        site.prepare()
    for call in (*READS, *POSTS):
        for turn in range(-3, times if call not in SEVERAL else times // 6):
            for site in sites:
                with suppress(LookupError):  # a checkout of before has no such address
                    site.round(call, is_counted=turn >= 0, turn=turn)


@contextmanager
def _serving(root: Path, sample: Path, scratch: Path) -> Iterator[Site]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GREFFE_")}
    environ |= {"GREFFE_DATA": str(scratch / "data"), "PORT": str(port), "PYTHONPATH": str(root)}
    environ["GREFFE_RATE_LIMIT"] = "1000000"  # it is counted, and nobody is refused
    greffe = [sys.executable, str(root / "greffe.py")]
    for command in (["init"], ["issue", "--source", "table", str(sample)], ["publish"]):
        subprocess.run([*greffe, *command], env=environ, check=False, capture_output=True)
    process = subprocess.Popen([*greffe, "serve"], env=environ, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        yield Site(port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _wait(port: int) -> None:
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz", headers={"Host": "localhost"})
            if b"index ok" in connection.getresponse().read():
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise TimeoutError("the site does not answer")


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _compare(other: Path, times: int) -> None:
    """The table. Both have the other checkout's sample, so that they serve the same."""
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        sample = Path(shutil.copytree(other / "sample_data", scratch / "sample"))
        with _serving(other, sample, scratch / "before") as before, _serving(ROOT, sample, scratch / "now") as now:
            _measure([before, now], times)
            lines = ["| Call | bytes before | now | ms before | now |", "| --- | --: | --: | --: | --: |"]
            for call in (*READS, *POSTS):
                (old_bytes, old_time), (new_bytes, new_time) = before.cells(call), now.cells(call)
                lines.append(f"| {call} | {old_bytes} | {new_bytes} | {old_time} | {new_time} |")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    _compare(Path(sys.argv[1]).absolute(), int(sys.argv[2]) if len(sys.argv) > 2 else TIMES)
