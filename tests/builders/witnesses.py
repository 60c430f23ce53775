"""A ledger whose checkpoints a witness cosigns, without any server: for tests of what is proven about both."""

from datetime import datetime

from registry.installation.office import Office
from registry.keys import SigningKey
from registry.ledger.publish import Cosigned, Prove, Published, RootAt, publish
from registry.log import checkpoint, cosignature, note
from registry.reading.reader import Reader
from tests.builders.command import NOW

NAME = "witness.example/w1"
KEY = SigningKey(b"\x02" * 32)


class OneWitness:
    """Cosigns whatever it is shown."""

    def __init__(self, at: datetime = NOW, key: SigningKey = KEY) -> None:
        self._seconds, self._key = int(at.timestamp()), key

    def check(self, head: checkpoint.Checkpoint, root_at: RootAt) -> None:
        """It holds nothing."""

    def cosigned(self, signed: str, shown: str | None, prove: Prove) -> Cosigned:
        line = cosignature.make(note.parse(signed).text, NAME, self._key, self._seconds)
        return Cosigned(f"{signed}{line.line()}\n", is_met=True, is_whole=True)


def policy(office: Office) -> str:
    """That witness, for the ledger and for its map."""
    witness = cosignature.verifier_key(NAME, KEY.public).print()
    trust = office.reader.trust()
    logs = "".join(f"log {vkey}\n" for vkey in (*trust["ledgerKeys"], *trust["indexKeys"]))
    return f"{logs}witness w1 {witness} https://witness.example/w1\nquorum w1\n"


def publish_witnessed(office: Office, at: datetime = NOW) -> Published:
    """Publish with that witness."""
    return publish(office.store, office.log_keys.signers, witnesses=OneWitness(at))


def witnessed_reader(office: Office) -> Reader:
    """A reader whose trust file asks for that witness."""
    return Reader(office.identity, office.store, policy(office))
