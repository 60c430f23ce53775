"""The register sources: each reads one kind of extract from files.

The edge of the issuer towards files. A source judges only the form of its own files and the references between their rows;
values are judged by `issuer/timeline/values.py`. A file that must be refused whole raises `Malformed` with a stable code.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from issuer.sources import bc_colin, isle_of_man, table
from issuer.sources.manifest import Pins
from issuer.timeline.changes import Extract
from registry.errors import Malformed, Usage

__all__ = ["SOURCES", "Malformed", "read", "registers"]

SOURCES: dict[str, Callable[[Path, Pins], Extract]] = {
    "table": table.read,
    "isle-of-man": isle_of_man.read,
    "bc-colin": bc_colin.read,
}


_NO_PINS: Mapping[str, str] = MappingProxyType({})


def read(source: str, path: Path, pins: Pins = _NO_PINS) -> Extract:
    """The extract at that path, itself perhaps a link; what lies in its folder is none. `pins`: register -> the vkey that signs
    its manifests.

    Usage `source_unknown`: no such source; Malformed: the file or folder is refused whole.
    """
    if source not in SOURCES:
        raise Usage("source_unknown", f"there is no source {source!r}; there are {', '.join(SOURCES)}")
    if not path.exists():
        raise Malformed("not_found", f"there is nothing at {path}")
    return SOURCES[source](path.resolve(), pins)


def registers() -> dict[str, str]:
    """The registers that the sources speak of by themselves, each with the name of its source."""
    return {table.REGISTER: "table", isle_of_man.REGISTER: "isle-of-man", bc_colin.REGISTER: "bc-colin"}
