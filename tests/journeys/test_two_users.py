"""The office and the public app run as two system users: the public one reads the store, and writes to its own folder alone."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.builders.command import ROOT, free_port, wait_for

GROUP, OFFICE, PUBLIC = 61000, 61001, 61002
TOKEN = {"Accept": "application/vc+jwt"}


@dataclass(frozen=True)
class Users:
    """Where their folders are, and how either runs a command."""

    root: Path
    port: int
    interpreter: str

    def environ(self) -> dict[str, str]:
        packages = Path(pytest.__file__).parent.parent
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.root),
            "PYTHONPATH": f"{ROOT}:{packages}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "GREFFE_DATA": str(self.root / "office"),
            "GREFFE_PUBLIC": str(self.root / "public"),
            "PORT": str(self.port),
        }

    def start(self, user: int, *arguments: str, cwd: Path = ROOT) -> subprocess.Popen[str]:
        group = GROUP if user == OFFICE else PUBLIC
        return subprocess.Popen(
            [self.interpreter, *arguments],
            user=user,
            group=group,
            extra_groups=[GROUP],
            env=self.environ(),
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, user: int, *arguments: str) -> subprocess.CompletedProcess[str]:
        process = self.start(user, *arguments)
        stdout, stderr = process.communicate(timeout=120)
        return subprocess.CompletedProcess(arguments, process.returncode, stdout, stderr)

    def greffe(self, user: int, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run(user, str(ROOT / "greffe.py"), *arguments)


def an_interpreter() -> str:
    """One that other users may run, with the same packages."""
    for path in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        wanted = f"import sys, sqlalchemy, orjson; sys.exit(sys.version_info[:2] != {tuple(sys.version_info[:2])})"
        packages = str(Path(pytest.__file__).parent.parent)
        try:
            done = subprocess.run(
                [path, "-c", wanted], user=PUBLIC, group=PUBLIC, env={"PYTHONPATH": packages}, cwd="/", check=False
            )
        except OSError:
            continue
        if done.returncode == 0:
            return path
    pytest.skip("no interpreter that another user may run has the packages of this one")


@pytest.fixture(scope="module")
def users() -> Iterator[Users]:
    if os.geteuid() != 0:
        pytest.skip("only root can run a command as another user")
    root = Path(tempfile.mkdtemp(prefix="greffe-users-"))
    try:
        root.chmod(0o755)
        for name, mode in (("office", 0o750), ("public", 0o3770)):
            (root / name).mkdir()
            os.chown(root / name, OFFICE, GROUP)
            (root / name).chmod(mode)
        lines = (ROOT / "sample_data" / "extract.csv").read_bytes().splitlines(keepends=True)
        (root / "extract.csv").write_bytes(b"".join(lines[:12]))
        (root / "extract.csv").chmod(0o644)  # whatever the umask is
        users = Users(root, free_port(), an_interpreter())
        assert users.greffe(OFFICE, "init").returncode == 0
        assert users.greffe(OFFICE, "issue", "--source", "table", str(root / "extract.csv")).returncode == 0
        assert users.greffe(OFFICE, "publish").returncode == 0
        yield users
    finally:
        shutil.rmtree(root)


def test_the_public_app_serves_without_a_right_to_write(users: Users) -> None:
    before = {path: path.stat().st_mtime_ns for path in (users.root / "office").rglob("*")}
    alone = users.greffe(PUBLIC, "serve")
    assert (alone.returncode, "storage_away" in alone.stderr) == (75, True), "nobody has the store open"
    publisher = users.start(OFFICE, str(ROOT / "greffe.py"), "publish", "--every", "1")
    server = users.start(PUBLIC, str(ROOT / "greffe.py"), "serve")
    base = f"http://localhost:{users.port}"
    try:
        wait_for(base)
        assert httpx.get(f"{base}/api/v1/organizations?q=kelp", timeout=30).json()["total"]["value"] > 0
        asked = httpx.get(f"{base}/credentials/sample/BC9000001/1", headers=TOKEN, timeout=30)
        assert (asked.status_code, asked.json()["code"]) == (503, "not_signed_yet")
        made = users.greffe(OFFICE, "carriers")
        assert made.stdout == "made 1\n", made.stderr
        assert httpx.get(f"{base}/credentials/sample/BC9000001/1", headers=TOKEN, timeout=30).status_code == 200
        publisher.kill()
        publisher.wait(timeout=30)
        assert httpx.get(f"{base}/readyz", timeout=30).status_code == 200, "who has it open needs nobody any more"
    finally:
        for process in (publisher, server):
            process.kill()
            process.communicate(timeout=30)
    changed = {path.name for path, at in before.items() if path.stat().st_mtime_ns != at}
    assert changed <= {"publish.lock", "ledger.db-wal", "ledger.db-shm", "head-token.db", "office", "trust.json"}
    owners = {path.stat().st_uid for path in (users.root / "office").rglob("*")}
    assert owners == {OFFICE}


def test_workers_start_where_the_office_may_not_enter(users: Users, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    lines = (ROOT / "sample_data" / "extract.csv").read_bytes().splitlines(keepends=True)
    (users.root / "more.csv").write_bytes(b"".join(lines[:16]))
    (users.root / "more.csv").chmod(0o644)  # whatever the umask is
    arguments = ("issue", "--source", "table", str(users.root / "more.csv"), "--workers", "2")
    process = users.start(OFFICE, str(ROOT / "greffe.py"), *arguments, cwd=tmp_path)
    try:
        process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0


@pytest.mark.parametrize(
    "attempt",
    [
        "open('{data}/keys/passphrase').read()",
        "__import__('os').listdir('{data}/keys')",
        "open('{data}/ledger.db', 'r+b')",
        "open('{data}/planted', 'w')",
        "__import__('os').unlink('{public}/requests.db')",
        "__import__('os').rename('{public}/requests.db', '{public}/other.db')",
        "__import__('os').unlink('{public}/requests.db-journal')",
        "open('{public}/requests.db-journal', 'r+b')",
    ],
)
def test_what_the_public_user_may_not_do(users: Users, attempt: str) -> None:
    done = users.run(PUBLIC, "-c", attempt.format(data=users.root / "office", public=users.root / "public"))
    assert "PermissionError" in done.stderr


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_is_planted_in_the_place_of_the_requests_is_refused(users: Users, kind: str) -> None:
    requests = users.root / "public" / "requests.db"
    aside = users.root / "public" / "aside.db"
    requests.rename(aside)
    try:
        if kind == "link":
            requests.symlink_to(users.root / "office" / "ledger.db")
        else:
            os.mkfifo(requests)
        done = users.greffe(OFFICE, "carriers")
        assert (done.returncode, "not_a_file" in done.stderr) == (78, True)
    finally:
        requests.unlink()
        aside.rename(requests)
