"""A sealed export of odd records is refused, each by its form; a mistake of ours is not told as one."""

from pathlib import Path

import pytest

from registry.errors import Malformed
from registry.installation.key_folder import read_passphrase
from registry.installation.office import Office
from registry.operations import private_export, sealed_file
from registry.store import place_rows


@pytest.mark.parametrize(
    "record",
    [
        5, None, "seed", [], {}, ["other"], [["seed"]], ["seed"], ["seed", "a", 5], ["seed", 5, "AAAA"],
        ["erased"], ["erased", None], ["salt", "sample", 5, "AAAA"], ["salt", "sample", "1"],
        ["place", "0", "sample", "BC0000001", 1, "list", 0, "", "[]", "AAAA"], ["place", 0, "sample", "BC0000001", 1],
        ["document", "0", "{}", "AAAA"], ["document", 0, {}, "AAAA"], ["document", 0, "{}"], ["document", 0, "{}", "AAAA", 1],
    ],
)  # fmt: skip
def test_a_record_of_another_form_is_refused(filled: Office, tmp_path: Path, record: object) -> None:
    put_sealed(filled, tmp_path / "odd", [record])
    with pytest.raises(Malformed, match="not of its form") as refused:
        private_export.return_private(filled, tmp_path / "odd")
    assert refused.value.code == "private"


def test_a_mistake_of_ours_is_no_bad_record(filled: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise AttributeError("a mistake of ours")

    put_sealed(filled, tmp_path / "odd", [["erased", "AAAA"]])
    monkeypatch.setattr(place_rows, "put_erased", broken)
    with pytest.raises(AttributeError, match="of ours"):
        private_export.return_private(filled, tmp_path / "odd")


def put_sealed(office: Office, folder: Path, records: list[object]) -> None:
    """A sealed export of that office with those records, whatever they are."""
    folder.mkdir()
    passphrase = read_passphrase(office.settings.passphrase_file)
    with (folder / private_export.FILE).open("wb") as file:
        about = {"origin": office.identity.origin, "size": 7}
        sealed_file.seal(file, about, passphrase, bytes(sealed_file.SALT_BYTES), [records])
