"""`make demo`: issue the sample's registers, publish, serve, and say where.

A second run changes nothing.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROWS_REJECTED = 3
PR_SET_PDEATHSIG = 1


def _end_with_parent() -> None:
    """In the witness and the office's signer: end when the site does, however that ends (prctl(2), where there is one)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _start_witness(greffe: list[str], environ: dict[str, str], data: Path) -> None:
    """A witness of the demo's own, so that all steps are shown; it is not an independent one, and the pages say so."""
    port = int(environ.get("PORT") or "8000")
    trust = json.loads((data / "trust.json").read_bytes())
    logs = [*trust["ledgerKeys"], *trust["indexKeys"]]
    sys.stderr.write("greffe witness\n")
    named = [*greffe, "witness", "--json", "--name", f"localhost:{port}/demo-witness"]
    named += [word for vkey in logs for word in ("--log", vkey)]
    # its own port, or any that is free
    for chosen in (port + 2, 0):
        witness = subprocess.Popen(
            [*named, "--port", str(chosen)],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - one thread
        )
        vkeys = _first_json(witness)
        if vkeys is not None:
            break
    else:
        sys.stderr.write("the witness does not start\n")
        sys.exit(1)
    lines = [*(f"log {vkey}" for vkey in logs), f"witness demo {vkeys['vkey']} {vkeys['url']}", "quorum demo"]
    policy, text = data / "witness-policy", "".join(f"{line}\n" for line in lines)
    if not policy.exists() or policy.read_text("utf-8") != text:
        policy.write_text(text, "utf-8")


def _first_json(process: subprocess.Popen[bytes]) -> dict[str, str] | None:
    """The object that a process prints at first; None when it ends before."""
    assert process.stdout is not None
    text = b""
    while line := process.stdout.readline():
        text += line
        if line == b"}\n":
            members: dict[str, str] = json.loads(text)
            return members
    process.wait()
    return None


def main() -> None:
    """Run the commands a registry office would; the samples' planted bad rows make `issue` exit 3, which is done."""
    data = Path(os.environ.get("GREFFE_DATA") or ROOT / "demo-data").absolute()
    environ = {**os.environ, "GREFFE_DATA": str(data)}
    greffe = [sys.executable, str(ROOT / "greffe.py")]

    def run(*arguments: str, fine: tuple[int, ...] = (0,)) -> None:
        sys.stderr.write(f"greffe {arguments[0]}\n")
        code = subprocess.run([*greffe, *arguments], env=environ, check=False).returncode
        if code not in fine:
            sys.stderr.write(f"greffe {arguments[0]} failed with exit code {code}\n")
            sys.exit(code)

    run("init")
    if not (data / "keys" / "sealed").exists():
        run("doctor", "--seal")
    _start_witness(greffe, environ, data)
    for folder in (ROOT / "sample_data", ROOT / "sample_data" / "permits"):
        run("issue", "--source", "table", str(folder), fine=(0, ROWS_REJECTED))
    run("publish")
    run("follow")
    signer = [*greffe, "carriers", "--every", "1"]
    subprocess.Popen(signer, env=environ, preexec_fn=_end_with_parent)  # noqa: PLW1509 - one thread
    sys.stdout.write(f"http://localhost:{environ.get('PORT') or '8000'}/\n")
    sys.stdout.flush()
    os.execve(sys.executable, [*greffe, "serve"], environ)


if __name__ == "__main__":
    main()
