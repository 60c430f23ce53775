"""Access keys: shown once, stored as hashes, taken and ended while the site runs; nothing that lies there leads it astray."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from registry.errors import Malformed, NotFound, Usage
from search.access.keys import FILE, KeyFile, KnownKeys, digest_of, parse_keys, print_keys

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


def test_a_key_is_shown_once_and_stored_as_its_hash(tmp_path: Path) -> None:
    key, made = KeyFile(tmp_path).add("Kelp Lending", ("match",), 9000, NOW)
    text = (tmp_path / FILE).read_text("utf-8")
    assert key not in text
    assert key.removeprefix("greffe-access-") not in text
    assert digest_of(key) in text
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o640
    assert (made.scopes, made.per_minute, made.made, made.ended) == (("match",), 9000, "2026-11-30T08:00:00Z", None)
    assert len(key) > 50
    assert parse_keys(print_keys((made,))) == KeyFile(tmp_path).read() == (made,)


def test_a_running_site_takes_a_new_key_and_refuses_one_that_has_ended(tmp_path: Path) -> None:
    known, file = KnownKeys(tmp_path), KeyFile(tmp_path)
    assert known.find("greffe-access-none") is None
    key, made = file.add("a", (), 1, NOW)
    other, _ = file.add("b", ("search", "search"), 1, NOW)
    assert known.find(key) == made
    assert made.scopes == ("search", "match", "verify")
    assert file.end(made.id, NOW).ended == "2026-11-30T08:00:00Z"
    assert known.find(key) is None
    assert known.find(other) is not None
    assert known.find(digest_of(other)) is None, "what is stored opens nothing"
    assert [each.name for each in file.read()] == ["a", "b"]
    (tmp_path / FILE).unlink()
    assert known.find(other) is None
    assert KnownKeys(None).find(other) is None


def test_what_cannot_be_meant_is_refused(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "public")
    for name, scopes, per_minute, code in (
        ("", (), 1, "name"),
        ("two\nlines", (), 1, "name"),
        ("two\u2028lines", (), 1, "name"),
        ("turned \u202e", (), 1, "name"),
        ("caf\udce9", (), 1, "name"),
        ("a", ("sign",), 1, "scope"),
        ("a", (), 0, "per_minute"),
        ("a", (), 10**7, "per_minute"),
    ):
        with pytest.raises(Usage) as refused:
            file.add(name, scopes, per_minute, NOW)
        assert refused.value.code == code
    with pytest.raises(NotFound):
        file.end("00000000", NOW)
    assert file.read() == ()


def damaged(change: object) -> bytes:
    key = {"id": "0" * 8, "name": "a", "scopes": ["match"], "per_minute": 1, "made": "2026-11-30T08:00:00Z"}
    members = {**key, "ended": None, "sha256": "0" * 64}
    assert isinstance(change, dict)
    return json.dumps({"v": 1, "keys": [{**members, **change}]}).encode()


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"[]", b"{}", b'{"v": 1, "keys": [[]]}', b'{"v": 2, "keys": []}', b"[" * 200_000, b'{"keys": 1}'),
        *(damaged(change) for change in ({"id": 1}, {"id": "x"}, {"sha256": "0"}, {"scopes": []}, {"scopes": "match"})),
        *(damaged(change) for change in ({"per_minute": True}, {"per_minute": -1}, {"made": "x"}, {"ended": "x"})),
        damaged({"more": 1}),
    ],
)
def test_a_file_that_is_none_is_refused(data: bytes) -> None:
    assert len(parse_keys(damaged({}))) == 1, "control"
    with pytest.raises(Malformed):
        parse_keys(data)


def test_while_the_file_is_damaged_the_keys_of_before_go_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    known = KnownKeys(tmp_path)
    key, made = KeyFile(tmp_path).add("a", (), 1, NOW)
    assert known.find(key) == made
    (tmp_path / FILE).write_text("{", "utf-8")
    assert known.find(key) == made
    assert known.find(key) == made
    assert len(caplog.records) == 1, "it is told once"
    (tmp_path / FILE).unlink()
    os.mkfifo(tmp_path / FILE)
    assert known.find(key) == made, "a pipe is not waited for"


def test_a_fault_that_passes_leaves_no_ended_key_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    known, file = KnownKeys(tmp_path), KeyFile(tmp_path)
    key, made = file.add("a", (), 1, NOW)
    assert known.find(key) == made
    file.end(made.id, NOW)

    def none_left(*_: object) -> bytes:
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as fault:
        fault.setattr("search.access.keys.read_below", none_left)
        assert [known.find(key), known.find(key)] == [made, made]
    assert len(caplog.records) == 1, "it is told once"
    assert known.find(key) is None


def test_a_folder_that_cannot_be_looked_into_has_no_keys_and_no_request_fails(tmp_path: Path) -> None:
    (tmp_path / "public").write_text("", "utf-8")
    assert KnownKeys(tmp_path / "public").find("greffe-access-none") is None


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("search.access.keys.os.fsync", full)
    with pytest.raises(OSError, match="space"):
        KeyFile(tmp_path).add("a", (), 1, NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_link_that_somebody_laid_is_not_written_through(tmp_path: Path) -> None:
    public, elsewhere = tmp_path / "public", tmp_path / "elsewhere"
    public.mkdir()
    elsewhere.write_text('{"v": 1, "keys": []}', "utf-8")
    (public / FILE).symlink_to(elsewhere)
    with pytest.raises(Malformed):
        KeyFile(public).add("a", (), 1, NOW)
    assert elsewhere.read_text("utf-8") == '{"v": 1, "keys": []}'
