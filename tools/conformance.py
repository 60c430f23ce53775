"""Run the W3C test suites against a local instance, and count what passes.

    make conformance W3C_SUITES=folder

The folder holds checkouts of what `CHECKOUTS` names, as W3C and W3C CCG publish them. They are copied to `prepared/` in it, where
their dependencies on one another are made local and their npm packages installed; later runs are quick. The instance is
`tests/conformance/instance.py`. Exit 1: a suite has fewer passes than `SUITES` demands; 2: something is missing.
"""

import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parent.parent
ECDSA_VECTORS = "vc-di-ecdsa"
LIBRARIES = ("vc-test-suite-implementations", "data-integrity-test-suite-assertion")


@dataclass(frozen=True)
class Suite:
    """A suite: its checkout, how many tests must pass, and whom it talks to.

    `issuers`: (cryptosuite, kind of key) of each issuer, `tags`: what the suite finds them by, by default the cryptosuite.
    `any_issuer`: its vectors are signed by keys that are not their issuers'.
    """

    checkout: str
    passes: int
    issuers: tuple[tuple[str, str], ...]
    tags: tuple[str, ...] = ()
    status_purpose: str | None = None
    any_issuer: bool = False


SUITES = (
    Suite("vc-data-model-2.0-test-suite", 59, (("eddsa-rdfc-2022", "Ed25519"),), ("vc2.0",)),
    Suite("vc-di-eddsa-test-suite", 57, (("eddsa-rdfc-2022", "Ed25519"), ("eddsa-jcs-2022", "Ed25519"))),
    Suite(
        "vc-di-ecdsa-test-suite",
        78,
        tuple((name, kind) for name in ("ecdsa-rdfc-2019", "ecdsa-jcs-2019") for kind in ("P-256", "P-384")),
        any_issuer=True,
    ),
    Suite(
        "vc-bitstring-status-list-test-suite",
        18,
        (("eddsa-rdfc-2022", "Ed25519"),),
        ("BitstringStatusList",),
        "revocation",
    ),
)
CHECKOUTS = (*(suite.checkout for suite in SUITES), *LIBRARIES, ECDSA_VECTORS)


def main() -> int:
    """Prepare what is not prepared, run the suites, tell the counts."""
    folder = Path(os.environ.get("W3C_SUITES") or "").absolute()
    missing = [name for name in CHECKOUTS if not (folder / name).is_dir()]
    if "W3C_SUITES" not in os.environ or missing or shutil.which("npm") is None:
        tell(f"W3C_SUITES names a folder with checkouts of {', '.join(CHECKOUTS)}; Node and npm run them")
        return 2
    prepared = folder / "prepared"
    for name in (*LIBRARIES, *(suite.checkout for suite in SUITES)):
        prepare(folder / name, prepared / name, folder / ECDSA_VECTORS)
    below = [suite.checkout for suite in SUITES if not run_suite(suite, prepared)]
    if below:
        tell(f"fewer tests pass than before: {', '.join(below)}")
    return 1 if below else 0


def prepare(checkout: Path, copy: Path, vectors: Path) -> None:
    """A copy of a checkout with its packages installed; what it wants of other checkouts comes from beside it."""
    stamp = copy / ".prepared"
    if stamp.exists():
        return
    tell(f"preparing {checkout.name}")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(checkout, copy, ignore=shutil.ignore_patterns(".git", "node_modules", "package-lock.json"))
    described = json.loads((copy / "package.json").read_bytes())
    reporter = described.pop("devDependencies", {}).get("mocha")
    wanted = described["dependencies"]
    for name, version in wanted.items():
        if version.startswith("github:"):
            wanted[name] = f"file:../{version.rsplit('/', 1)[1]}"
    if checkout.name not in LIBRARIES:
        wanted.setdefault("mocha", reporter or "^10.0.0")
    (copy / "package.json").write_text(json.dumps(described, indent=1), "utf-8")
    if checkout.name == "vc-di-ecdsa-test-suite":
        ignored = shutil.ignore_patterns(".git")
        shutil.copytree(vectors, copy / "tests" / "input" / ECDSA_VECTORS, ignore=ignored, dirs_exist_ok=True)
    if checkout.name not in LIBRARIES:
        options = ("--install-links", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        subprocess.run(["npm", "install", *options], cwd=copy, check=True)
    stamp.touch()


def run_suite(suite: Suite, prepared: Path) -> bool:
    """Run one suite against an instance of its own; whether enough tests passed."""
    with TemporaryDirectory() as folder, instance(suite, prepared, Path(folder)) as (base_url, keys):
        config = f"module.exports = {json.dumps(configuration(suite, base_url, keys), indent=1)};\n"
        (prepared / suite.checkout / "localConfig.cjs").write_text(config, "utf-8")
        report = Path(folder) / "report.json"
        command = ["npx", "mocha", "tests/", "--preserve-symlinks", "--timeout", "20000"]
        done = subprocess.run(
            [*command, "--reporter", "json", "--reporter-option", f"output={report}"],
            cwd=prepared / suite.checkout,
            env={**os.environ, "NODE_TLS_REJECT_UNAUTHORIZED": "0", "NODE_NO_WARNINGS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        if not report.exists():
            tell(f"{suite.checkout} did not run: {done.stderr[-2000:]}")
            return False
        results = json.loads(report.read_bytes())
    for failure in results["failures"]:
        tell(f"  failed: {failure['fullTitle']}: {failure['err'].get('message', '')[:200]}")
    for pending in results["pending"]:
        tell(f"  pending: {pending['fullTitle']}")
    stats = results["stats"]
    print(  # noqa: T201 - this is the result
        f"{suite.checkout}: {stats['passes']} passed, {stats['pending']} pending, {stats['failures']} failed"
        f" (at least {suite.passes} pass)"
    )
    return bool(stats["passes"] >= suite.passes and not stats["failures"])


def configuration(suite: Suite, base_url: str, keys: dict[str, str]) -> dict[str, Any]:
    """What the suites read of an implementation (vc-test-suite-implementations)."""

    def endpoint(path: str, key: str, tags: list[str], **more: Any) -> dict[str, Any]:
        versions = {"vc": ["1.1", "2.0"]}
        return {"id": keys[key], "endpoint": base_url + path, "supports": versions, "tags": tags, **more}

    issuers = []
    for name, key in suite.issuers:
        options = {"type": "DataIntegrityProof", "cryptosuite": name, "keyType": key}
        if suite.status_purpose:
            options["statusPurpose"] = suite.status_purpose
        tags = list(suite.tags or (name,))
        issuers.append(endpoint("/credentials/issue", key, tags, options=options, supportedEcdsaKeyTypes=[key]))
    tags = list(suite.tags or dict.fromkeys(name for name, _ in suite.issuers))
    kinds = list(dict.fromkeys(key for _, key in suite.issuers))
    verifiers = {
        name: [endpoint(path, kinds[0], tags, supportedEcdsaKeyTypes=kinds)]
        for name, path in (("verifiers", "/credentials/verify"), ("vpVerifiers", "/presentations/verify"))
    }
    return {
        "settings": {"enableInteropTests": True, "testAllImplementations": False},
        "implementations": [{"name": "Greffe", "implementation": "Greffe", "issuers": issuers, **verifiers}],
    }


@contextmanager
def instance(suite: Suite, prepared: Path, folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """A running instance: its base URL and the did:key of each kind of key."""
    contexts = folder / "contexts.json"
    reader = ["node", str(ROOT / "tests" / "conformance" / "contexts.mjs"), str(prepared)]
    contexts.write_bytes(subprocess.run(reader, capture_output=True, check=True).stdout)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    flags = ["--any-issuer"] if suite.any_issuer else []
    command = [sys.executable, "-m", "tests.conformance.instance", str(port), str(contexts), *flags]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        yield f"https://localhost:{port}", keys_of(port, process)
    finally:
        process.terminate()
        process.wait(30)


def keys_of(port: int, process: subprocess.Popen[bytes]) -> dict[str, str]:
    """The instance's keys, as soon as it answers."""
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    for _ in range(300):
        try:
            connection = http.client.HTTPSConnection("localhost", port, timeout=5, context=trusting)
            connection.request("GET", "/keys")
            keys: dict[str, str] = json.loads(connection.getresponse().read())
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
        else:
            return keys
    raise SystemExit("the instance does not start")


def tell(text: str) -> None:
    """Progress, for a person."""
    sys.stderr.write(f"greffe: {text}\n")


if __name__ == "__main__":
    raise SystemExit(main())
