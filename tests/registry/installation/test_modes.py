"""Who may read what: data for the office and its group, keys for it alone, whatever the umask; names that databases misread."""

import os
import stat
from pathlib import Path

import pytest

from registry.edge.disk import write_file
from registry.errors import Refused, Usage
from registry.installation.office import Office
from registry.installation.settings import from_environ
from tests.builders.command import Greffe, greffe_in


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_file_has_the_mode_that_was_said(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        for name, mode in (("data", 0o640), ("public", 0o644), ("key", 0o600)):
            write_file(tmp_path / name, b"x", mode)
            assert stat.S_IMODE((tmp_path / name).stat().st_mode) == mode
    finally:
        os.umask(before)


def test_nothing_in_a_data_directory_is_for_everybody(tmp_path: Path) -> None:
    greffe: Greffe = greffe_in(tmp_path / "data")
    before = os.umask(0o000)
    try:
        greffe("init")
        greffe("publish")
    finally:
        os.umask(before)
    open_to_all = [path.name for path in greffe.data.rglob("*") if path.stat().st_mode & 0o007]
    assert open_to_all == []


@pytest.mark.parametrize("name", ["passphrase", "sample-credential.pem"])
def test_a_secret_that_everybody_may_read_is_refused(filled: Office, name: str) -> None:
    file = filled.settings.keys / name
    filled.keys.signer("sample-credential")
    file.chmod(0o644)
    with pytest.raises(Refused) as refusal:
        filled.keys.signer("sample-credential")
    assert refusal.value.code == "key_readable"
    file.chmod(0o640)
    filled.keys.signer("sample-credential")


@pytest.mark.parametrize("name", ["q?x", "h#x", "p%41x"])
def test_a_directory_whose_name_a_database_reads_otherwise_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Usage, match="without"):
        from_environ({"GREFFE_DATA": str(tmp_path / name)})
