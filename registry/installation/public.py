"""What the world may read of an installation: no private key, no right to write."""

from registry.credential import identity
from registry.errors import Malformed, Refused
from registry.installation.settings import Settings
from registry.log import policy as tlog_policy
from registry.reading.reader import Reader
from registry.store.database import Store
from registry.verify import trust


def read_identity(settings: Settings) -> identity.Identity:
    """The identity that `init` wrote. Refused when there is none, or when the environment names another."""
    try:
        found = identity.parse(settings.identity_file.read_bytes())
    except FileNotFoundError:
        raise Refused("not_initialized", f"there is no identity.json in {settings.data}: run greffe init") from None
    for name, told, kept in (
        ("GREFFE_BASE_URL", settings.base_url, found.base_url),
        ("GREFFE_ORIGIN", settings.origin, found.origin),
    ):
        if told is not None and told != kept:
            raise Refused("identity_disagrees", f"{name} is {told}, but this installation is {kept}")
    return found


def read_witness_policy(settings: Settings) -> str:
    """The text of the policy file that the settings name, else of the one in the data directory, else no witness.

    Refused `witness_policy`: it cannot be read, or is no policy.
    """
    named = settings.witness_policy or settings.own_witness_policy
    if settings.witness_policy is None and not named.exists():
        return trust.QUORUM_NONE
    try:
        text = named.read_text("utf-8")
        tlog_policy.parse(text)
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
