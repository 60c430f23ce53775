"""What a register says of the files that it delivers: `manifest.json`, or signed, `manifest.note`.

The signed one is a signed note (c2sp.org/signed-note) whose text is the JSON. Where the office has pinned the key of a register
(`GREFFE_DATA/keys/deliveries/{register}.vkey`), a delivery of that register without such a note is refused. Row counts and
SHA-256 are of the files as they lie on disk, a byte order mark included.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from issuer.sources.csv_rows import Table, load
from registry.edge.regular import read_below
from registry.encoding import members, strict_json
from registry.errors import Malformed, Refused, Untrue
from registry.log import note

MANIFEST, NOTE = "manifest.json", "manifest.note"
MAX_BYTES = 1 << 20
_REGISTER = re.compile(r"[a-z0-9]{1,16}")
#: register -> the vkey with which it signs its manifests
Pins = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What stands beside the files. `register`: that it declares, or None; `files`: what it says of each, by name, or None
    where there is no manifest.
    """

    register: str | None = None
    files: dict[str, Any] | None = None

    def load(self, file: Path) -> Table:
        """The table in that file. Malformed: as `csv_rows.load`; `manifest`; `manifest_mismatch`: it tells of another file."""
        if self.files is None:
            return load(file)
        try:
            about = members.object_at(self.files, file.name)
            rows, digest = members.integer(about, "rows"), members.text(about, "sha256")
        except Malformed as error:
            raise Malformed("manifest", f"the manifest does not tell the rows and sha256 of {file.name}") from error
        table = load(file, is_whole=True)
        if rows != table.count:
            raise Malformed("manifest_mismatch", f"{file.name} has {table.count} rows, its manifest says {rows}")
        if digest != table.sha256:
            raise Malformed("manifest_mismatch", f"{file.name} is not the file of which its manifest gives the SHA-256")
        return table


def read_manifest(folder: Path, register: str, pins: Pins) -> Manifest:
    """The manifest in that folder; one that says nothing where there is none. `register`: if it declares none.

    Malformed `manifest`: it cannot be read; `manifest_unsigned`: the register's key is pinned, and no note of it is there.
    """
    signed, plain = folder / NOTE, folder / MANIFEST
    if signed.exists():
        words = _note(_bytes(signed))
        manifest = _parsed(words.text.encode(), signed.name)
        _check_signature(words, manifest.register or register, pins)
    elif plain.exists():
        manifest = _parsed(_bytes(plain), plain.name)
        _check_unpinned(manifest.register or register, pins)
    else:
        manifest = Manifest()
        _check_unpinned(register, pins)
    return manifest


def read_pins(folder: Path) -> dict[str, str]:
    """The keys that an office has pinned: `{register}.vkey` in that folder. Refused `delivery_key`: one cannot be read."""
    pins = {}
    for file in sorted(folder.glob("*.vkey")):
        try:
            pins[file.stem] = file.read_text("utf-8").strip()
            note.parse_vkey(pins[file.stem])
        except (OSError, ValueError, Malformed) as error:
            raise Refused("delivery_key", f"{file.name} does not hold the vkey of a register") from error
    return pins


def _bytes(file: Path) -> bytes:
    with suppress(OSError, Malformed):
        body = read_below(file.parent, file.name, MAX_BYTES)
        if body is not None:
            return body
    raise Malformed("manifest", f"{file.name} is not a file of at most {MAX_BYTES} bytes")


def _note(body: bytes) -> note.Note:
    try:
        return note.parse(body.decode("utf-8"))
    except (Malformed, UnicodeDecodeError) as error:
        raise Malformed("manifest", f"{NOTE} is not a signed note") from error


def _parsed(body: bytes, name: str) -> Manifest:
    try:
        manifest = strict_json.parse_object(body)
        files = members.object_at(manifest, "files")
    except Malformed as error:
        raise Malformed("manifest", f"{name} does not tell the rows and sha256 of the files") from error
    register = manifest.get("register")
    if register is not None and (not isinstance(register, str) or not _REGISTER.fullmatch(register)):
        raise Malformed("manifest", f"{name} declares a register that is no short code of a-z and 0-9")
    return Manifest(register, files)


def _check_signature(words: note.Note, register: str, pins: Pins) -> None:
    if register not in pins:
        return
    try:
        note.check(words, [note.parse_vkey(pins[register])])
    except Untrue as error:
        reason = f"{NOTE} is not signed with the key that is pinned for {register}"
        raise Malformed("manifest_unsigned", reason) from error


def _check_unpinned(register: str, pins: Pins) -> None:
    if register in pins:
        raise Malformed("manifest_unsigned", f"deliveries of {register} bear a signed manifest, and here is none")
