"""Install what tests need beyond pip, where that can be done by apt: a browser, an HSM in software, Node and Java.

Says so where it cannot.
"""

import os
import shutil
import subprocess
import sys

#: program -> the Debian package that has it
PACKAGES = {
    "chromium": "chromium",
    "softhsm2-util": "softhsm2",
    "node": "nodejs",
    "npm": "npm",
    "javac": "default-jdk-headless",
    "mvn": "maven",
}


def main() -> None:
    """Install the programs that are missing; a failure is told, and the tests that want them are skipped loudly."""
    wanted = [package for program, package in PACKAGES.items() if shutil.which(program) is None]
    if not wanted:
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        sys.stderr.write(f"greffe: install these for the tests that use them: {' '.join(wanted)}\n")
        return
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *wanted],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.stderr.write(f"greffe: {' '.join(command)} failed: {done.stderr.strip()[-300:]}\n")
            return


if __name__ == "__main__":
    main()
