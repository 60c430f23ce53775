"""A did:webvh is a DID whose documents form a log that anyone can check.

did:webvh 1.0 (DIF). A log entry is one line of JSON. Its `versionId` hashes the entry with the `versionId` before it in its
place; the first hash is the SCID, so the DID names its own beginning. Our logs pre-rotate: an entry is signed by a key of
which the entry before held only the hash, and each key signs once. Logs with witnesses are refused, since their proofs stand
elsewhere. Where logs are stored and how they are fetched is left to others.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NoReturn
from urllib.parse import unquote

from registry.credential import proof
from registry.credential.cryptosuites import EDDSA_JCS_2022
from registry.encoding.base58 import base58
from registry.encoding.jcs import jcs
from registry.encoding.strict_json import parse_object
from registry.errors import Malformed, NotFound, Untrue
from registry.keys import PublicKey, Signer, from_multikey, multikey

METHOD = "did:webvh:1.0"
PREFIX = "did:webvh:"
#: stands for the SCID until it is known
PLACEHOLDER = "{SCID}"
MAX_VERSIONS = 10_000
#: a resolver's clock and a controller's may differ by that much
TOLERANCE = timedelta(minutes=5)

_MEMBERS = {"versionId", "versionTime", "parameters", "state", "proof"}
_SCID = "Qm[1-9A-HJ-NP-Za-km-z]{44}"  # base58 of 0x12 0x20 and 32 bytes
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|\+00:00)")
_LABEL = "[A-Za-z0-9-]{1,63}"
_DID = re.compile(
    rf"{PREFIX}(?P<scid>{_SCID}|\{{SCID\}}):(?P<host>localhost|{_LABEL}(?:\.{_LABEL})+)(?:%3[Aa](?P<port>[0-9]{{1,5}}))?"
    r"(?P<path>(?::(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})+)*)"
)


@dataclass(frozen=True, slots=True)
class Version:
    """A verified version of a DID document. `time`: when its controller says it was made; `update_keys`: Multikeys.

    `next_key_hashes`: of the keys that may sign the next version, empty without pre-rotation.
    """

    number: int
    id: str
    time: datetime
    document: dict[str, Any]
    update_keys: tuple[str, ...]
    next_key_hashes: tuple[str, ...]
    is_portable: bool
    is_deactivated: bool


def did_of(did_web: str, scid: str = PLACEHOLDER) -> str:
    """The did:webvh beside a did:web: `did:web:a.example:issuers:im` gives `did:webvh:<scid>:a.example:issuers:im`.

    Malformed `did_webvh`: not at a host and path where one can be.
    """
    did = f"{PREFIX}{scid}:{did_web.removeprefix('did:web:')}"
    _parse_did(did)
    return did


def scid_of(did: str) -> str:
    """The SCID in a did:webvh. Malformed `did_webvh`: not one."""
    return _parse_did(did)["scid"]


def entry_hash(entry: dict[str, Any]) -> str:
    """The hash in a `versionId`: of the entry without `proof`, with the `versionId` before it, or the SCID, in its place."""
    return _multihash(jcs(entry))


def key_hash(key: PublicKey) -> str:
    """What commits to a key before it is shown (section "Pre-Rotation Key Hash")."""
    return _multihash(multikey(key).encode())


def create(document: dict[str, Any], signer: Signer, next_keys: Sequence[PublicKey], time: str) -> str:
    """The first line of a log. `document`: a DID document with `{SCID}` wherever the SCID will stand, as in `did_of`.

    `signer`: an Ed25519 key, from now on spent; `next_keys`: one of these signs the next entry; `time`: UTC, `Z`. Errors as
    those of `resolve`, which has the last word.
    """
    if scid_of(document["id"]) != PLACEHOLDER:
        raise Malformed("did_webvh", f"the DID of a new log has {PLACEHOLDER} in the place of the SCID")
    parameters = {"method": METHOD, "scid": PLACEHOLDER, **_rotation(signer, next_keys), "portable": False}
    draft = {"versionId": PLACEHOLDER, "versionTime": time, "parameters": parameters, "state": document}
    scid = entry_hash(draft)
    entry = json.loads(_print(draft).replace(PLACEHOLDER, scid))
    line = _signed({**entry, "versionId": f"1-{entry_hash(entry)}"}, signer)
    resolve([line], str(entry["state"]["id"]), _time(time))
    return line


def append(
    log: Sequence[str], document: dict[str, Any], signer: Signer, next_keys: Sequence[PublicKey], time: str
) -> str:
    """The next line of a log, which must itself hold; arguments as of `create`, `document` with its full DID.

    Errors as those of `resolve`, of the log before and of the log with that line.
    """
    did = str(document["id"])
    before = resolve(log, did, _time(time))
    entry = {
        "versionId": before.id,
        "versionTime": time,
        "parameters": _rotation(signer, next_keys),
        "state": document,
    }
    line = _signed({**entry, "versionId": f"{before.number + 1}-{entry_hash(entry)}"}, signer)
    resolve([*log, line], did, _time(time))
    return line


def _rotation(signer: Signer, next_keys: Sequence[PublicKey]) -> dict[str, Any]:
    return {"updateKeys": [multikey(signer.public)], "nextKeyHashes": [key_hash(key) for key in next_keys]}


def _signed(entry: dict[str, Any], signer: Signer) -> str:
    key = multikey(signer.public)
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": EDDSA_JCS_2022.name,
        "created": entry["versionTime"],
        "verificationMethod": f"did:key:{key}#{key}",
        "proofPurpose": proof.ASSERTION,
    }
    value = signer.sign(EDDSA_JCS_2022.signed_bytes(options, entry, signer.public.kind, _no_rdf))
    return _print({**entry, "proof": [{**options, "proofValue": "z" + base58(value)}]})


def _print(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def resolve(
    log: Sequence[str | bytes],
    did: str,
    now: datetime,
    *,
    version_id: str | None = None,
    at: datetime | None = None,
) -> Version:
    """The newest version of `did`, or the one of that id, or the one in force `at` a moment; the whole log must hold.

    Malformed `webvh_log`, `did_webvh`, `proof`, or as `strict_json.parse`. Untrue, by what does not hold: `webvh_scid`,
    `webvh_did`, `webvh_hash`, `webvh_time`, `webvh_parameters`, `webvh_keys`, `webvh_proof`, `webvh_witness`,
    `webvh_deactivated` (also when the newest version is asked of a DID that is deactivated). NotFound `webvh_version`.
    """
    if not 1 <= len(log) <= MAX_VERSIONS:
        raise Malformed("webvh_log", f"a log has 1 to {MAX_VERSIONS} entries")
    scid = scid_of(did)
    versions: list[Version] = []
    for line in log:
        entry = parse_object(line)
        if (
            entry.keys() != _MEMBERS
            or not isinstance(entry["state"], dict)
            or not isinstance(entry["parameters"], dict)
        ):
            raise Malformed("webvh_log", f"entry {len(versions) + 1} has not the members of a log entry")
        versions.append(_verified(entry, versions[-1] if versions else None, scid, now))
    if did not in (version.document["id"] for version in versions):
        raise Untrue("webvh_did", "no entry of the log is of this DID")
    return _chosen(versions, version_id, at)


def _chosen(versions: list[Version], version_id: str | None, at: datetime | None) -> Version:
    if version_id is None and at is None and versions[-1].is_deactivated:
        raise Untrue("webvh_deactivated", "the DID is deactivated")
    for version in reversed(versions):
        if version_id in (None, version.id) and (at is None or version.time <= at):
            return version
    raise NotFound("webvh_version", "the log has no such version")


def _verified(entry: dict[str, Any], before: Version | None, scid: str, now: datetime) -> Version:
    """The version that an entry makes, after all checks that the one before allows (section "Read (Resolve)")."""
    number = 1 if before is None else before.number + 1
    parameters = _parameters(entry["parameters"], before)
    if before is None and parameters["scid"] != scid:
        raise Untrue("webvh_scid", "the log has another SCID than the DID")
    _check_hash(entry, before, number, scid)
    time = _time(entry["versionTime"])
    if (before is not None and time <= before.time) or time > now + TOLERANCE:
        raise Untrue("webvh_time", f"the time of version {number} is not after that before it, or still to come")

    update_keys = tuple(parameters.get("updateKeys", before.update_keys if before else ()))
    active = update_keys if before is None or before.next_key_hashes else before.update_keys
    _check_proofs(entry, active, number)
    if before is not None and before.next_key_hashes:
        _check_rotation(parameters, before.next_key_hashes, number)

    version = Version(
        number=number,
        id=entry["versionId"],
        time=time,
        document=entry["state"],
        update_keys=update_keys,
        next_key_hashes=tuple(parameters.get("nextKeyHashes", before.next_key_hashes if before else ())),
        is_portable=parameters.get("portable", before.is_portable if before else False),
        is_deactivated=parameters.get("deactivated", False),
    )
    _check_did(version, before, scid)
    return version


def _parameters(parameters: dict[str, Any], before: Version | None) -> dict[str, Any]:
    """The parameters of an entry, each of its type, none unknown, and those that may stand there."""
    for name, value in parameters.items():
        if name not in _PARAMETERS or not _PARAMETERS[name](value):
            raise Untrue("webvh_parameters", f"the parameter {name[:40]!r} is unknown or has not a value of its kind")
    missing = {"method", "scid", "updateKeys"} - parameters.keys() if before is None else set()
    misplaced = before is not None and ("scid" in parameters or parameters.get("portable") is True)
    if missing or misplaced:
        raise Untrue(
            "webvh_parameters", "the first entry sets method, scid, updateKeys and portable; others never scid"
        )
    if parameters.get("witness"):
        raise Untrue("webvh_witness", "the proofs of its witnesses are not part of the log, and not checked here")
    if before is not None and before.is_deactivated:
        raise Untrue("webvh_deactivated", "the log goes on after the DID was deactivated")
    return parameters


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value) and len(set(value)) == len(value)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


_PARAMETERS: dict[str, Callable[[Any], bool]] = {
    "method": lambda value: value == METHOD,
    "scid": lambda value: isinstance(value, str) and re.fullmatch(_SCID, value) is not None,
    "updateKeys": _are_texts,
    "nextKeyHashes": _are_texts,
    "witness": lambda value: isinstance(value, dict),
    "watchers": _are_texts,
    "portable": _is_flag,
    "deactivated": _is_flag,
    "ttl": lambda value: type(value) is int and 0 <= value <= 2**31,
}


def _check_hash(entry: dict[str, Any], before: Version | None, number: int, scid: str) -> None:
    """The SCID of the first entry, and the chain of hashes."""
    statement = {name: value for name, value in entry.items() if name != "proof"}
    if before is None:
        text = jcs({**statement, "versionId": PLACEHOLDER}).decode()
        # a literal placeholder in a published entry would have the same SCID as the SCID itself in its place
        restored = json.loads(text.replace(scid, PLACEHOLDER))
        if jcs(statement).decode().count(PLACEHOLDER) or entry_hash(restored) != scid:
            raise Untrue("webvh_scid", "the SCID is not the hash of the first entry")
    expected = entry_hash({**statement, "versionId": scid if before is None else before.id})
    if entry["versionId"] != f"{number}-{expected}":
        raise Untrue("webvh_hash", f"entry {number} does not follow from the one before it")


def _check_proofs(entry: dict[str, Any], active: Sequence[str], number: int) -> None:
    def key(entry_proof: dict[str, Any]) -> PublicKey:
        multibase = str(entry_proof.get("verificationMethod")).removeprefix("did:key:").partition("#")[0]
        if entry_proof.get("verificationMethod") != f"did:key:{multibase}#{multibase}" or multibase not in active:
            raise Untrue("webvh_proof", "the key may not sign this entry")
        if entry_proof.get("cryptosuite") != EDDSA_JCS_2022.name:
            raise Untrue("webvh_proof", f"the cryptosuite is not {EDDSA_JCS_2022.name}")
        return from_multikey(multibase)

    for reason in proof.check_each(entry, key, _no_rdf):
        if reason is not None:
            raise Untrue("webvh_proof", f"a proof of entry {number} does not hold: {reason}")


def _check_rotation(parameters: dict[str, Any], committed: Sequence[str], number: int) -> None:
    if not {"updateKeys", "nextKeyHashes"} <= parameters.keys():
        raise Untrue("webvh_keys", f"entry {number} does not say its keys, though they were committed to before")
    if any(_multihash(key.encode()) not in committed for key in parameters["updateKeys"]):
        raise Untrue("webvh_keys", f"entry {number} has a key to which the entry before did not commit")


def _check_did(version: Version, before: Version | None, scid: str) -> None:
    did = version.document.get("id")
    if not isinstance(did, str) or scid_of(did) != scid:
        raise Untrue("webvh_did", f"the document of entry {version.number} is of another SCID")
    if before is None or did == before.document["id"]:
        return
    known_as = version.document.get("alsoKnownAs")
    if not before.is_portable or not version.is_portable:
        raise Untrue("webvh_did", f"entry {version.number} moves a DID that is not portable")
    if not isinstance(known_as, list) or before.document["id"] not in known_as:
        raise Untrue("webvh_did", f"entry {version.number} does not name the DID from which it moved")


def _parse_did(did: str) -> re.Match[str]:
    """The parts of a DID (section "Method-Specific Identifier"); besides what it allows, `localhost`, for trying out.

    An internationalized host is taken in its ASCII form only.
    """
    match = _DID.fullmatch(did)
    if match is None or not 0 < int(match["port"] or 443) < 65536:
        raise Malformed("did_webvh", f"{did[:100]!r} is not a did:webvh")
    segments = [unquote(part, errors="replace") for part in match["path"].split(":")[1:]]
    is_odd = any(part in (".", "..") or part != part.strip() or set(part) & set("/\\\0\ufffd") for part in segments)
    # a last label of digits, or 0x and digits, is how URL parsers know an IPv4 address
    if is_odd or re.fullmatch(r"[0-9]+|0[xX][0-9A-Fa-f]*", match["host"].rpartition(".")[2]):
        raise Malformed("did_webvh", f"{did[:100]!r} is not at a host and path where a log can be")
    return match


def _time(text: Any) -> datetime:
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        raise Untrue("webvh_time", "versionTime is not a moment in UTC")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise Untrue("webvh_time", "versionTime is not a moment in UTC") from None


def _multihash(data: bytes) -> str:
    """base58-btc, without a Multibase prefix, of the SHA-256 multihash."""
    return base58(b"\x12\x20" + sha256(data).digest())


def _no_rdf(*_: Any, **__: Any) -> NoReturn:
    raise Untrue("webvh_proof", "no proof of a log is over RDF")  # never asked: see `_check_proofs`
