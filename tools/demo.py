"""`make demo`: issue the sample register, publish, serve, and say where. A second run changes nothing."""

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROWS_REJECTED = 3
PR_SET_PDEATHSIG = 1


def _end_with_parent() -> None:
    """In the office's signer: end when the site does, however that ends (prctl(2), where there is one)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def main() -> None:
    """Run the commands a registry office would; the sample's planted bad rows make `issue` exit 3, which is done."""
    data = Path(os.environ.get("GREFFE_DATA") or ROOT / "demo-data").absolute()
    environ = {**os.environ, "GREFFE_DATA": str(data)}
    greffe = [sys.executable, str(ROOT / "greffe.py")]
    steps = (
        (["init"], (0,)),
        (["issue", "--source", "table", str(ROOT / "sample_data")], (0, ROWS_REJECTED)),
        (["publish"], (0,)),
        (["follow"], (0,)),
    )
    for arguments, fine in steps:
        sys.stderr.write(f"greffe {' '.join(arguments[:1])}\n")
        code = subprocess.run([*greffe, *arguments], env=environ, check=False).returncode
        if code not in fine:
            sys.stderr.write(f"greffe {arguments[0]} failed with exit code {code}\n")
            sys.exit(code)
    signer = [*greffe, "carriers", "--every", "1"]
    subprocess.Popen(signer, env=environ, preexec_fn=_end_with_parent)  # noqa: PLW1509 - one thread
    sys.stdout.write(f"http://localhost:{environ.get('PORT') or '8000'}/\n")
    sys.stdout.flush()
    os.execve(sys.executable, [*greffe, "serve"], environ)


if __name__ == "__main__":
    main()
