r"""A cosignature says when a witness saw a checkpoint, and none larger.

c2sp.org/tlog-cosignature v1.1.0:

    signature = 8 bytes of POSIX seconds (big endian) || Ed25519 or ML-DSA-44 signature of the message
    0x04 signs  cosignature/v1\ntime <seconds>\n<the checkpoint's text>
    0x06 signs  "subtree/v1\n\0" || name || seconds || origin || start = 0 || end = size || root   (names behind their length)

An Ed25519 cosignature does not cover the witness's name, so a key has one name. Which checkpoints a witness cosigns is left
to `witness/rules`, how many cosignatures are enough to `policy`.
"""

from registry import keys
from registry.errors import Malformed, Untrue
from registry.log import checkpoint, note

_KINDS = {note.COSIGNATURE_ED25519: keys.ED25519, note.COSIGNATURE_ML_DSA_44: keys.ML_DSA_44}
_ALGORITHMS = {kind: algorithm for algorithm, kind in _KINDS.items()}
_MAX_SECONDS = 2**63 - 1


def verifier_key(name: str, public: keys.PublicKey) -> note.VerifierKey:
    """The key of a witness of that name, as notes name it. `public`: Ed25519 or ML-DSA-44."""
    return note.VerifierKey(name, public.raw, _ALGORITHMS[public.kind])


def message(text: str, key: note.VerifierKey, seconds: int) -> bytes:
    """What `key` signs of a checkpoint's text at that time. Malformed `checkpoint`: 0x06, and no checkpoint of this form."""
    if key.algorithm == note.COSIGNATURE_ED25519:
        return f"cosignature/v1\ntime {seconds}\n{text}".encode()
    head = checkpoint.parse(text)
    return b"".join(
        (
            b"subtree/v1\n\0",
            _behind_length(key.name),
            seconds.to_bytes(8, "big"),
            _behind_length(head.origin),
            (0).to_bytes(8, "big"),
            head.size.to_bytes(8, "big"),
            head.root,
        )
    )


def _behind_length(name: str) -> bytes:
    data = name.encode()
    if len(data) > 255:
        raise Malformed("checkpoint", "a name is longer than 255 bytes")
    return bytes([len(data)]) + data


def make(text: str, name: str, signer: keys.Signer, seconds: int) -> note.Signature:
    """The cosignature line of a checkpoint's text by the witness `name`. `signer`: Ed25519 or ML-DSA-44."""
    key = verifier_key(name, signer.public)
    signature = signer.sign(message(text, key, seconds))
    return note.Signature(name, key.key_id, seconds.to_bytes(8, "big") + signature)


def check(signed: note.Note, key: note.VerifierKey) -> int:
    """When `key` cosigned the note: POSIX seconds, the newest where it did so repeatedly.

    Untrue `not_cosigned`: it did not. Untrue `cosignature`: a cosignature under its name and id is wrong.
    """
    own = [line for line in signed.signatures if (line.name, line.key_id) == (key.name, key.key_id)]
    if not own or key.algorithm not in _KINDS:
        raise Untrue("not_cosigned", f"{key.name} has not cosigned it")
    return max(_checked(signed.text, key, line.signature) for line in own)


def _checked(text: str, key: note.VerifierKey, signature: bytes) -> int:
    seconds = int.from_bytes(signature[:8], "big")
    public = keys.PublicKey(_KINDS[key.algorithm], key.public)
    if not 0 < seconds <= _MAX_SECONDS or not public.is_signed(signature[8:], message(text, key, seconds)):
        raise Untrue("cosignature", f"the cosignature of {key.name} is wrong")
    return seconds
