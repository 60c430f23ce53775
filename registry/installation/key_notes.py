"""Notes lie with the keys: what these have signed, that the store is sealed.

They are kept with them. Whoever writes the store's file cannot write here. So a store that was put back, or lost its seals, is
found out.
"""

from collections.abc import Iterable

from registry.edge.disk import write_file
from registry.errors import Malformed, Refused
from registry.installation.settings import Settings
from registry.store import rows
from registry.store.database import Connection
from registry.store.tables import INDEX, LEDGER

_SIGNED = "These keys have signed a ledger. Keep this file with them."
_SEALED = b"The store of these keys is sealed. Keep this file with them.\n"


def note_signed(settings: Settings, sizes: dict[str, int]) -> None:
    """Note that the keys have signed, and how far the public sees each log (`ledger`, `index`) by now."""
    known = read_signed(settings)
    if known is None or any(size > known.get(name, -1) for name, size in sizes.items()):
        newest = {name: max(size, (known or {}).get(name, 0)) for name, size in sizes.items()}
        lines = [_SIGNED, *(f"{name} {size}" for name, size in sorted({**(known or {}), **newest}.items()))]
        _write(settings, settings.has_signed.name, "".join(f"{line}\n" for line in lines).encode())


def note_published(settings: Settings, connection: Connection) -> None:
    """Note how far the public sees each log, where it sees anything."""
    shown = {log.name: rows.read_published(connection, log) for log in (LEDGER, INDEX)}
    sizes = {name: row[0] for name, row in shown.items() if row is not None}
    if sizes:
        note_signed(settings, sizes)


def read_signed(settings: Settings) -> dict[str, int] | None:
    """How far the public has seen each log; None: the keys have signed nothing. A note of an older version has no sizes.

    Malformed `has_signed`: the file is damaged.
    """
    if not settings.has_signed.exists():
        return None
    sizes = {}
    for line in settings.has_signed.read_text(errors="replace").splitlines()[1:]:
        name, _, size = line.partition(" ")
        if name not in (LEDGER.name, INDEX.name) or not (size.isascii() and size.isdigit()):
            raise Malformed(
                "has_signed", f"{settings.has_signed} is damaged: bring it back from where the keys are kept"
            )
        sizes[name] = int(size)
    return sizes


def check_published(settings: Settings, connection: Connection) -> None:
    """Refused `published_behind` where the store shows the public an older checkpoint than it has seen."""
    for name, size in (read_signed(settings) or {}).items():
        shown = rows.read_published(connection, {LEDGER.name: LEDGER, INDEX.name: INDEX}[name])
        if shown is None or shown[0] < size:
            raise Refused(
                "published_behind",
                f"the public has seen {size} entries of the log {name}, the store shows {0 if shown is None else shown[0]}: "
                "it was put back; greffe restore brings it forward",
            )


def note_keys(settings: Settings, register: str, fragments: Iterable[str]) -> None:
    """Note the keys that the ledger names as a register's: a store that names fewer was put back."""
    known = read_keys(settings)
    named = known | {(register, fragment) for fragment in fragments}
    if named != known:
        lines = "".join(f"{of} {fragment}\n" for of, fragment in sorted(named))
        _write(settings, settings.named_keys.name, lines.encode())


def read_keys(settings: Settings) -> set[tuple[str, str]]:
    """(register, name of a key) of all that were noted. Malformed `named_keys`: the note is damaged."""
    if not settings.named_keys.exists():
        return set()
    pairs = [line.split(" ") for line in settings.named_keys.read_text(errors="replace").splitlines()]
    if any(len(pair) != 2 for pair in pairs):
        raise Malformed("named_keys", f"{settings.named_keys} is damaged: bring it back from where the keys are kept")
    return {(register, fragment) for register, fragment in pairs}


def note_desk(settings: Settings, revision: int) -> None:
    """Note how often the office's desk was written."""
    _write(settings, settings.desk_revision.name, f"{revision}\n".encode())


def read_desk(settings: Settings) -> int:
    """How often the office's desk was written, as far as is noted. Malformed `desk_revision`: the note is damaged."""
    if not settings.desk_revision.exists():
        return 0
    text = settings.desk_revision.read_text(errors="replace").removesuffix("\n")
    if not (text.isascii() and text.isdigit()):
        raise Malformed(
            "desk_revision", f"{settings.desk_revision} is damaged: bring it back from where the keys are kept"
        )
    return int(text)


def forget_desk(settings: Settings) -> None:
    """The desk was lost and is begun anew: deliveries tell again what waits, but for what people decided."""
    if not settings.desk.exists():
        settings.desk_revision.unlink(missing_ok=True)


def note_sealed(settings: Settings) -> None:
    """Note that the store is sealed: one without seals is refused from now on."""
    if not settings.sealed.exists():
        _write(settings, settings.sealed.name, _SEALED)


def check_sealed(settings: Settings) -> None:
    """Refused `unsealed` where the store was never sealed."""
    if not settings.sealed.exists():
        raise Refused(
            "unsealed", "the store was never sealed: greffe doctor --seal audits and seals it; nothing was signed"
        )


def _write(settings: Settings, name: str, data: bytes) -> None:
    settings.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_file(settings.keys / name, data, 0o600)
