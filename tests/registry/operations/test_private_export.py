"""A sealed export of odd records is refused, each by its form; a mistake of ours is not told as one."""

from pathlib import Path

import pytest

from registry.errors import LedgerDamaged, Malformed, Refused
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


def replaced(old: str, new: str, index: int) -> str:
    """The statement that puts one text for another into the document under an entry."""
    changed = f"CAST(replace(CAST(body AS TEXT), '{old}', '{new}') AS BLOB)"
    return f"UPDATE document SET body = {changed} WHERE i = {index}"


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE document SET salt = zeroblob(32) WHERE i = 3", "the document under entry 3"),
        (replaced("verificationMethod", "verificationMothod", 0), "the document under entry 0"),
        (
            "UPDATE document SET body = (SELECT body FROM document WHERE i = 3) WHERE i = 4",
            "the document under entry 4",
        ),
        (
            replaced('"proofValue":"z', '"proofValue":"z2', 4),
            "the body of entry 4 is not as it was signed",
        ),
        ("UPDATE credential SET number = 'BC0000009' WHERE i = 5", "the place of entry 5"),
        ("UPDATE org_salt SET salt = zeroblob(32)", "entry 6"),
        ("UPDATE org_salt SET number = 'FM0000009'", "entry 6"),
        ("UPDATE credential SET digest = zeroblob(32) WHERE i = 5", "the place of entry 5"),
        ("DELETE FROM credential WHERE i = 5", "entry 5"),
        ("UPDATE status_list SET seed = zeroblob(32)", "status_list"),
    ],
)
@pytest.mark.parametrize("is_sealed", [True, False])
def test_nothing_is_sealed_that_is_not_what_was_logged(
    filled: Office, tmp_path: Path, statement: str, what: str, is_sealed: bool
) -> None:
    """The file of before stays. What no entry commits to, the seals alone tell: a store without them gives it as it is."""
    folder = tmp_path / "private"
    private_export.export_private(filled, folder)
    before = (folder / private_export.FILE).read_bytes()
    with filled.store.write() as connection:
        connection.exec_driver_sql(statement)
    if not is_sealed:
        filled.settings.sealed.unlink()
        if "digest" in statement or "DELETE" in statement or "seed" in statement:
            assert private_export.export_private(filled, folder) == 4
            return
    with pytest.raises(LedgerDamaged) as refused:
        private_export.export_private(filled, folder)
    assert what in refused.value.message
    assert [path.name for path in folder.iterdir()] == [private_export.FILE]
    assert (folder / private_export.FILE).read_bytes() == before


def test_a_store_that_lost_its_seals_is_not_sealed_into_a_file(filled: Office, tmp_path: Path) -> None:
    with filled.store.write() as connection:
        connection.exec_driver_sql("DELETE FROM seal")
    with pytest.raises(Refused, match="never sealed"):
        private_export.export_private(filled, tmp_path / "private")


def put_sealed(office: Office, folder: Path, records: list[object]) -> None:
    """A sealed export of that office with those records, whatever they are."""
    folder.mkdir()
    passphrase = read_passphrase(office.settings.passphrase_file)
    with (folder / private_export.FILE).open("wb") as file:
        about = {"origin": office.identity.origin, "size": 7}
        sealed_file.seal(file, about, passphrase, bytes(sealed_file.SALT_BYTES), [records])
