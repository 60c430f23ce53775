"""The key store knows where private keys are, and what they are called.

It also makes the installation's secrets, from a key of their own.
"""

from collections.abc import Callable
from hashlib import sha256

from registry.errors import Refused, RegistryError
from registry.installation.key_folder import KeyFolder
from registry.installation.settings import Settings
from registry.keys import Keys
from registry.records.seals import Seals
from registry.store.tables import Log

#: the key that signs nothing, and that the installation's secrets are made of
SECRETS_KEY = "secrets"


#: of each log: a key a month for twenty years
MOST_KEYS = 256


def key_name(log: Log, n: int) -> str:
    """The name under which the n-th key of a log is kept."""
    return log.name if n == 1 else f"{log.name}-{n}"


def kept_names(keys: Keys, log: Log) -> list[str]:
    """The names of all keys of a log that are kept, in their order; those that were retired are gone."""
    return [name for n in range(1, MOST_KEYS + 1) if keys.has(name := key_name(log, n))]


def open_keys(settings: Settings) -> Keys:
    """Where the private keys are: on the token that the settings name, else in the data directory's folder of keys.

    Refused `hsm`: a token is named, but the extra `hsm` is not installed.
    """
    if settings.token is None:
        return KeyFolder(settings.keys, settings.passphrase_file)
    try:
        from registry.installation.pkcs11 import TokenKeys  # an optional extra: only who names a token needs it
    except ImportError:
        raise Refused("hsm", "a token needs python-pkcs11: install greffe[hsm]") from None
    place = settings.token
    return TokenKeys(place.module, place.token, place.pin_file)


def installation_secret(keys: Keys, purpose: str) -> bytes:
    """A secret of the installation for one purpose, 32 bytes: always the same as long as its key is kept.

    An Ed25519 signature is deterministic (RFC 8032 section 5.1.6), so that nobody without the key can distinguish it from chance.
    """
    return sha256(keys.signer(SECRETS_KEY).sign(f"greffe-secret/v1\n{purpose}\n".encode())).digest()


def seals_of(keys: Keys) -> Seals:
    """The MACs over what the office stores and no entry commits to."""
    return Seals(installation_secret(keys, "seal"))


def secrets_at_hand(settings: Settings) -> Callable[[str], bytes] | None:
    """What gives the installation's secrets by their purpose; None where their key is not a file that this process can read.

    A token is never asked: to log in takes one of the few tries that a wrong PIN has, and SoftHSM rewrites its file for it.
    """
    if settings.token is not None:
        return None
    try:
        keys = open_keys(settings)
        keys.signer(SECRETS_KEY)
    except (OSError, RegistryError):
        return None
    return lambda purpose: installation_secret(keys, purpose)
