"""`greffe witness` from outside: its key before it runs, its answers, and what a kill leaves. Each test runs `greffe` itself."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from registry.log import cosignature, note
from registry.log import policy as tlog_policy
from registry.witness import rules
from registry.witness.client import COSIGNED, WitnessClient
from tests.builders.command import ROOT, Greffe, require
from tests.builders.logs import ORIGIN, WITNESS_NAME, GrowingLog

LOG = GrowingLog()
LOGS = ("--log", LOG.key.print())


@contextmanager
def running(
    greffe: Greffe, *arguments: str, script: Path = ROOT / "greffe.py", under: Sequence[str] = ()
) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A witness on a free port, and the lines that it prints before it serves: keys, then URL."""
    process = subprocess.Popen(
        [*under, sys.executable, str(script), "witness", "--name", WITNESS_NAME, "--port", "0", *arguments],
        env={**greffe.environ, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        lines = []
        while not (lines and "http://" in lines[-1]):
            line = process.stdout.readline()
            assert line, "it ended before it served"
            lines.append(line.rstrip("\n"))
        if "--json" in arguments:
            lines.extend(process.stdout.readline() for _ in range(1))
        yield process, lines
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=30)
        process.stdout.close()


def add(url: str, body: bytes) -> httpx.Response:
    return httpx.post(f"{url}/add-checkpoint", content=body, timeout=30)


def test_a_policy_is_written_before_the_witness_runs_and_holds_when_it_does(greffe: Greffe) -> None:
    vkey = greffe("witness", "--name", WITNESS_NAME, "--print-key").stdout.strip()
    with running(greffe, *LOGS) as (_, (printed, url)):
        assert printed == vkey
        policy = tlog_policy.parse(f"witness W {vkey} {url}\nquorum W\n")
        client = WitnessClient()
        for size in (100, 250):
            signed = LOG.checkpoint(size)
            answers = client.ask(
                policy.witnesses, ORIGIN, signed, size, lambda old, to=size: LOG.consistency(old, to), 30
            )
            assert [answer.result for answer in answers] == [COSIGNED]
            cosigned = note.Note(note.parse(signed).text, answers[0].signatures)
            assert policy.is_met(policy.cosigned(cosigned).keys())
    key_file = greffe.data / "witness" / "keys" / "ed25519.pem"
    assert b"ENCRYPTED" in key_file.read_bytes()
    assert [path.stat().st_mode & 0o777 for path in (key_file, key_file.parent / "passphrase")] == [0o600, 0o600]


def test_a_kill_forgets_nothing(greffe: Greffe, tmp_path: Path) -> None:
    folder = str(tmp_path / "elsewhere")
    keys = []
    for begun, size in ((0, 100), (100, 250), (250, 251)):
        with running(greffe, *LOGS, "--data", folder) as (process, (vkey, url)):
            keys.append(vkey)
            stale = add(url, LOG.request(begun + 7, size + 7))
            assert (stale.status_code, stale.text) == (409, f"{begun}\n")
            assert add(url, LOG.request(begun, size)).status_code == 200
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=30)
    assert len(set(keys)) == 1
    with running(greffe, *LOGS, "--data", folder) as (_, (_vkey, url)):
        assert add(url, GrowingLog(forked=200).request(251, 251)).status_code == 422
        shown = httpx.get(f"{url}/forks", timeout=30).json()["forks"]
        assert [fork["kind"] for fork in shown] == ["two_roots"]
    assert not (greffe.data / "witness").exists()


def unsynced(greffe: Greffe, folder: Path, script: Path) -> tuple[int, int]:
    """How many cosignatures left a witness in all, and how many with nothing synced since the one before."""
    folder.mkdir()
    trace = folder / "trace"
    strace = ("strace", "-f", "-e", "trace=fsync,fdatasync,write,sendto,sendmsg,writev", "-o", str(trace))
    with running(greffe, *LOGS, "--data", str(folder / "w"), script=script, under=strace) as (_, (_vkey, url)):
        for old in range(10):
            assert add(url, LOG.request(old, old + 1)).status_code == 200
    sent = hasty = 0
    is_synced = False
    for call in trace.read_text("utf-8").splitlines():
        if "sync(" in call:
            is_synced = True
        elif '"\\342\\200\\224 witness.example' in call:
            sent, hasty, is_synced = sent + 1, hasty + (not is_synced), False
    return sent, hasty


def test_no_cosignature_leaves_before_the_disk_has_it(greffe: Greffe, tmp_path: Path) -> None:
    require(shutil.which("strace") is not None, "strace (Debian: strace)")
    if subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True).returncode:
        pytest.skip("ptrace is forbidden: not proven here")
    assert unsynced(greffe, tmp_path / "patient", ROOT / "greffe.py") == (10, 0)
    sent, hasty = unsynced(greffe, tmp_path / "hasty", ROOT / "tests/faults/hasty_witness.py")
    assert sent == 10
    assert hasty > 5


def test_both_kinds_of_keys_and_logs_that_change(greffe: Greffe) -> None:
    other = GrowingLog("log.example/other")
    keys = ("--key", "ed25519", "--key", "ml-dsa-44")
    with running(greffe, *LOGS, *keys) as (_, (first, second, url)):
        signed = note.parse(LOG.checkpoint(100) + add(url, LOG.request(0, 100)).text)
        for vkey in (first, second):
            assert cosignature.check(signed, note.parse_vkey(vkey, note.COSIGNATURES)) > 1_700_000_000
        assert add(url, other.request(0, 100)).status_code == 404
    with running(greffe, "--log", other.key.print(), "--key", "ml-dsa-44") as (_, (again, url)):
        assert again == second
        assert add(url, LOG.request(100, 200)).status_code == 404
        assert add(url, other.request(0, 100)).status_code == 200


def test_what_programs_read(greffe: Greffe) -> None:
    alone = json.loads(greffe("witness", "--name", WITNESS_NAME, "--print-key", "--json").stdout)
    with running(greffe, *LOGS, "--json") as (_, lines):
        answer = json.loads("".join(lines))
        assert answer == {**alone, "url": answer["url"]}
        assert alone == {"name": WITNESS_NAME, "vkey": alone["vkey"], "vkeys": [alone["vkey"]]}
        path = f"{rules.origin_hash(ORIGIN)}/checkpoint"
        assert httpx.get(f"{answer['url']}/{path}", timeout=30).status_code == 404


def test_what_is_refused(greffe: Greffe) -> None:
    named = ("witness", "--name", WITNESS_NAME)
    vkey = greffe(*named, "--print-key").stdout.strip()
    assert "no_log" in greffe(*named, expect=2).stderr
    assert "vkey" in greffe(*named, "--log", vkey, expect=2).stderr
    assert "vkey" in greffe(*named, "--log", "nonsense", expect=2).stderr
    assert "name" in greffe("witness", "--name", "a b", "--print-key", expect=2).stderr
    for odd in ("https://witness.example/w", "witness.example/w/", "witness.example/w?a=b", "witness.example/w#a"):
        assert "greffe: name: " in greffe("witness", "--name", odd, "--print-key", expect=2).stderr
    assert "name_differs" in greffe("witness", "--name", "witness.example/w2", "--print-key", expect=78).stderr
    with running(greffe, *LOGS) as (_, (_vkey, url)):
        port = url.rpartition(":")[2]
        assert "greffe: address: " in greffe(*named, *LOGS, "--port", port, expect=78).stderr
