"""`greffe erase` from outside: nothing of the organization is left in any file, search no longer finds it, the rest stands."""

import json
from pathlib import Path

import httpx

from tests.builders.command import ROOT, Greffe, free_port, greffe_in, wait_for

NAME = b"Tidewrack Provisions"


def holders(folder: Path) -> list[str]:
    """The files that still hold the name, in any case."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return sorted(file.name for file in files if NAME.lower() in file.read_bytes().lower())


def ran(greffe: Greffe, *arguments: str | Path) -> dict[str, object]:
    answer: dict[str, object] = json.loads(greffe(*arguments, "--json").stdout)
    return answer


def test_nothing_is_left_of_it_and_the_rest_stands(tmp_path: Path) -> None:
    extract = tmp_path / "extract.csv"
    lines = (ROOT / "sample_data" / "extract.csv").read_text("utf-8").splitlines()
    extract.write_text("\n".join(lines[:25]) + "\n", "utf-8")
    greffe = greffe_in(tmp_path / "data", free_port())
    greffe("init")
    greffe("issue", "--source", "table", extract)
    greffe("publish")
    greffe("follow")
    greffe("evidence", "sample", "BC9000001", "-o", tmp_path / "kept.json")
    greffe("trust", "-o", tmp_path / "trust.json")
    before = ran(greffe, "audit")
    assert {"ledger.db"} < set(holders(greffe.data)), "the index holds it too"

    would = ran(greffe, "erase", "sample", "BC9000001", "--reason", "privacy_request")
    assert (would["dryRun"], holders(greffe.data) != []) == (True, True)
    greffe("erase", "sample", "BC9000001", "--reason", "because", "--yes", expect=2)
    done = ran(greffe, "erase", "sample", "BC9000001", "--reason", "privacy_request", "--yes")
    assert (done["dryRun"], done["entries"]) == (False, would["entries"])
    greffe("follow")
    assert holders(greffe.data) == []
    again = ran(greffe, "erase", "sample", "BC9000001", "--reason", "privacy_request", "--yes")
    assert (again["already"], again["entries"]) == (True, [])
    assert "was erased already" in greffe("erase", "sample", "BC9000001", "--reason", "privacy_request").stdout

    greffe("publish")
    after = ran(greffe, "audit")
    assert (after["ok"], after["body_missing"], after["index_behind"]) == (True, 0, 0)
    assert after["erased"] == len(would["entries"])  # type: ignore[arg-type]
    assert after["entries"] == int(str(before["entries"])) + 1
    assert "organization_unknown" in greffe("evidence", "sample", "BC9000001", expect=2).stderr
    verified = greffe("verify", tmp_path / "kept.json", "--trust", tmp_path / "trust.json")
    assert "verified" in verified.stdout.splitlines()[-1]
    rerun = json.loads(greffe("issue", "--source", "table", extract, "--json", expect=3).stdout)
    assert ({rejection["code"] for rejection in rerun["rejections"]}, rerun["issued"]) == ({"erased"}, 0)

    server = greffe.start("serve")
    try:
        base = f"http://localhost:{greffe.environ['PORT']}"
        wait_for(base)
        assert httpx.get(f"{base}/api/v1/organizations/sample/BC9000001").status_code == 404
        assert httpx.get(f"{base}/api/v1/organizations?q=tidewrack").json()["items"] == []
        assert httpx.get(f"{base}/en/organizations/sample/BC9000001").status_code == 404
        assert httpx.get(f"{base}/api/v1/organizations/sample/BC9000004").status_code == 200
    finally:
        server.terminate()
        server.wait(timeout=30)
