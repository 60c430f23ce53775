"""Install the credential verifiers of other people that tests compare with: npm packages, and Iron for Java.

Called by `make test`. Quick when they are there already: a stamp holds the hash of what they are built from. A missing
program or a failure is told, and the tests that want them are skipped loudly.
"""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

INTEROP = Path(__file__).parent.parent / "tests" / "interop"


@dataclass(frozen=True)
class Peer:
    """A folder, the files in it that decide what is built, the folder that is built, the programs needed, the command."""

    folder: Path
    sources: tuple[str, ...]
    built: str
    programs: tuple[str, ...]
    command: tuple[str, ...]

    def install(self) -> None:
        """Build it, unless it stands there built from these very sources."""
        digest = sha256()
        for name in self.sources:
            digest.update((self.folder / name).read_bytes())
        stamp = self.folder / self.built / ".built-from"
        if stamp.exists() and stamp.read_text("utf-8") == digest.hexdigest():
            return
        missing = [program for program in self.programs if shutil.which(program) is None]
        if missing:
            sys.stderr.write(f"greffe: {self.folder.name} verifiers not installed, missing: {' '.join(missing)}\n")
            return
        sys.stderr.write(f"greffe: installing the {self.folder.name} verifiers that tests compare with\n")
        shutil.rmtree(self.folder / self.built, ignore_errors=True)  # else old versions stay beside new ones
        done = subprocess.run(self.command, cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode:
            told = (done.stdout + done.stderr).strip()[-600:]
            sys.stderr.write(f"greffe: {' '.join(self.command)} failed: {told}\n")
            return
        stamp.write_text(digest.hexdigest(), "utf-8")


PEERS = (
    Peer(
        INTEROP / "npm",
        ("package.json", "package-lock.json"),
        "node_modules",
        ("node", "npm"),
        ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"),
    ),
    Peer(
        INTEROP / "java",
        ("pom.xml", "src/main/java/Main.java"),
        "target",
        ("java", "javac", "mvn"),
        ("mvn", "-q", "-B", "compile", "dependency:copy-dependencies", "-DoutputDirectory=target/lib"),
    ),
)


def main() -> None:
    """Install both; one that fails does not keep the other from being installed."""
    for peer in PEERS:
        peer.install()


if __name__ == "__main__":
    main()
