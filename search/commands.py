"""The public side's commands: audit."""

from typing import Annotated

import typer

from registry import trust as trust_file
from registry.audit import audit as audit_ledger
from registry.commands import Json, settings
from registry.errors import Usage
from registry.exits import FAILED, line, result, say, told
from registry.installation import Public
from registry.canonical import jcs


def mount(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command()(audit)


def audit(as_json: Json = False) -> None:
    """x."""
    with told():
        public = Public(settings())
        found = audit_ledger(public.store, trust_file.parse(jcs(public.reader.trust())), lambda *_: None)
    result({"ok": found.ok, "entries": found.entries, "root": found.root.hex(), "first_bad": found.first_bad, "f": found.failures})
