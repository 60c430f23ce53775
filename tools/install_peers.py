"""Install the software of others that tests compare with: npm, Java, Go.

Called by `make test`. Quick when they are there already: a stamp holds the hash of what they are built from. A missing
program or a failure is told, and the tests that want them are skipped loudly.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parent.parent
INTEROP = ROOT / "tests" / "interop"


@dataclass(frozen=True)
class Peer:
    """A folder, the files in it (patterns) that decide what is built, the folder that is built, the programs, the command."""

    folder: Path
    sources: tuple[str, ...]
    built: str
    programs: tuple[str, ...]
    command: tuple[str, ...]

    def install(self) -> None:
        """Build it, unless it stands there built from these very sources."""
        digest = sha256()
        for pattern in self.sources:
            for path in sorted(self.folder.glob(pattern)):
                digest.update(path.read_bytes())
        stamp = self.folder / self.built / ".built-from"
        if stamp.exists() and stamp.read_text("utf-8") == digest.hexdigest():
            return
        missing = [program for program in self.programs if shutil.which(program) is None]
        if missing:
            sys.stderr.write(
                f"greffe: {self.folder.name}: software of others not installed, missing: {' '.join(missing)}\n"
            )
            return
        sys.stderr.write(f"greffe: {self.folder.name}: installing software of others that tests compare with\n")
        shutil.rmtree(self.folder / self.built, ignore_errors=True)  # else old versions stay beside new ones
        done = subprocess.run(self.command, cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode:
            output = (done.stdout + done.stderr).strip()[-600:]
            sys.stderr.write(f"greffe: {' '.join(self.command)} failed: {output}\n")
            return
        stamp.write_text(digest.hexdigest(), "utf-8")


NPM_CI = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
PEERS = (
    Peer(INTEROP / "npm", ("package.json", "package-lock.json"), "node_modules", ("node", "npm"), NPM_CI),
    Peer(ROOT / "tools" / "web", ("package.json", "package-lock.json"), "node_modules", ("node", "npm"), NPM_CI),
    Peer(
        INTEROP / "java",
        ("pom.xml", "src/main/java/Main.java"),
        "target",
        ("java", "javac", "mvn"),
        ("mvn", "-q", "-B", "compile", "dependency:copy-dependencies", "-DoutputDirectory=target/lib"),
    ),
    Peer(
        ROOT / "tests" / "searchnode",
        ("pom.xml", "src/main/java/**/*.java"),
        "target",
        ("java", "javac", "mvn"),
        (
            "mvn",
            "-q",
            "-B",
            "compile",
            "dependency:copy-dependencies",
            "-DincludeScope=runtime",
            "-DoutputDirectory=target/lib",
        ),
    ),
    Peer(
        INTEROP / "go",
        ("go.mod", "go.sum", "*/*.go"),
        ".bin",
        ("go",),
        ("go", "build", "-buildvcs=false", "-o", ".bin/", "./..."),
    ),
    Peer(
        INTEROP / "witness_go",
        ("go.mod", "go.sum", "build.sh", "merkle_stub.go.txt", "server/*.go"),
        ".bin",
        ("go", "sh"),
        ("./build.sh",),
    ),
)


#: for `make release-check` alone, by its name
RELEASE = Peer(
    ROOT / "tools" / "release", ("package.json", "package-lock.json"), "node_modules", ("node", "npm"), NPM_CI
)


def main() -> None:
    """Install each, or those in folders of the names given; one that fails does not keep the others from being installed."""
    os.environ["PATH"] += f"{os.pathsep}{ROOT / '.venv' / 'bin'}"  # where `install_programs` puts a Go toolchain
    named = [peer for peer in (*PEERS, RELEASE) if peer.folder.name in sys.argv[1:]]
    for peer in named or PEERS:
        peer.install()


if __name__ == "__main__":
    main()
