"""What is made ahead of the site's scripts: from these very sources, whole, and packed as it is."""

import gzip
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders.command import require

ROOT = Path(__file__).parents[3]
MADE = ROOT / "search" / "web" / "made"
TOOLS = ROOT / "tools" / "web"
_UNPACK = """const { brotliDecompressSync } = require("node:zlib"), { readFileSync } = require("node:fs");
process.stdout.write(brotliDecompressSync(readFileSync(process.argv[1])));"""
NAMES = {"check.js", "checker.js", "codes.js", "own_style.js", "paste.js", "points.js", "style.css", "suggest.js"}


def made(folder: Path) -> dict[str, bytes]:
    """The files in it that are not packed."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix not in (".br", ".gz")}


def test_every_file_stands_there_in_three_forms() -> None:
    served = {name + end for name in NAMES for end in ("", ".br", ".gz")}
    assert {path.name for path in MADE.iterdir()} == {*served, "offline.js"}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_its_gzip_form_is_the_file(name: str) -> None:
    assert gzip.decompress((MADE / f"{name}.gz").read_bytes()) == (MADE / name).read_bytes()


@pytest.mark.parametrize("name", sorted(NAMES))
def test_its_brotli_form_is_the_file(name: str) -> None:
    require(shutil.which("node") is not None, "node")
    unpacked = subprocess.run(["node", "-e", _UNPACK, MADE / f"{name}.br"], capture_output=True, check=True).stdout
    assert unpacked == (MADE / name).read_bytes()


def test_it_is_made_of_the_sources_as_they_are(tmp_path: Path) -> None:
    require((TOOLS / "node_modules" / "esbuild").is_dir(), "esbuild and terser (tools/install_peers.py)")
    subprocess.run([sys.executable, TOOLS / "make.py", tmp_path / "made"], check=True, timeout=120)
    assert made(tmp_path / "made") == made(MADE), "the scripts changed: run `make web` and commit what it makes"
