"""A signed note is a text, a blank line, and signature lines.

c2sp.org/signed-note v1.0.0:

    — <name> <base64(4-byte key id || signature)>

Key id = SHA-256(name || 0x0A || algorithm || public key)[:4]; a verifier key is written `name+hex(key id)+base64(alg ||
key)`. Unknown (name, id) pairs are ignored, a known key whose signature is wrong refuses the whole note, and a note that
no known key signed is refused. Only algorithm 0x01 (Ed25519) is made and checked here; the keys of cosigners are read here
too, what they sign is left to `cosignature`.
"""

import base64
import binascii
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import sha256

from registry.encoding.remembered import remembered
from registry.errors import Malformed, Untrue
from registry.keys import Signer, is_signed

ED25519, COSIGNATURE_ED25519, COSIGNATURE_ML_DSA_44 = 0x01, 0x04, 0x06
#: those that cosign, for `parse_vkey`
COSIGNATURES = (COSIGNATURE_ED25519, COSIGNATURE_ML_DSA_44)
_KEY_BYTES = {ED25519: 32, COSIGNATURE_ED25519: 32, COSIGNATURE_ML_DSA_44: 1312}
_MAX_SIGNATURES = 64
#: a text and that many cosignatures of the largest kind have room
_MAX_CHARACTERS = 256 * 1024
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
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
    """A named key that may sign notes. `algorithm`: the byte of the specification; `public`: 32 bytes, or 1,312 for 0x06."""

    name: str
    public: bytes
    algorithm: int = ED25519

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that signature lines carry."""
        return sha256(self.name.encode() + b"\n" + self._typed).digest()[:4]

    def print(self) -> str:
        """The vkey text."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(self._typed).decode()}"

    @property
    def _typed(self) -> bytes:
        return bytes([self.algorithm]) + self.public


def is_name(name: str) -> bool:
    """Whether `name` can name a key: not empty, no space, no plus sign."""
    return bool(name) and "+" not in name and not any(character.isspace() for character in name)


def parse_vkey(text: str, algorithms: Collection[int] = (ED25519,)) -> VerifierKey:
    """The key of a vkey text, of a log unless `algorithms` names others.

    Malformed `vkey`: not of the form, of none of the `algorithms`, or with a key id that is not the key's.
    """
    parts = text.split("+", 2)
    try:
        data = base64.b64decode(parts[2], validate=True)
        parts[0].encode()
    except (IndexError, ValueError):
        raise Malformed("vkey", "not a verifier key") from None
    if not data or data[0] not in algorithms:
        raise Malformed("vkey", "a verifier key of another algorithm than is wanted here")
    key = VerifierKey(parts[0], data[1:], data[0])
    if not is_name(key.name) or len(key.public) != _KEY_BYTES[key.algorithm] or key.print() != text:
        raise Malformed("vkey", "not the form in which a verifier key is printed")
    return key


@remembered(64)
def parse(text: str) -> Note:
    """The note of `text`. Malformed `note`."""
    if len(text) > _MAX_CHARACTERS:
        raise Malformed("note", "the note is too long")
    body, blank, lines = text.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise Malformed("note", "no blank line before the signatures")
    if _CONTROL.search(text):
        raise Malformed("note", "a control character")
    if lines.count("\n") > _MAX_SIGNATURES:
        raise Malformed("note", f"more than {_MAX_SIGNATURES} signatures")
    signatures = [parse_signature(line) for line in lines[:-1].split("\n")]
    note = Note(body + "\n", tuple(signatures))
    if note.print() != text:
        raise Malformed("note", "not the form in which a note is printed")
    return note


def parse_signature(line: str) -> Signature:
    """The signature of one line, without its newline. Malformed `note`."""
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
    """The known keys that signed the note. Untrue `signature`: a known key's signature is wrong, or there is none.

    Keys of cosigners sign nothing here.
    """
    known = {(key.name, key.key_id): key for key in keys if key.algorithm == ED25519}
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
