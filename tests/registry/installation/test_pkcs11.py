"""Keys on a token, SoftHSM in the place of an HSM: they never leave it, a run signs with them, and what fails fails closed."""

import pickle
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, lib
from pkcs11.exceptions import AttributeReadOnly, AttributeSensitive, GeneralError, PKCS11Error, UserPinNotInitialized

import sample_data
from issuer import sources
from issuer.run.issue import issue
from issuer.signing.issuer import open_issuer
from issuer.signing.workers import Batch, signed
from registry.audit.audit import audit
from registry.encoding.jcs import jcs
from registry.errors import Refused
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.pkcs11 import PATIENCE, PAUSE, TokenHandle, TokenKeys
from registry.installation.settings import from_environ
from registry.keys import ED25519, P256, P384
from registry.ledger.admission import Head
from registry.ledger.publish import publish
from registry.verify.trust import parse
from sample_data.make_expected import fixed_bytes as seeded
from tests.builders.command import NOW, require, surroundings
from tests.builders.ledger import extract, state

LABEL, PIN = "greffe office", "2468-déjà"
MODULES = [
    path for folder in ("softhsm", "*/softhsm", "pkcs11") for path in Path("/usr").glob(f"lib*/{folder}/libsofthsm2.so")
]


@dataclass(frozen=True)
class Hsm:
    """A token in a scratch directory."""

    folder: Path
    module: Path
    pin_file: Path

    @property
    def keys(self) -> TokenKeys:
        return TokenKeys(self.module, LABEL, self.pin_file)

    def raw(self, name: str, kind: ObjectClass = ObjectClass.PRIVATE_KEY) -> Any:
        """An object as the module shows it to whoever is logged in."""
        self.keys.prepare()
        return lib(str(self.module)).get_token(token_label=LABEL).open(rw=True).get_key(object_class=kind, label=name)

    @property
    def token_object(self) -> Path:
        """The file that SoftHSM writes anew at each login."""
        (path,) = (self.folder / "tokens").glob("*/token.object")
        return path

    def vanish(self) -> None:
        (self.folder / "tokens").rename(self.folder / "drawer")

    def come_back(self) -> None:
        (self.folder / "drawer").rename(self.folder / "tokens")


@pytest.fixture
def hsm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hsm]:
    require(bool(MODULES) and which("softhsm2-util") is not None, "SoftHSM (Debian's softhsm2)")
    folder = tmp_path / "hsm"
    (folder / "tokens").mkdir(parents=True)
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    (folder / "pin").write_text(f"{PIN}\n", "utf-8")
    monkeypatch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
    made = ["softhsm2-util", "--init-token", "--free", "--label", LABEL, "--so-pin", "13579", "--pin", PIN]
    subprocess.run(made, check=True, capture_output=True)
    device = Hsm(folder, MODULES[0], folder / "pin")
    yield device
    device.keys.close()


def on_token(hsm: Hsm, tmp_path: Path, kind: str = ED25519) -> Office:
    """An installation whose private keys are all on the token."""
    environ = {
        "GREFFE_DATA": str(tmp_path / "data"),
        "GREFFE_ISSUING_KEY": kind,
        "GREFFE_PKCS11_MODULE": str(hsm.module),
        "GREFFE_PKCS11_TOKEN": LABEL,
        "GREFFE_PKCS11_PIN_FILE": str(hsm.pin_file),
    }
    return initialize(from_environ(environ), seeded("keys"))


@pytest.mark.parametrize("kind", [ED25519, P256, P384])
def test_what_the_token_signs_is_accepted(hsm: Hsm, kind: str) -> None:
    assert not hsm.keys.has("sample-credential")
    hsm.keys.make("sample-credential", kind, bytes)
    assert hsm.keys.has("sample-credential")
    signer = hsm.keys.signer("sample-credential")
    assert signer.public.kind == kind
    for message in (b"", b"one", b"x" * 100_000):
        signature = signer.sign(message)
        assert len(signature) == (96 if kind == P384 else 64)
        assert signer.public.is_signed(signature, message)
        assert not signer.public.is_signed(signature, message + b".")
    hsm.keys.make("sample-credential", kind, bytes)
    assert hsm.keys.signer("sample-credential").public == signer.public, "an existing key stays as it is"
    hsm.keys.make("sample-status", kind, bytes)
    assert hsm.keys.signer("sample-status").public != signer.public, "the token's own randomness"


@pytest.mark.parametrize("kind", [ED25519, P256])
def test_the_key_never_leaves_the_token(hsm: Hsm, kind: str) -> None:
    hsm.keys.make("sample-credential", kind, bytes)
    key = hsm.raw("sample-credential")
    assert (key[Attribute.LOCAL], key[Attribute.ALWAYS_SENSITIVE], key[Attribute.NEVER_EXTRACTABLE]) == (True,) * 3
    with pytest.raises(AttributeSensitive):
        key[Attribute.VALUE]
    for attribute, value in ((Attribute.EXTRACTABLE, True), (Attribute.SENSITIVE, False)):
        with pytest.raises(AttributeReadOnly):
            key[attribute] = value
    session = hsm.raw("sample-credential").session
    wrapping = session.generate_key(KeyType.AES, 256)
    with pytest.raises(PKCS11Error):
        wrapping.wrap_key(key, mechanism=Mechanism.AES_KEY_WRAP)


def test_a_key_that_could_be_exported_is_refused(hsm: Hsm) -> None:
    """The control of the test before: such keys exist, and SoftHSM hands them out."""
    hsm.keys.make("sample-credential", P256, bytes)
    session = hsm.raw("sample-credential").session
    curve = session.create_domain_parameters(
        KeyType.EC, {Attribute.EC_PARAMS: bytes.fromhex("06082a8648ce3d030107")}, local=True
    )
    loose = {Attribute.EXTRACTABLE: True, Attribute.SENSITIVE: False}
    _, private = curve.generate_keypair(label="loose", store=True, private_template=loose)
    assert len(private[Attribute.VALUE]) == 32
    with pytest.raises(Refused) as refused:
        hsm.keys.signer("loose")
    assert (refused.value.code, "exported" in refused.value.message) == ("key_unreadable", True)


def test_keys_that_are_not_there(hsm: Hsm) -> None:
    hsm.keys.make("sample-credential", ED25519, bytes)
    signer = hsm.keys.signer("sample-credential")
    assert hsm.keys.drop("sample-credential")
    assert not hsm.keys.drop("sample-credential")
    for act in (
        lambda: hsm.keys.signer("sample-credential"),
        lambda: hsm.keys.handle("sample-credential"),
        lambda: signer.sign(b""),
    ):
        with pytest.raises(Refused, match="sample-credential") as refused:
            act()
        assert refused.value.code == "key_unreadable"


def test_a_wrong_pin_module_or_token_has_its_code(hsm: Hsm) -> None:
    wrong = hsm.folder / "wrong"
    for written in ("1111-wrong", "", None):
        wrong.unlink(missing_ok=True)
        if written is not None:
            wrong.write_text(written)
        with pytest.raises(Refused) as refused:
            TokenKeys(hsm.module, LABEL, wrong).prepare()
        assert refused.value.code == "key_unreadable"
        assert "1111" not in refused.value.message
    for keys, code in (
        (TokenKeys(hsm.folder / "nothing.so", LABEL, hsm.pin_file), "key_unreadable"),
        (TokenKeys(hsm.pin_file, LABEL, hsm.pin_file), "key_unreadable"),
        (TokenKeys(hsm.module, "another token", hsm.pin_file), "hsm"),
    ):
        with pytest.raises(Refused) as refused:
            keys.prepare()
        assert refused.value.code == code
    hsm.keys.prepare()


def test_a_wrong_pin_is_tried_once(hsm: Hsm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token locks its PIN after a few wrong ones: they are not to be used up by trying again."""
    tried = []
    keys = TokenKeys(hsm.module, LABEL, hsm.folder / "wrong")
    (hsm.folder / "wrong").write_text("1111-wrong")
    login = type(keys._session)._pin
    monkeypatch.setattr(type(keys._session), "_pin", lambda session: (tried.append(1), login(session))[1])
    with pytest.raises(Refused):
        keys.has("sample-credential")
    assert tried == [1]


def test_a_token_that_another_process_is_writing_is_looked_for_again(hsm: Hsm, monkeypatch: pytest.MonkeyPatch) -> None:
    """SoftHSM 2.6.1 cuts `token.object` to nothing at a login, unlocks it, and writes it only then."""
    written = hsm.token_object.read_bytes()
    pauses = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            hsm.token_object.write_bytes(written)

    monkeypatch.setattr(time, "sleep", pause)
    hsm.token_object.write_bytes(b"")
    hsm.keys.make("sample-credential", ED25519, bytes)
    assert pauses == [PAUSE] * 3
    assert hsm.keys.has("sample-credential")


@pytest.mark.parametrize(("error", "code"), [(GeneralError, "hsm"), (UserPinNotInitialized, "key_unreadable")])
def test_a_token_that_stays_away_is_given_up(
    hsm: Hsm, monkeypatch: pytest.MonkeyPatch, error: type[PKCS11Error], code: str
) -> None:
    clock = [0.0]
    keys = hsm.keys

    def login(_session: object) -> None:
        raise error

    def pause(seconds: float) -> None:
        clock[0] += seconds

    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(time, "sleep", pause)
    monkeypatch.setattr(type(keys._session), "_try_login", login)
    with pytest.raises(Refused, match=error.__name__) as refused:
        keys.prepare()
    assert refused.value.code == code
    assert PATIENCE <= clock[0] < PATIENCE + 2 * PAUSE


def test_a_handle_is_pickled_without_a_secret(hsm: Hsm) -> None:
    hsm.keys.make("sample-credential", ED25519, bytes)
    handle = hsm.keys.handle("sample-credential")
    assert isinstance(handle, TokenHandle)
    data = pickle.dumps(handle)
    assert PIN.encode() not in data
    assert pickle.loads(data).signer().public == hsm.keys.signer("sample-credential").public


def test_threads_share_the_session(hsm: Hsm) -> None:
    signers = []
    for name, kind in (("sample-credential", ED25519), ("sample-status", P256)):
        hsm.keys.make(name, kind, bytes)
        signers.append(hsm.keys.signer(name))
    good: list[bool] = []

    def work(n: int) -> None:
        for m in range(100):
            message = f"{n} {m}".encode()
            signer = signers[(n + m) % 2]
            good.append(signer.public.is_signed(signer.sign(message), message))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert good == [True] * 400


def test_a_session_that_breaks_is_opened_again(hsm: Hsm) -> None:
    hsm.keys.make("sample-credential", P256, bytes)
    signer = hsm.keys.signer("sample-credential")
    lib(str(hsm.module)).finalize()  # all sessions are gone, as after the cable was pulled
    assert signer.public.is_signed(signer.sign(b"one"), b"one")
    hsm.vanish()
    with pytest.raises(Refused) as refused:
        signer.sign(b"two")
    assert refused.value.code == "hsm"
    hsm.come_back()
    assert signer.public.is_signed(signer.sign(b"two"), b"two")


@pytest.mark.parametrize("kind", [ED25519, P256])
def test_the_sample_is_issued_with_keys_on_the_token(hsm: Hsm, tmp_path: Path, kind: str) -> None:
    office = on_token(hsm, tmp_path, kind)
    sample = sources.read("table", Path(sample_data.__file__).parent)
    report = issue(office, "table", sample, surroundings(), workers=2)
    publish(office.store, office.log_keys.signers)
    assert report.issued > 50
    audited = audit(office.store, parse(jcs(office.reader.trust())), lambda _done, _total: None)
    assert audited.ok
    assert list(office.settings.data.rglob("*.pem")) == []


STATES = [state(f"BC{n:07d}", f"{n} B.C. LTD.", "1", "2020-01-01") for n in range(1, 601)]


@pytest.mark.parametrize("is_there", [True, False])
def test_nothing_is_appended_when_the_token_vanishes_before_the_first_batch(
    hsm: Hsm, tmp_path: Path, is_there: bool
) -> None:
    office = on_token(hsm, tmp_path)
    moments = iter(range(1000))

    def now() -> datetime:
        if next(moments) == 1 and not is_there:  # the first is the plan's
            hsm.vanish()
        return NOW

    run = partial(issue, office, "table", extract(STATES), replace(surroundings(), now=now))
    if is_there:
        run()
        assert office.reader.size() == 603
        return
    with pytest.raises(Refused) as refused:
        run()
    assert refused.value.code == "hsm"
    assert office.reader.size() == 0


def test_a_worker_tells_why_it_cannot_sign(hsm: Hsm, tmp_path: Path) -> None:
    """The token is there when the run begins, and gone when the workers look for it."""
    office = on_token(hsm, tmp_path)
    signer = open_issuer(office, "sample", seeded("signer")).batch_signer()
    batches = [(Batch([], NOW), "beside it")] * 3
    assert [bodies for _, _, bodies in signed(signer, batches, workers=2)] == [[], [], []]
    hsm.vanish()
    with pytest.raises(Refused) as refused:
        list(signed(signer, batches, workers=2))
    assert refused.value.code == "hsm"


def test_a_run_ends_at_the_batch_before_and_is_taken_up(hsm: Hsm, tmp_path: Path) -> None:
    office = on_token(hsm, tmp_path)
    heads: list[Head] = []

    def committed(head: Head) -> None:
        heads.append(head)
        if len(heads) == 1:
            hsm.vanish()

    with pytest.raises(Refused) as refused:
        issue(office, "table", extract(STATES), replace(surroundings(), committed=committed))
    assert refused.value.code == "hsm"
    assert [head.size for head in heads] == [office.reader.size()] == [256]
    hsm.come_back()
    issue(office, "table", extract(STATES), replace(surroundings("again"), committed=committed))
    assert office.reader.size() == 603
