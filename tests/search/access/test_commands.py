"""`greffe access`: a key is printed once, and what cannot be meant is wrong usage."""

import json
import shutil
from pathlib import Path

from search.access.keys import FILE
from tests.builders.command import Greffe


def test_a_key_is_made_listed_and_ended(greffe: Greffe, empty_installation: Path) -> None:
    shutil.copytree(empty_installation, greffe.data)
    made = greffe("access", "new", "--name", "A lender", "--scope", "match", "--per-minute", "9000")
    key = made.stdout.strip()
    assert key.startswith("greffe-access-")
    assert key not in made.stderr
    (listed,) = json.loads(greffe("access", "list", "--json").stdout)["keys"]
    assert (listed["name"], listed["scopes"], listed["perMinute"], listed["ended"]) == (
        "A lender",
        ["match"],
        9000,
        None,
    )
    assert "sha256" not in listed
    assert key not in (greffe.data / FILE).read_text("utf-8")
    assert greffe("access", "end", listed["id"]).stdout == ""
    assert "ended" in greffe("access", "list").stdout
    assert "access_key" in greffe("access", "end", "none", expect=2).stderr
    assert (
        "there are search, match, verify" in greffe("access", "new", "--name", "a", "--scope", "sign", expect=2).stderr
    )


def test_control_where_there_is_no_installation_no_key_is_made(greffe: Greffe) -> None:
    assert "not_initialized" in greffe("access", "new", "--name", "a", expect=78).stderr
    assert not greffe.data.exists()
