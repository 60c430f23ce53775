"""Ask credential libraries that nobody here wrote: Digital Bazaar's (npm, `npm/`) and Iron (Java, `java/`).

One request for both: a cryptosuite, the documents that exist (by URL), the credentials; one answer for each credential.
Both are installed by `tools/install_peers.py`.
"""

import json
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import require

HERE = Path(__file__).parent
NPM, JAVA = HERE / "npm", HERE / "java"


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
