"""The public side of an installation has no private key and never writes."""

from registry.credential.identity import Identity
from registry.credential.identity import parse as parse_identity
from registry.errors import Malformed, Refused
from registry.installation.settings import Settings
from registry.log.policy import parse as parse_policy
from registry.reading.reader import Reader
from registry.store.database import Store
from registry.verify import trust


def read_identity(settings: Settings) -> Identity:
    """The identity that `init` wrote. Refused when there is none, or when the environment names another."""
    try:
        identity = parse_identity(settings.identity_file.read_bytes())
    except FileNotFoundError:
        raise Refused("not_initialized", f"there is no identity.json in {settings.data}: run greffe init") from None
    for name, setting, actual in (
        ("GREFFE_BASE_URL", settings.base_url, identity.base_url),
        ("GREFFE_ORIGIN", settings.origin, identity.origin),
    ):
        if setting is not None and setting != actual:
            raise Refused("identity_disagrees", f"{name} is {setting}, but this installation is {actual}")
    return identity


def read_witness_policy(settings: Settings) -> str:
    """The text of the policy file that the settings name, else of the one in the data directory, else no witness.

    Refused `witness_policy`: it cannot be read, or is no policy.
    """
    named = settings.witness_policy or settings.own_witness_policy
    if settings.witness_policy is None and not named.exists():
        return trust.QUORUM_NONE
    try:
        text = named.read_text("utf-8")
        parse_policy(text)
    except (OSError, UnicodeDecodeError, Malformed) as error:
        raise Refused("witness_policy", f"the witness policy {named} cannot be used: {error}") from None
    return text


class Public:
    """What the world may read: no private key, no right to write."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.identity = read_identity(settings)
        self.store = Store(settings.database_url, read_only=True)
        self.reader = Reader(self.identity, self.store, read_witness_policy(settings))
