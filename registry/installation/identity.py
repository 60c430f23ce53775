"""The identity that `init` wrote, held against what the environment says.

Beside it stands which kind of database the store is in, so that an environment that lost its setting begins no second one.
"""

from registry.credential.identity import Identity
from registry.credential.identity import parse as parse_identity
from registry.edge.disk import write_file
from registry.errors import Refused
from registry.installation.settings import Settings, default_url

_SQLITE = "sqlite"


def read_identity(settings: Settings) -> Identity:
    """The identity that `init` wrote. Refused when there is none, or when the environment names another.

    `store_elsewhere`: the store of this installation is in a database server, the environment names none, and none is here.
    """
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
    _check_kind(settings)
    return identity


def note_kind(settings: Settings) -> None:
    """Note in which kind of database the store is."""
    if _noted_kind(settings) != (kind := _kind(settings)):
        write_file(settings.store_kind, f"{kind}\n".encode())


def _check_kind(settings: Settings) -> None:
    noted, own = _noted_kind(settings), settings.own_store
    is_empty = not own.exists() or own.stat().st_size == 0
    if noted not in (None, _SQLITE) and settings.database_url == default_url(own) and is_empty:
        raise Refused(
            "store_elsewhere",
            f"the store of this installation is in {noted}, and GREFFE_DATABASE_URL does not name it: set it; to begin "
            f"another one here remove {settings.store_kind} first",
        )


def _noted_kind(settings: Settings) -> str | None:
    try:
        return settings.store_kind.read_text("utf-8").strip()
    except FileNotFoundError:
        return None


def _kind(settings: Settings) -> str:
    return settings.database_url.partition(":")[0].partition("+")[0]
