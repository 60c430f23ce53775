"""The witness policy of an installation: the file that names it, or none."""

from registry.errors import Malformed, Refused
from registry.installation.settings import Settings
from registry.log.policy import parse as parse_policy
from registry.verify import trust


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
