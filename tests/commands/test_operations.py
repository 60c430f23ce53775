"""What a person may tell the commands by mistake, and what a killed one leaves. Each test runs `greffe` itself."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders.command import ROOT, Greffe, free_port, greffe_in


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    """A socket that listens on a port of its own."""
    taken = socket.create_server(("127.0.0.1", 0))
    yield taken
    taken.close()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Greffe:
    """Nine organizations of the sample, published."""
    folder = tmp_path_factory.mktemp("small")
    lines = (ROOT / "sample_data" / "extract.csv").read_text("utf-8").splitlines()
    (folder / "extract.csv").write_text("\n".join(lines[:26]) + "\n", "utf-8")
    greffe = greffe_in(folder / "data")
    greffe("init")
    greffe("issue", "--source", "table", folder / "extract.csv")
    greffe("publish")
    return greffe


def own(small: Greffe, tmp_path: Path, port: int = 8000) -> Greffe:
    """A copy, to be changed at will."""
    shutil.copytree(small.data, tmp_path / "data", symlinks=True)
    return greffe_in(tmp_path / "data", port)


@pytest.mark.parametrize(
    ("arguments", "code"), [(("--help",), 0), (("audit",), 0), (("evidence", "sample", "X"), 2), (("audit", "-x"), 2)]
)
def test_what_tests_fork_says_what_an_interpreter_says(small: Greffe, arguments: tuple[str, ...], code: int) -> None:
    forked = small(*arguments, expect=code)
    done = subprocess.run(small.command(*arguments), env=small.environ, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (code, forked.stdout, forked.stderr)


def test_a_taken_port_is_told_in_one_line_before_anything_is_served(
    small: Greffe, taken: socket.socket, tmp_path: Path
) -> None:
    port = taken.getsockname()[1]
    greffe = own(small, tmp_path, port)
    for arguments in (("serve",), ("office", "--port", str(port)), ("serve", "--host", "192.0.2.1")):
        said = greffe(*arguments, expect=78).stderr
        assert said.startswith("greffe: address: "), said
        assert said.count("\n") == 1


def test_nothing_sealed_goes_where_everybody_reads(small: Greffe, tmp_path: Path) -> None:
    greffe = own(small, tmp_path)
    mirror = tmp_path / "mirror"
    for private in (mirror, mirror / "private", tmp_path):
        assert "greffe: not_public: " in greffe("export", mirror, "--private", private, expect=2).stderr
        assert not mirror.exists()
    trust = (greffe.data / "trust.json").read_bytes()
    assert "greffe: not_public: " in greffe("export", greffe.data, expect=2).stderr
    assert not (greffe.data / "checkpoint").exists()
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "one.txt").write_text("mine", "utf-8")
    assert "one.txt" in greffe("export", tmp_path / "letters", expect=2).stderr
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["one.txt"]
    greffe("export", mirror, "--private", tmp_path / "private")
    greffe("export", mirror)
    assert "greffe: not_public: " in greffe("export", tmp_path / "more", "--private", mirror, expect=2).stderr
    assert "private.greffe" in greffe("export", tmp_path / "private", expect=2).stderr
    assert (greffe.data / "trust.json").read_bytes() == trust


def test_an_earlier_root_is_told_with_its_size(small: Greffe) -> None:
    small("follow")
    whole, part = (json.loads(small("audit", "--json", *more).stdout) for more in ((), ("--size", "3")))
    assert (whole["size"], part["size"], part["entries"]) == (whole["entries"], 3, whole["entries"])
    assert whole["root"] != part["root"]
    assert f"root {part['root']} of the first 3\n" in small("audit", "--size", "3").stdout
    assert f"root {whole['root']}\n" in small("audit").stdout


def test_a_dash_is_stdout(small: Greffe, tmp_path: Path) -> None:
    for arguments in (("trust",), ("evidence", "sample", "BC9000001"), ("completeness", "sample", "BC9000001")):
        assert small(*arguments, "-o", "-").stdout == small(*arguments).stdout != ""
    assert not (ROOT / "-").exists()


def test_bodies_that_were_erased_are_not_missing(small: Greffe, tmp_path: Path) -> None:
    greffe = own(small, tmp_path)
    greffe("follow")
    erased = json.loads(
        greffe("erase", "sample", "BC9000001", "--reason", "privacy_request", "--yes", "--json").stdout
    )["entries"]
    greffe("publish")
    greffe("export", tmp_path / "mirror")
    restored = json.loads(greffe("restore", "--from-mirror", tmp_path / "mirror", "--json").stdout)
    audited = json.loads(greffe("audit", "--json", expect=4).stdout)
    assert (restored["body_missing"], restored["erased"]) == (0, len(erased)) == (0, audited["erased"])
    assert audited["body_missing"] == 0
    assert (
        f"0 bodies are missing, {len(erased)} were erased\n"
        in greffe("restore", "--from-mirror", tmp_path / "mirror").stdout
    )


#: a backup that stops in the middle, says so, and waits to be killed
_STUCK = """
import sys, time
from registry.operations import backup
def stuck(path, data):
    print("stuck", flush=True)
    time.sleep(600)
backup.write_file = stuck
import greffe
sys.argv = ["greffe", "backup", sys.argv[1]]
greffe.main()
"""


def test_what_a_killed_backup_left_goes_with_the_next_one(small: Greffe, tmp_path: Path) -> None:
    def stuck(name: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", _STUCK, str(tmp_path / name)],
            env={**small.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "stuck\n"
        return process

    def left() -> set[str]:
        return {path.name for path in tmp_path.iterdir()}

    killed, alive = stuck("one"), stuck("two")
    odd = tmp_path / ".mine.7"
    odd.mkdir()
    (odd / "letter.txt").write_text("mine", "utf-8")
    try:
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait(timeout=30)
        assert left() == {f".one.{killed.pid}", f".two.{alive.pid}", ".mine.7"}
        assert (tmp_path / f".one.{killed.pid}" / "ledger.db").stat().st_size > 100_000
        small("backup", tmp_path / "three")
        assert left() == {"three", f".two.{alive.pid}", ".mine.7"}
    finally:
        for process in (killed, alive):
            process.kill()
            process.wait(timeout=30)
            assert process.stdout is not None
            process.stdout.close()


#: a restore that stops when its draft was audited, says so, and waits to be killed
_HALF_RESTORED = """
import sys, time
from registry.operations import put_back
def stuck(*_):
    print("stuck", flush=True)
    time.sleep(600)
put_back._put_in_place = stuck
import greffe
sys.argv = ["greffe", "restore", "--from-backup", sys.argv[1]]
greffe.main()
"""


def test_a_killed_restore_leaves_the_store_and_the_next_one_clears_up(small: Greffe, tmp_path: Path) -> None:
    greffe = own(small, tmp_path)
    greffe("backup", tmp_path / "backup")
    before = json.loads(greffe("audit", "--json").stdout)
    process = subprocess.Popen(
        [sys.executable, "-c", _HALF_RESTORED, str(tmp_path / "backup")],
        env={**greffe.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "stuck\n"
        assert "greffe: busy: " in greffe("restore", "--from-backup", tmp_path / "backup", expect=75).stderr
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait(timeout=30)
        process.stdout.close()
    draft = greffe.data / ".ledger.db.draft"
    assert draft.stat().st_size > 100_000
    assert draft.stat().st_mode & 0o077 == 0
    assert json.loads(greffe("audit", "--json").stdout) == before
    greffe("restore", "--from-backup", tmp_path / "backup")
    assert not draft.exists()
    assert json.loads(greffe("audit", "--json").stdout) == before


def test_without_its_keys_no_backup_is_made(small: Greffe, tmp_path: Path) -> None:
    """Nobody could tell later who made it. The control: with them it is."""
    greffe = own(small, tmp_path)
    key = greffe.data / "keys" / "secrets.pem"
    key.rename(tmp_path / "secrets.pem")
    assert "greffe: key_unreadable: " in greffe("backup", tmp_path / "backup", expect=78).stderr
    assert not (tmp_path / "backup").exists()
    (tmp_path / "secrets.pem").rename(key)
    greffe("backup", tmp_path / "backup")


def test_who_is_asked_at_the_start_and_does_not_answer_is_told_of(small: Greffe, tmp_path: Path) -> None:
    greffe = own(small, tmp_path)
    gone = f"http://localhost:{free_port()}"
    vkey = greffe("witness", "--name", "witness.example/w1", "--print-key").stdout.strip()
    (tmp_path / "policy").write_text(f"witness W {vkey} {gone}\nquorum W\n", "utf-8")

    def with_environ(**more: str) -> Greffe:
        return replace(greffe, environ={**greffe.environ, **more})

    away = tmp_path / "unmounted"
    said = with_environ(GREFFE_MIRROR=str(away))("publish").stderr
    assert (str(away) in said, "not compared" in said, said.count("\n")) == (True, True, 1)
    away.mkdir()
    assert with_environ(GREFFE_MIRROR=str(away))("publish").stderr == ""
    lines = with_environ(GREFFE_MIRROR=gone)("publish").stderr.splitlines()
    assert [line for line in lines if "not compared" in line] == lines
    assert [gone in line for line in lines] == [True]
    lines = with_environ(GREFFE_WITNESS_POLICY=str(tmp_path / "policy"))("publish", expect=75).stderr.splitlines()
    assert [line for line in lines if "not compared" in line] == [
        "the witness W shows no checkpoint of ours: not compared"
    ]
