"""Signed notes (c2sp.org/signed-note v1.0.0): a text, a blank line, and signature lines.

    — <name> <base64(4-byte key id || signature)>

Key id = SHA-256(name || 0x0A || algorithm || public key)[:4]; a verifier key is written `name+hex(key id)+base64(alg ||
key)`. Unknown (name, id) pairs are ignored, a known key whose signature is wrong refuses the whole note, and a note that
no known key signed is refused. Only algorithm 0x01 (Ed25519) is made and checked here.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from registry.errors import Malformed, Untrue
from registry.keys import Signer, is_signed

ED25519 = 1
_MAX_SIGNATURES = 64
_LINE = re.compile(r"— (\S+) ([A-Za-z0-9+/]+={0,2})")


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: who, which key (4 bytes), and the signature bytes."""

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        """The line without its newline."""
        return f"— {self.name} {base64.b64encode(self.key_id + self.signature).decode()}"


@dataclass(frozen=True, slots=True)
class Note:
    """`text` ends with a newline; `signatures` in the order of the lines."""

    text: str
    signatures: tuple[Signature, ...]

    def print(self) -> str:
        """The whole note; `parse` of it gives the same note."""
        return self.text + "\n" + "".join(signature.line() + "\n" for signature in self.signatures)


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A named Ed25519 key that may sign notes."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that signature lines carry."""
        return sha256(self.name.encode() + b"\n" + bytes([ED25519]) + self.public).digest()[:4]

    def print(self) -> str:
        """The vkey text."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(bytes([ED25519]) + self.public).decode()}"


def is_name(name: str) -> bool:
    """Whether `name` can name a key: not empty, no space, no plus sign."""
    return bool(name) and "+" not in name and not any(character.isspace() for character in name)


def parse_vkey(text: str) -> VerifierKey:
    """The key of a vkey text. Malformed `vkey`: not of the form, another algorithm, or a key id that is not the key's."""
    parts = text.split("+", 2)
    try:
        data = base64.b64decode(parts[2], validate=True)
    except (IndexError, binascii.Error):
        raise Malformed("vkey", "not a verifier key") from None
    key = VerifierKey(parts[0], data[1:])
    if not is_name(key.name) or len(data) != 33 or data[0] != ED25519 or key.print() != text:
        raise Malformed("vkey", "not an Ed25519 verifier key")
    return key


def parse(text: str) -> Note:
    """The note of `text`. Malformed `note`."""
    body, blank, lines = text.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise Malformed("note", "no blank line before the signatures")
    if any(character < " " and character != "\n" for character in text):
        raise Malformed("note", "a control character")
    signatures = [_signature(line) for line in lines[:-1].split("\n")]
    if len(signatures) > _MAX_SIGNATURES:
        raise Malformed("note", f"more than {_MAX_SIGNATURES} signatures")
    note = Note(body + "\n", tuple(signatures))
    if note.print() != text:
        raise Malformed("note", "not the form in which a note is printed")
    return note


def _signature(line: str) -> Signature:
    match = _LINE.fullmatch(line)
    if match is None or not is_name(match[1]):
        raise Malformed("note", "not a signature line")
    try:
        data = base64.b64decode(match[2], validate=True)
    except binascii.Error:
        raise Malformed("note", "a signature is not base64") from None
    if len(data) < 5:
        raise Malformed("note", "a signature is too short")
    return Signature(match[1], data[:4], data[4:])


def sign(text: str, name: str, signer: Signer) -> Note:
    """The note of `text` signed by one key under `name`."""
    key = VerifierKey(name, signer.public.raw)
    return Note(text, (Signature(name, key.key_id, signer.sign(text.encode())),))


def check(note: Note, keys: Iterable[VerifierKey]) -> list[VerifierKey]:
    """The known keys that signed the note. Untrue `signature`: a known key's signature is wrong, or there is none."""
    known = {(key.name, key.key_id): key for key in keys}
    signed = []
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is None:
            continue
        if not is_signed(key.public, signature.signature, note.text.encode()):
            raise Untrue("signature", f"the signature of {key.name} is wrong")
        signed.append(key)
    if not signed:
        raise Untrue("signature", "no trusted key signed it")
    return signed
