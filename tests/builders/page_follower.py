"""Follows a page of documentation literally: its fenced blocks in order, in a fresh place with a systemd of its own.

The place is this machine under an overlay, with namespaces of its own: processes, mounts, network, host name. What a command
changes there, the machine never sees. What the page fetches (packages, wheels) is fetched before the network is cut.
"""

import os
import re
import shlex
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.builders.command import ROOT, require

#: what an administrator's shell has; nothing of this machine's own settings comes along
ENVIRON = (
    "HOME=/root",
    "LANG=C.UTF-8",
    "DEBIAN_FRONTEND=noninteractive",
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
)
_NAMESPACES = ("--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup")
_SYSTEMD = Path("/usr/lib/systemd/systemd")
#: seconds
_PATIENCE = 600
_FENCE = re.compile(r"^```(.*)\n((?:(?!```).*\n)*)```$", re.M)

#: lays the machine under an overlay; argument: the scratch folder. What is fetched comes into the overlay
_PREPARE = r"""
set -eu
mount --make-rprivate /
mount -t tmpfs -o size=6G tmpfs "$1"
cd "$1"
mkdir upper work root
mount -t overlay overlay -o "lowerdir=/,upperdir=upper,workdir=work" root
unshare --mount bash -euc '
    mount --rbind /dev root/dev
    mount -t proc proc root/proc
    mount -t tmpfs tmpfs root/run
    printf "#!/bin/sh\nexit 101\n" > root/usr/sbin/policy-rc.d
    chmod 0755 root/usr/sbin/policy-rc.d
    chroot root bash -eux < "$0"
    rm root/usr/sbin/policy-rc.d
' prepare.sh
"""

#: becomes the place's own systemd
_BOOT = r"""
set -eu
cd "$1"/root
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs tmpfs dev
mkdir dev/pts dev/shm
for name in null zero full random urandom tty; do touch "dev/$name"; mount --bind "/dev/$name" "dev/$name"; done
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
mount -t devpts devpts dev/pts -o newinstance,ptmxmode=0666
ln -s pts/ptmx dev/ptmx
mount -t tmpfs tmpfs dev/shm
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
chmod 1777 tmp dev/shm
ip link set lo up
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys  # the kernel's settings are the whole machine's
mkdir -p outside
pivot_root . outside
umount -l /outside
export container=greffe
exec /usr/lib/systemd/systemd --system --unit=multi-user.target </dev/null >/dev/null 2>&1
"""


@dataclass(frozen=True)
class Block:
    """`language`: the first word after the fence; `path`: where its text is to stand; `code`: how its commands end."""

    language: str
    path: str | None
    code: int
    text: str
    line: int
    section: str


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, in order: "```sh", "```sh exits 3" and "```ini /etc/file"."""
    return list(_blocks(page))


def _blocks(page: str) -> Iterator[Block]:
    for match in _FENCE.finditer(page):
        line = page.count("\n", 0, match.start()) + 1
        sections = re.findall(r"^## (.+)$", page[: match.start()], re.M)
        language, *rest = match[1].split()
        place = (language, line)
        assert not rest or rest[0] == "exits" or rest[0].startswith("/"), f"the fence says something else: {place}"
        code = int(rest[1]) if rest[:1] == ["exits"] else 0
        path = rest[0] if rest and rest[0] != "exits" else None
        yield Block(language, path, code, match[2], line, sections[-1] if sections else "")


@dataclass(frozen=True)
class Done:
    """How a block went. `seconds`: how long."""

    block: Block
    code: int
    output: str
    seconds: float


class Place:
    """The fresh place. `run` what an administrator types there; `close` ends all of it."""

    def __init__(self, prepare: str) -> None:
        """`prepare`: a script for the place while it still has the network. Skips, loudly, where there can be no place."""
        require(os.geteuid() == 0, "root, for a place with a systemd of its own")
        for program in ("unshare", "nsenter", "ip"):
            require(shutil.which(program) is not None, f"{program} (Debian: util-linux, iproute2)")
        require(_SYSTEMD.exists(), "systemd")
        self._folder = Path(tempfile.mkdtemp(prefix="greffe-place-"))
        # the preparation is read from inside the overlay's folder: a tmpfs that only the place's own mounts have
        steps = f"printf '%s' {shlex.quote(prepare)} > prepare.sh"
        script = _PREPARE.replace("mkdir upper", f"{steps}\nmkdir upper")
        boot = shlex.join(["unshare", *_NAMESPACES, "--fork", "--kill-child", "bash", "-c", _BOOT, "boot"])
        self._log = Path(f"{self._folder}.log")
        self._process = subprocess.Popen(
            [
                "unshare",
                "--mount",
                "bash",
                "-c",
                f'exec > "$1.log" 2>&1\n{script}\nexec {boot} "$1"',
                "prepare",
                str(self._folder),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )
        try:
            self._init = self._wait_for_systemd()
        except BaseException:
            self.close()
            raise

    def _wait_for_systemd(self) -> int:
        """The process number of the place's systemd, once it has started what it starts."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                pytest.skip(f"no fresh place here: {self._said()[-600:]}")
            for number in children.read_text().split():
                if Path(f"/proc/{number}/cmdline").read_bytes().startswith(bytes(_SYSTEMD)):
                    self._init = int(number)
                    _, said = self._nsenter("systemctl is-system-running --wait")
                    if "running" in said or "degraded" in said:
                        return self._init
            time.sleep(0.2)
        pytest.fail(f"the place does not start: {self._said()[-600:]}")

    def _said(self) -> str:
        return self._log.read_text("utf-8", "replace") if self._log.exists() else ""

    def _nsenter(self, script: str) -> tuple[int, str]:
        enter = ("nsenter", "-t", str(self._init), "-m", "-p", "-n", "-u", "-i", "-C")
        done = subprocess.run(
            [*enter, "env", "-i", *ENVIRON, "bash", "-c", 'cd; exec bash -euo pipefail -c "$0"', script],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_PATIENCE,
        )
        return done.returncode, done.stdout

    def run(self, script: str) -> str:
        """What the script prints; it must end well."""
        code, said = self._nsenter(script)
        assert code == 0, f"exit {code}: {script}\n{said[-3000:]}"
        return said

    def follow(self, block: Block) -> Done:
        """Do what a block says: run it, or write it to its path."""
        began = time.monotonic()
        script = block.text
        if block.path is not None:
            script = f"cat > {shlex.quote(block.path)} <<'END OF BLOCK'\n{block.text}END OF BLOCK\n"
        code, said = self._nsenter(script)
        return Done(block, code, said, time.monotonic() - began)

    def journal(self) -> str:
        """What the services of the place said last."""
        return self._nsenter("journalctl --no-pager -q -o cat -n 60")[1]

    def close(self) -> None:
        """End all that runs there, and forget what was changed."""
        if getattr(self, "_init", None):
            subprocess.run(["kill", "-9", str(self._init)], check=False)
        self._process.kill()
        self._process.wait(timeout=60)
        self._log.unlink(missing_ok=True)
        self._folder.rmdir()


def checkout_as_tar(file: Path) -> None:
    """The files of this checkout that git knows, as a release has them."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    with tarfile.open(file, "w") as archive:
        for name in filter(None, names.split("\0")):
            if (ROOT / name).is_file():
                archive.add(ROOT / name, name)
