"""The identity that `init` wrote, held against what the environment says."""

from registry.credential.identity import Identity
from registry.credential.identity import parse as parse_identity
from registry.errors import Refused
from registry.installation.settings import Settings


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
