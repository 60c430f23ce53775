r"""A file of sealed chunks: secret, and whole or not at all.

    <header: one line of JSON>\n  then for each chunk: u32 big endian length || AES-256-GCM of the deflated bytes

The key is made of the passphrase and the header's salt by scrypt (RFC 7914); each chunk is bound to the header, to its number and
to whether it is the last one. So a chunk that was changed, left out, added or moved, and a file that was cut off, are refused.
"""

import json
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from registry.encoding import base64std, strict_json
from registry.encoding.jcs import jcs
from registry.errors import Malformed, Refused

SALT_BYTES = 32
#: RFC 7914 section 2: about 32 MiB and a tenth of a second
_COST, _BLOCK, _PARALLEL = 2**15, 8, 1
_MAX_HEADER = 4096
_MAX_CHUNK = 64 << 20


def seal(file: BinaryIO, about: dict[str, Any], passphrase: bytes, salt: bytes, chunks: Iterable[list[Any]]) -> None:
    """Write the sealed file. `about`: what everybody may read in its header; `salt`: 32 random bytes, never used before."""
    header = jcs({**about, "v": 1, "salt": base64std.encode(salt)}) + b"\n"
    cipher = AESGCM(_key(passphrase, salt))
    file.write(header)
    number, waiting = 0, list[Any]()
    for chunk in chunks:
        if number:
            _write(file, cipher, header, number, waiting, is_last=False)
        waiting, number = chunk, number + 1
    _write(file, cipher, header, max(number, 1), waiting, is_last=True)


def read_header(file: BinaryIO) -> dict[str, Any]:
    """The members of a sealed file's header; the file then stands at its first chunk. Malformed `sealed`."""
    return _header(file)[1]


def unseal(file: BinaryIO, passphrase: bytes) -> Iterator[list[Any]]:
    """The chunks of a sealed file, from its beginning. Refused `sealed`: it was changed, or sealed by another passphrase."""
    file.seek(0)
    header, members = _header(file)
    cipher = AESGCM(_key(passphrase, base64std.decode(members.get("salt"), "salt")))
    number, length = 1, file.read(4)
    while length:
        if len(length) < 4 or int.from_bytes(length, "big") > _MAX_CHUNK:
            raise Refused("sealed", "the sealed file is cut off or damaged")
        sealed, length = file.read(int.from_bytes(length, "big")), file.read(4)
        try:
            data = cipher.decrypt(_nonce(number), sealed, _bound(header, number, is_last=not length))
        except InvalidTag:
            raise Refused("sealed", "the sealed file was changed or cut off, or another passphrase sealed it") from None
        chunk: list[Any] = json.loads(zlib.decompress(data))
        yield chunk
        number += 1
    if number == 1:
        raise Refused("sealed", "the sealed file is cut off")


def _header(file: BinaryIO) -> tuple[bytes, dict[str, Any]]:
    line = file.readline(_MAX_HEADER)
    if not line.endswith(b"\n"):
        raise Malformed("sealed", "not a sealed file")
    members = strict_json.parse_object(line[:-1])
    if members.get("v") != 1:
        raise Malformed("sealed", "the version of the sealed file is not 1")
    return line, members


def _write(file: BinaryIO, cipher: AESGCM, header: bytes, number: int, chunk: list[Any], *, is_last: bool) -> None:
    data = zlib.compress(json.dumps(chunk, ensure_ascii=False).encode())
    sealed = cipher.encrypt(_nonce(number), data, _bound(header, number, is_last=is_last))
    file.write(len(sealed).to_bytes(4, "big") + sealed)


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _bound(header: bytes, number: int, *, is_last: bool) -> bytes:
    return header + number.to_bytes(8, "big") + bytes([is_last])


def _key(passphrase: bytes, salt: bytes) -> bytes:
    if len(salt) != SALT_BYTES:
        raise Malformed("sealed", "the salt of the sealed file is not 32 bytes")
    return Scrypt(salt, 32, _COST, _BLOCK, _PARALLEL).derive(passphrase)
