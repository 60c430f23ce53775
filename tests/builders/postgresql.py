"""Debian's PostgreSQL for tests: a cluster in a scratch directory, reached by a socket there, never run as root."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.builders.command import require

_SETTINGS = "listen_addresses='' max_connections=40 shared_buffers=32MB"


class Server:
    """One cluster. `start`, `kill` and `start` again as often as a test wants; `remove` ends it.

    `primary`: of which this is a streaming replica, read-only; None: a cluster of its own.
    """

    def __init__(self, primary: "Server | None" = None) -> None:
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        require(bool(programs), "PostgreSQL (Debian: postgresql)")
        self._programs = programs[-1].parent
        # the socket's path must be short, and the account that runs the server must reach it
        self.folder = Path(tempfile.mkdtemp(prefix="greffe-pg-"))
        self._as: list[str] = []
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            self._as = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
        try:
            if primary is None:
                self._run("initdb", "-U", "reg", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
            else:
                source = ("-h", str(primary.folder), "-U", "reg", "-R", "-X", "stream", "-c", "fast", "--no-sync")
                self._run("pg_basebackup", *source)
            self.start()
        except BaseException:
            self.remove()
            raise

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self._as, str(self._programs / program), "-D", str(self.folder / "data"), *arguments],
            cwd=self.folder,
            env={**os.environ, "HOME": str(self.folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
        )
        assert done.returncode == 0, f"{program}: {done.stdout!r} {self.log()[-2000:]}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = " ".join(f"-c {setting}" for setting in _SETTINGS.split())
        self._run(
            "pg_ctl", "-w", "-t", "60", "-l", str(self.folder / "log"), "-o", f"-k {self.folder} {options}", "start"
        )

    def kill(self) -> None:
        """SIGKILL to the postmaster and all its children, as a crash of the machine's software would."""
        postmaster = self._postmaster()
        if postmaster is None:
            return
        family = [postmaster, *_children(postmaster)]
        for pid in family:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        deadline = time.monotonic() + 60
        while any(_is_alive(pid) for pid in family):
            assert time.monotonic() < deadline, f"{family} outlived SIGKILL"
            time.sleep(0.01)
        # where nobody reaps orphans the dead postmaster still has its pid, and the next one would believe its files
        for lock in ("data/postmaster.pid", ".s.PGSQL.5432.lock"):
            (self.folder / lock).unlink(missing_ok=True)

    def freeze(self) -> None:
        """It says nothing more and takes no connection, as one whose disk hangs."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        postmaster = self._postmaster()
        assert postmaster is not None
        for pid in (postmaster, *_children(postmaster)):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def stop(self) -> None:
        """Let it end in order, whoever is connected."""
        self._run("pg_ctl", "-w", "-m", "fast", "stop")

    def pause(self) -> None:
        """A replica goes no further, and answers as of now."""
        self.ask("SELECT pg_wal_replay_pause()")
        self._wait("SELECT pg_get_wal_replay_pause_state() = 'paused'")

    def resume(self) -> None:
        """A replica goes on."""
        self.ask("SELECT pg_wal_replay_resume()")

    def catch_up(self, primary: "Server") -> None:
        """Wait until a replica has all that its primary has now."""
        end = primary.ask("SELECT pg_current_wal_flush_lsn()")
        self._wait(f"SELECT pg_last_wal_replay_lsn() >= '{end}'")

    def ask_for_password(self, user: str) -> None:
        """From now on that role logs in with its password alone."""
        file = self.folder / "data" / "pg_hba.conf"
        file.write_text(f"local all {user} scram-sha-256\n" + file.read_text())
        self.ask("SELECT pg_reload_conf()")

    def ask(self, statement: str, database: str = "postgres") -> Any:
        """The first value that an administrator's statement gives; None where it gives nothing."""
        with psycopg.connect(f"host={self.folder} user=reg dbname={database}", autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return None if cursor.description is None else (cursor.fetchone() or [None])[0]

    def _wait(self, condition: str) -> None:
        deadline = time.monotonic() + 60
        while not self.ask(condition):
            assert time.monotonic() < deadline, f"{condition}: not within a minute"
            time.sleep(0.01)

    def remove(self) -> None:
        """End the server and remove its folder."""
        self.kill()
        shutil.rmtree(self.folder)

    def log(self) -> str:
        """What the server has said."""
        file = self.folder / "log"
        return file.read_text("utf-8", "replace") if file.exists() else ""

    def url(self, database: str, user: str = "reg") -> str:
        """What goes into GREFFE_DATABASE_URL."""
        return f"postgresql+psycopg://{user}@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """The URL of a new, empty database."""
        with psycopg.connect(f"host={self.folder} user=reg dbname=postgres", autocommit=True) as connection:
            [[number]] = connection.execute("SELECT count(*) FROM pg_database").fetchall()
            name = f"greffe_{number}"
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def _postmaster(self) -> int | None:
        file = self.folder / "data" / "postmaster.pid"
        if not file.exists():
            return None
        pid = int(file.read_text().split()[0])
        return pid if _is_alive(pid) else None


def _children(parent: int) -> list[int]:
    children = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                children.append(int(stat.parent.name))
        except OSError:
            continue
    return children


def _is_alive(pid: int) -> bool:
    """Whether there is such a process that is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
