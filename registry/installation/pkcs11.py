"""Private keys on a PKCS#11 token (an HSM), made there and never exported.

`TokenKeys` has the methods of `KeyFolder` in `key_folder`. Follows PKCS#11 3.0: CKM_EDDSA for Ed25519, CKM_ECDSA for P-256 and
P-384 over a digest made here. A key's label is its name. The PIN comes from a file; nothing ever prompts. A process has one
session a token; one that breaks is reopened once, after which the act fails. A token that cannot be opened is looked for again
for `PATIENCE` seconds, on a module that starts anew. Needs the extra `hsm` (python-pkcs11), so only what the settings send here
imports this file.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256, sha384
from pathlib import Path
from typing import Any, TypeVar

import pkcs11
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11.exceptions import (
    MultipleObjectsReturned,
    NoSuchKey,
    PinExpired,
    PinIncorrect,
    PinInvalid,
    PinLenRange,
    PinLocked,
    PKCS11Error,
    UserAlreadyLoggedIn,
    UserPinNotInitialized,
)

from registry.errors import Refused
from registry.keys import ED25519, P256, P384, KeyHandle, PublicKey, Signer

Answer = TypeVar("Answer")
#: seconds in which a token that cannot be opened is looked for again, and from one look to the next. SoftHSM 2.6.1 leaves
#: `token.object` empty and unlocked for a moment at each login: a module that starts just then, in another process, has no
#: such token until it starts anew, or one without a PIN
PATIENCE, PAUSE = 2.0, 0.05
#: never tried again: a token allows few wrong ones
_WRONG_PIN = (PinExpired, PinIncorrect, PinInvalid, PinLenRange, PinLocked)
#: PKCS#11 modules may assume that calls never overlap, and logging in is the process's: so one lock for all
_lock = threading.RLock()


@dataclass(frozen=True, slots=True)
class _Form:
    """How a token knows a kind of key. `parameters`: CKA_EC_PARAMS in DER; `digest`: what the mechanism signs;
    `point`: bytes of the public key in CKA_EC_POINT, without the DER around it.
    """

    type: KeyType
    parameters: bytes
    generation: Mechanism
    mechanism: Mechanism
    digest: Callable[[bytes], bytes]
    point: int


_FORMS = {
    ED25519: _Form(
        KeyType.EC_EDWARDS,
        bytes.fromhex("06032b6570"),
        Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
        Mechanism.EDDSA,
        lambda message: message,
        32,
    ),
    P256: _Form(
        KeyType.EC,
        bytes.fromhex("06082a8648ce3d030107"),
        Mechanism.EC_KEY_PAIR_GEN,
        Mechanism.ECDSA,
        lambda message: sha256(message).digest(),
        65,
    ),
    P384: _Form(
        KeyType.EC,
        bytes.fromhex("06052b81040022"),
        Mechanism.EC_KEY_PAIR_GEN,
        Mechanism.ECDSA,
        lambda message: sha384(message).digest(),
        97,
    ),
}
_KINDS = {
    **{form.parameters: kind for kind, form in _FORMS.items()},
    b"\x13\x0cedwards25519": ED25519,  # PKCS#11 3.0 section 2.3.10 lets a token name the curve instead
}
_CURVES = {P256: ec.SECP256R1(), P384: ec.SECP384R1()}


class _Session:
    """This process's session with a token, opened when first needed, and its private keys once looked up."""

    def __init__(self, module: Path, token: str, pin_file: Path) -> None:
        self._module, self._token, self._pin_file = module, token, pin_file
        self._open: Any = None
        self._keys: dict[str, Any] = {}

    def run(self, act: Callable[["_Session"], Answer]) -> Answer:
        """Do something on the token, once more on a new session if it fails. Refused `key_unreadable` or `hsm`."""
        with _lock:
            with suppress(PKCS11Error):
                return act(self)
            self.close()
            try:
                return act(self)
            except (NoSuchKey, MultipleObjectsReturned) as error:
                raise Refused("key_unreadable", f"the token {self._token} has not one such key: {error}") from None
            except PKCS11Error as error:
                self.close()
                raise self._refused(error) from None

    @property
    def handle(self) -> Any:
        """The open session."""
        if self._open is None:
            self._open = self._login()
        return self._open

    def private(self, name: str) -> Any:
        """The private key of that name. NoSuchKey, MultipleObjectsReturned; Refused `key_unreadable`: it could be exported."""
        if name not in self._keys:
            key = self.handle.get_key(object_class=ObjectClass.PRIVATE_KEY, label=name)
            if key[Attribute.EXTRACTABLE] or not key[Attribute.SENSITIVE]:
                raise Refused("key_unreadable", f"the key {name} on the token {self._token} can be exported")
            self._keys[name] = key
        return self._keys[name]

    def objects(self, name: str) -> list[Any]:
        """The objects of that name: private and public key."""
        return list(self.handle.get_objects({Attribute.LABEL: name}))

    def forget(self, name: str) -> None:
        """Drop the private key of that name from those already looked up."""
        self._keys.pop(name, None)

    def _login(self) -> Any:
        """A new session, logged in. Two tries at least; none begins later than `PATIENCE` and a pause after the first failed.

        Refused `key_unreadable` or `hsm`. The lock stays taken meanwhile: to start the module anew ends everybody's sessions.
        """
        with suppress(PKCS11Error):
            return self._try_login()
        end = time.monotonic() + PATIENCE
        while True:
            self.close()
            try:
                return self._try_login()
            except PKCS11Error as error:
                if time.monotonic() >= end:
                    self.close()
                    raise self._refused(error) from None
            time.sleep(PAUSE)

    def _try_login(self) -> Any:
        pin = self._pin()
        try:
            library = pkcs11.lib(str(self._module))
        except PKCS11Error as error:
            if type(error) is not PKCS11Error:  # python-pkcs11 has this class itself for what is no module
                raise
            raise Refused("key_unreadable", f"GREFFE_PKCS11_MODULE cannot be loaded: {error}") from None
        token = library.get_token(token_label=self._token)
        try:
            return token.open(rw=True, user_pin=pin)
        except UserAlreadyLoggedIn:
            return token.open(rw=True)
        except _WRONG_PIN as error:
            raise self._refused(error) from None

    def _refused(self, error: PKCS11Error) -> Refused:
        if isinstance(error, (*_WRONG_PIN, UserPinNotInitialized)):
            return Refused("key_unreadable", f"the token {self._token} refuses the PIN: {_text_of(error)}")
        return Refused("hsm", f"the token {self._token} fails: {_text_of(error)}")

    def _pin(self) -> str:
        try:
            pin = self._pin_file.read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise Refused("key_unreadable", f"GREFFE_PKCS11_PIN_FILE cannot be read: {type(error).__name__}") from None
        if not pin:
            raise Refused("key_unreadable", "GREFFE_PKCS11_PIN_FILE is empty")
        return pin

    def close(self) -> None:
        """End the module with all sessions on it: a token that went away comes back only to a module that starts anew."""
        for session in _sessions.values():
            if session._module == self._module:
                session._forget_session()
        with suppress(PKCS11Error):
            pkcs11.lib(str(self._module)).finalize()

    def _forget_session(self) -> None:
        """Close it if it still can be; a number that is kept beyond would later mean somebody else's session or key."""
        was_open, self._open, self._keys = self._open, None, {}
        if was_open is not None:
            with suppress(PKCS11Error):
                was_open.close()


_sessions: dict[tuple[Path, str, Path], _Session] = {}


def _session(module: Path, token: str, pin_file: Path) -> _Session:
    with _lock:
        return _sessions.setdefault((module, token, pin_file), _Session(module, token, pin_file))


class TokenSigner:
    """A key on a token, ready to sign."""

    def __init__(self, session: _Session, name: str) -> None:
        self._session, self._name = session, name
        self.public = session.run(lambda open_: _public_key(open_, name))
        self._form = _FORMS[self.public.kind]

    def sign(self, message: bytes) -> bytes:
        """The signature of `message`, as `Signer` says. Refused `hsm`: the token fails; `key_unreadable`: the key is gone."""
        data = self._form.digest(message)
        signature = self._session.run(
            lambda open_: open_.private(self._name).sign(data, mechanism=self._form.mechanism)
        )
        return bytes(signature)


@dataclass(frozen=True, slots=True)
class TokenHandle:
    """What another process opens a key on a token with: it finds module, token and PIN file there as here."""

    module: Path
    token: str
    pin_file: Path
    name: str

    def signer(self) -> Signer:
        """The key, ready to sign, on this process's own session. Refused `key_unreadable` or `hsm`."""
        return TokenSigner(_session(self.module, self.token, self.pin_file), self.name)


class TokenKeys:
    """The keys on a token. `token`: its label; errors are Refused, `key_unreadable` (no such key, PIN, module) or `hsm`."""

    def __init__(self, module: Path, token: str, pin_file: Path) -> None:
        self._place = (module, token, pin_file)
        self._session = _session(*self._place)

    def prepare(self) -> None:
        """Open the token, so that what is wrong with it raises at once."""
        self._session.run(lambda session: session.handle)

    def close(self) -> None:
        """Log out and let the module go, with all sessions on it; the next use opens them again."""
        with _lock:
            self._session.close()

    def has(self, name: str) -> bool:
        """Whether there is a private key of that name."""
        return self._session.run(lambda session: _has(session, name))

    def make(self, name: str, kind: str, random: Callable[[int], bytes]) -> None:  # noqa: ARG002 the token has its own
        """Make a key of that kind on the token, of the token's own randomness; an existing one stays as it is."""
        self._session.run(lambda session: _make(session, name, kind))

    def drop(self, name: str) -> bool:
        """Destroy the key of that name; whether there was one. What it signed stays as valid as it was."""
        return self._session.run(lambda session: _drop(session, name))

    def handle(self, name: str) -> KeyHandle:
        """What another process opens the key with. Refused, as `signer`."""
        self.signer(name)
        return TokenHandle(*self._place, name)

    def signer(self, name: str) -> Signer:
        """The key of that name, ready to sign. Refused `key_unreadable`: there is none, or it could be exported."""
        return TokenSigner(self._session, name)


def _has(session: _Session, name: str) -> bool:
    return any(item[Attribute.CLASS] == ObjectClass.PRIVATE_KEY for item in session.objects(name))


def _make(session: _Session, name: str, kind: str) -> None:
    if _has(session, name):
        return
    form = _FORMS[kind]
    curve = session.handle.create_domain_parameters(form.type, {Attribute.EC_PARAMS: form.parameters}, local=True)
    curve.generate_keypair(
        mechanism=form.generation,
        label=name,
        store=True,
        capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
        private_template={Attribute.PRIVATE: True, Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
    )


def _drop(session: _Session, name: str) -> bool:
    there = _has(session, name)
    session.forget(name)
    for item in session.objects(name):
        item.destroy()
    return there


def _public_key(session: _Session, name: str) -> PublicKey:
    session.private(name)
    public = session.handle.get_key(object_class=ObjectClass.PUBLIC_KEY, label=name)
    try:
        kind = _KINDS[public[Attribute.EC_PARAMS]]
        point = _unwrapped(public[Attribute.EC_POINT], _FORMS[kind].point)
        if kind == ED25519:
            return PublicKey(kind, point)
        key = ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[kind], point)
    except (KeyError, ValueError):
        raise Refused("key_unreadable", f"the key {name} on the token is of no kind that is known here") from None
    return PublicKey(kind, key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint))


def _unwrapped(attribute: bytes, length: int) -> bytes:
    """The point in CKA_EC_POINT: a DER OCTET STRING, or bare, as older tokens have it. ValueError: neither."""
    if len(attribute) == length:
        return attribute
    if len(attribute) == length + 2 and attribute[:2] == bytes((4, length)):
        return attribute[2:]
    raise ValueError(attribute)


def _text_of(error: PKCS11Error) -> str:
    return f"{type(error).__name__} {error}".strip()
