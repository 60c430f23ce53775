"""A verifier in Go, written from the published pages alone, judges every shared vector as Python and the browser do."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

import schemas
from tests.builders.command import ROOT, require
from tests.interop.peers import GO

VERIFY = GO / "verify"
VECTORS = ROOT / "schemas" / "vectors"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Contexts and schemas in folders, as the site hands them out."""
    require(VERIFY.exists(), "the Go programs of tests/interop/go")
    folder = tmp_path_factory.mktemp("published")
    for name in ("credentials/v2", *schemas.OWN_CONTEXTS):
        _write(folder / "contexts" / f"{name}.jsonld", schemas.context_bytes(name))
    for name in schemas.SCHEMAS:
        _write(folder / "schemas" / f"{name}.json", schemas.schema_bytes(name))
    return folder


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def judged(vectors: Path, published: Path, program: Path = VERIFY) -> tuple[int, dict[str, Any]]:
    command = [str(program), str(vectors), str(published / "contexts"), str(published / "schemas")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    answer: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, answer


def test_it_judges_every_vector_as_expected(published: Path) -> None:
    code, files = judged(VECTORS, published)
    assert {name: counted["wrong"] for name, counted in files.items() if counted["wrong"]} == {}
    assert code == 0
    assert {name.removesuffix(".json") for name in files} == set(schemas.VECTORS)
    for name in ("verify", "decided", "completeness"):
        cases = json.loads(schemas.vectors_bytes(name))["cases"]
        (counted,) = (counted for file, counted in files.items() if file.removesuffix(".json") == name)
        assert counted["cases"] == len(cases)


def test_control_another_expectation_is_told(published: Path, tmp_path: Path) -> None:
    for name in schemas.VECTORS:
        _write(tmp_path / f"{name}.json", schemas.vectors_bytes(name))
    document = json.loads(schemas.vectors_bytes("verify"))
    document["cases"][0]["expect"]["steps"]["included"] = "failed"
    _write(tmp_path / "verify.json", json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    code, files = judged(tmp_path, published)
    assert code == 1
    assert sum(len(counted["wrong"]) for counted in files.values()) == 1
