"""The identity that `init` wrote, held against what the environment says."""

from registry.credential import identity
from registry.errors import Refused
from registry.installation.settings import Settings


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
