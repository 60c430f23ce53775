"""Install the software of others that tests compare with: npm, Java, Go.

Called by `make test`, and with the name of one by `make web` and `make clients`. Quick when they are there already: a stamp
holds the hash of what they are built from. A missing program or a failure is told, and the tests that want them are skipped
loudly. npm and Go hold what they fetch against files of theirs; what Maven fetches for a program is held against `jars.sha256`
here, before anything is compiled with it or run. A jar that is another one, that is missing or that nobody listed ends it all.
`--write-jars` makes the lists anew (`make lock-jars`): for whoever has changed a pom.xml and looked at what came. The plugins
that Maven itself runs it holds against its repository's word alone.
"""

import argparse
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parent.parent
INTEROP = ROOT / "tests" / "interop"


#: beside a pom.xml: SHA-256 and name of each jar, as `sha256sum` prints them
JARS = "jars.sha256"
_MAVEN = ("mvn", "-q", "-B", "--strict-checksums")


def checksums(library: Path) -> str:
    """The list of the jars in a folder."""
    jars = sorted(library.glob("*.jar"), key=lambda jar: jar.name)
    return "".join(f"{sha256(jar.read_bytes()).hexdigest()}  {jar.name}\n" for jar in jars)


def differences(library: Path, listed: str) -> list[str]:
    """What of the jars in a folder is not as that list says, in words; empty where all is."""
    wanted, there = (
        {name: digest for digest, _, name in (line.partition("  ") for line in text.splitlines())}
        for text in (listed, checksums(library))
    )
    return [
        *(f"{name} is not listed" for name in sorted(there.keys() - wanted.keys())),
        *(f"{name} is missing" for name in sorted(wanted.keys() - there.keys())),
        *(f"{name} is another file" for name in sorted(wanted.keys() & there.keys()) if wanted[name] != there[name]),
    ]


@dataclass(frozen=True)
class Peer:
    """A folder, the files in it (patterns) that decide what is built, the folder that is built, the programs, the commands.

    `jars`: where below it the first command leaves jars, to be held against the list before the next one.
    """

    folder: Path
    sources: tuple[str, ...]
    built: str
    programs: tuple[str, ...]
    commands: tuple[tuple[str, ...], ...]
    jars: str | None = None

    def install(self, *, writes_jars: bool = False) -> None:
        """Build it, unless it stands there built from these very sources. SystemExit: a jar is not the one that is listed.

        `writes_jars`: list the jars that come, instead of comparing them.
        """
        digest = sha256()
        for pattern in self.sources:
            for path in sorted(self.folder.glob(pattern)):
                digest.update(path.read_bytes())
        stamp = self.folder / self.built / ".built-from"
        if stamp.exists() and stamp.read_text("utf-8") == digest.hexdigest() and not writes_jars:
            return
        missing = [program for program in self.programs if shutil.which(program) is None]
        if missing:
            sys.stderr.write(
                f"greffe: {self.folder.name}: software of others not installed, missing: {' '.join(missing)}\n"
            )
            return
        sys.stderr.write(f"greffe: {self.folder.name}: installing software of others that tests compare with\n")
        shutil.rmtree(self.folder / self.built, ignore_errors=True)  # else old versions stay beside new ones
        for command in self.commands:
            done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
            if done.returncode:
                output = (done.stdout + done.stderr).strip()[-600:]
                sys.stderr.write(f"greffe: {' '.join(command)} failed: {output}\n")
                return
            if writes_jars and self.jars is not None:
                (self.folder / JARS).write_text(checksums(self.folder / self.jars), "utf-8")
                return
            self._check_jars()
        stamp.write_text(digest.hexdigest(), "utf-8")

    def _check_jars(self) -> None:
        if self.jars is None:
            return
        wrong = differences(self.folder / self.jars, (self.folder / JARS).read_text("utf-8"))
        if wrong:
            shutil.rmtree(self.folder / self.built)
            raise SystemExit(f"greffe: {self.folder.name}: not what {JARS} says, removed: {'; '.join(wrong)}")


NPM_CI = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
PEERS = (
    Peer(INTEROP / "npm", ("package.json", "package-lock.json"), "node_modules", ("node", "npm"), (NPM_CI,)),
    Peer(ROOT / "tools" / "web", ("package.json", "package-lock.json"), "node_modules", ("node", "npm"), (NPM_CI,)),
    Peer(
        INTEROP / "java",
        ("pom.xml", JARS, "src/main/java/Main.java"),
        "target",
        ("java", "javac", "mvn"),
        ((*_MAVEN, "dependency:copy-dependencies", "-DoutputDirectory=target/lib"), (*_MAVEN, "compile")),
        "target/lib",
    ),
    Peer(
        ROOT / "tests" / "searchnode",
        ("pom.xml", JARS, "src/main/java/**/*.java"),
        "target",
        ("java", "javac", "mvn"),
        (
            (*_MAVEN, "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=target/lib"),
            (*_MAVEN, "compile"),
        ),
        "target/lib",
    ),
    Peer(
        INTEROP / "go",
        ("go.mod", "go.sum", "*/*.go"),
        ".bin",
        ("go",),
        (("go", "build", "-buildvcs=false", "-o", ".bin/", "./..."),),
    ),
    Peer(
        INTEROP / "witness_go",
        ("go.mod", "go.sum", "build.sh", "merkle_stub.go.txt", "server/*.go"),
        ".bin",
        ("go", "sh"),
        (("./build.sh",),),
    ),
)


#: for `make release-check` alone, by its name
RELEASE = Peer(
    ROOT / "tools" / "release",
    ("package.json", "package-lock.json"),
    "node_modules",
    ("java", "node", "npm"),
    (NPM_CI,),
)


def main() -> None:
    """Install each, or those in folders of the names given; one that fails does not keep the others from being installed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="the folders to install, by their names; all of them")
    parser.add_argument(
        "--write-jars", action="store_true", help="list the jars that Maven fetches, and install nothing"
    )
    given = parser.parse_args()
    os.environ["PATH"] += f"{os.pathsep}{ROOT / '.venv' / 'bin'}"  # where `install_programs` puts a Go toolchain
    named = [peer for peer in (*PEERS, RELEASE) if peer.folder.name in given.names]
    for peer in named or PEERS:
        if not given.write_jars or peer.jars is not None:
            peer.install(writes_jars=given.write_jars)


if __name__ == "__main__":
    main()
