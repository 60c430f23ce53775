"""Each guess of the writer of the Go verifier, turned the other way, is told from what is right by a shared vector."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.builders.command import SOAK
from tests.interop.go_guesses import GUESSES, Guess
from tests.interop.peers import HERE, go_command
from tests.interop.test_go_verifier import VECTORS, judged, published

__all__ = ["published"]
SOURCE = HERE / "go"


def test_what_was_guessed_still_stands_in_the_program() -> None:
    texts = {guess.file: (SOURCE / "verify" / guess.file).read_text("utf-8") for guess in GUESSES}
    assert [guess.what for guess in GUESSES if guess.right not in texts[guess.file]] == []
    assert len({guess.what for guess in GUESSES}) == len(GUESSES)
    assert {guess.what.split(":")[0] for guess in GUESSES} >= {str(number) for number in range(1, 22)}


@pytest.mark.parametrize("guess", GUESSES if SOAK else GUESSES[:1], ids=lambda guess: guess.what)
def test_a_vector_tells_the_guess_from_what_is_right(guess: Guess, published: Path, tmp_path: Path) -> None:
    """Each builds a program; that the unchanged one is right is shown beside the verifier's other tests."""
    code, wrong = judged_otherwise(guess, published, tmp_path)
    assert code == 1
    assert wrong


def judged_otherwise(guess: Guess, published: Path, tmp_path: Path) -> tuple[int, list[str]]:
    """What the changed program ends with, and the cases that it judges wrongly."""
    source = tmp_path / "go"
    shutil.copytree(SOURCE / "verify", source / "verify")
    for name in ("go.mod", "go.sum"):
        shutil.copy(SOURCE / name, source / name)
    file = source / "verify" / guess.file
    text = file.read_text("utf-8")
    file.write_text(text.replace(guess.right, guess.otherwise, 1), "utf-8")
    program = tmp_path / "verify"
    build = [go_command(), "build", "-mod=readonly", "-o", str(program), "./verify"]
    subprocess.run(build, cwd=source, check=True, capture_output=True, timeout=300)
    code, files = judged(VECTORS, published, program)
    return code, [case for counted in files.values() for case in counted["wrong"]]
