"""Ask software that nobody here wrote; `tools/install_peers.py` installs it.

Credential libraries: Digital Bazaar's (npm, `npm/`) and Iron (Java, `java/`). One request for both: a cryptosuite, the
documents that exist (by URL), the credentials; one answer for each credential. Logs: C2SP tools (Go, `go/`) and a witness
(Go, `witness_go/`); the top of each main tells what it is asked and answers.
"""

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.builders.command import require

HERE = Path(__file__).parent
NPM, JAVA, GO, WITNESS = HERE / "npm", HERE / "java", HERE / "go" / ".bin", HERE / "witness_go" / ".bin"


@dataclass(frozen=True)
class Answer:
    """What a library says of one credential. `reason`: its own words, None when it verified."""

    verified: bool
    reason: str | None


def digital_bazaar(suite: str, documents: dict[str, Any], credentials: list[dict[str, Any]]) -> list[Answer]:
    """What Digital Bazaar's verifier says of each credential, statuses included."""
    return _answers(node("verify.mjs", {"suite": suite, "documents": documents, "credentials": credentials}))


def node(command: str, request: Any) -> Iterable[Any]:
    """The lines that a command of `npm/` answers to a request."""
    require(shutil.which("node") is not None and (NPM / "node_modules").is_dir(), "Digital Bazaar's libraries (npm)")
    return _ask(["node", command], NPM, request)


def iron(suite: str, documents: dict[str, Any], credentials: list[dict[str, Any]]) -> list[Answer]:
    """What Iron says of each credential; statuses are not checked."""
    require(shutil.which("java") is not None and (JAVA / "target/lib").is_dir(), "Iron (Java, Maven)")
    request = {"suite": suite, "documents": documents, "credentials": credentials}
    return _answers(_ask(["java", "-cp", "target/classes:target/lib/*", "Main"], JAVA, request))


def _ask(command: list[str], folder: Path, request: Any) -> Iterable[Any]:
    done = subprocess.run(
        command, cwd=folder, input=json.dumps(request), capture_output=True, encoding="utf-8", timeout=300
    )
    assert done.returncode == 0, f"{command}: exit {done.returncode}\n{done.stderr[-2000:]}"
    return [json.loads(line) for line in done.stdout.splitlines()]


def _answers(lines: Iterable[Any]) -> list[Answer]:
    return [Answer(line["verified"], line["reason"]) for line in lines]


def go_command() -> str:
    """The stock `go` command, of the machine or of the virtual environment."""
    command = shutil.which("go", path=os.pathsep.join([os.environ["PATH"], str(Path(sys.executable).parent)]))
    require(command is not None, "the go command")
    assert command is not None
    return command


def checklog(place: str | Path, vkey: str, since: Iterable[Path] = ()) -> dict[str, Any]:
    """What Tessera, x/mod and merkle say of a whole log at a URL or in a directory (`go/checklog`)."""
    asked = [f"-since={path}" for path in since]
    return dict(json.loads(_go(GO / "checklog", [f"-log={place}", f"-vkey={vkey}", *asked], "")))


def refusing(verdict: dict[str, Any]) -> set[str]:
    """Which judges of `checklog` refused the log."""
    return {judge for judge in ("checkpoint", "fsck", "xmod", "client", "since") if verdict[judge] is not None}


def oracle(requests: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """One answer for each request (`go/oracle`); bytes in a request are written as base64."""
    lines = "".join(json.dumps(request, default=_base64) + "\n" for request in requests)
    return [json.loads(line) for line in _go(GO / "oracle", [], lines).splitlines()]


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _go(program: Path, arguments: list[str], text: str) -> str:
    require(program.exists(), f"{program.name} (Go)")
    done = subprocess.run([program, *arguments], input=text, capture_output=True, encoding="utf-8", timeout=120)
    assert done.returncode == 0, f"{program.name}: exit {done.returncode}\n{done.stderr[-2000:]}"
    return done.stdout


@dataclass(frozen=True)
class Omniwitness:
    """A running witness: its submission prefix and its key."""

    url: str
    vkey: str


@contextmanager
def omniwitness(folder: Path, *vkeys: str) -> Iterator[Omniwitness]:
    """transparency-dev's witness, on loopback, for the logs of these keys; its memory is in `folder`."""
    program = WITNESS / "server"
    require(program.exists(), "omniwitness (Go)")
    command = [program, "-db", folder / "witness.db", *vkeys]
    with (folder / "witness.log").open("w") as log_file:
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log_file, encoding="utf-8", cwd=folder)
    try:
        assert running.stdout is not None
        yield Omniwitness(**json.loads(running.stdout.readline()))
    finally:
        running.terminate()
        running.communicate(timeout=30)
