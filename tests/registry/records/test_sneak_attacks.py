"""Nothing false comes of what is changed while the office acts, or by what stands in the schema."""

import importlib
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from registry.errors import LedgerDamaged, RegistryError
from registry.installation.office import Office
from registry.reading import reader
from registry.records.places import check_all
from registry.records.records import Records
from registry.records.seals import Sealing, Seals
from registry.store import issuer_rows, rows, seal_rows
from registry.store.database import Connection
from tests.mutations.sneak_attacks import ATTACKS
from tests.mutations.sneaks import Sneak, erases_person, hide_person
from tests.mutations.store_attacks import Memory, disarm, rearm, revokes
from tests.registry.records.test_records import attacked, noticed

__all__ = ["attacked"]


def _place_of(dotted: str) -> tuple[Any, str]:
    """The module or class that has it, and its name there."""
    outer, _, name = dotted.rpartition(".")
    try:
        return importlib.import_module(outer), name
    except ModuleNotFoundError:
        module, _, of = outer.rpartition(".")
        return getattr(importlib.import_module(module), of), name


def change(office: Office, what: Callable[[Connection, Memory], None], memory: Memory) -> None:
    with office.store.write() as connection:
        disarm(connection)
        what(connection, memory)
        rearm(connection)


def sneaking(attack: Sneak, office: Office, memory: Memory, original: Callable[..., Any]) -> Callable[..., Any]:
    calls = 0

    def called(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if attack.call not in (0, calls):
            return original(*arguments, **named)
        change(office, attack.change, memory)
        try:
            return original(*arguments, **named)
        finally:
            change(office, attack.cover, memory)

    return called


def run(attack: Sneak, office: Office, monkeypatch: pytest.MonkeyPatch) -> RegistryError | None:
    """The attack, and what the office says to it, then or later."""
    if attack.is_running:
        with office.writing():
            pass
    memory = attack.before(office)
    acting, after = office if attack.is_running else Office(office.settings), Office(office.settings)
    try:
        with monkeypatch.context() as patched:
            if attack.moment is None:
                change(office, attack.change, memory)
            else:
                where, name = _place_of(attack.moment)
                patched.setattr(where, name, sneaking(attack, office, memory, getattr(where, name)))
            attack.act(acting)
        attack.later(after)
    except RegistryError as error:
        return error
    finally:
        acting.store.close()
        after.store.close()
    return None


def is_false(attack: Sneak, office: Office) -> bool:
    """Whether something untrue has come of it; what is not handed out is not untrue."""
    try:
        return attack.is_false(office)
    except RegistryError:
        return False


@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_false_comes_of_it(attacked: Office, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    attack = ATTACKS[name]
    if attacked.store.engine.dialect.name not in attack.on:
        pytest.skip(f"it takes {' or '.join(attack.on)}")
    refused = run(attack, attacked, monkeypatch)
    assert not is_false(attack, attacked), "something false came of it"
    assert refused is not None or noticed(attacked)


def nothing(*_arguments: object) -> None:
    """No safety."""


def opened(self: Seals, connection: Connection, changed: Any, at: object = None) -> Sealing:
    """The MACs are made anew over whatever stands in the tables."""
    head = rows.read_head(connection)
    assert head is not None
    read = {name: seal_rows.read_table(connection, name) for name in changed}
    return Sealing(self, connection, head, seal_rows.read_seals(connection), read)


def close(self: Sealing, _head: rows.HeadRow) -> None:
    for name in self._tables:
        self._macs[name] = self._seals.table(name, seal_rows.read_table(self._connection, name))
    head = rows.read_head(self._connection)
    assert head is not None
    self._macs["ledger_head"] = self._seals.head(head, self._macs)
    for name, mac in self._macs.items():
        seal_rows.put_seal(self._connection, name, mac)


def unheld(connection: Connection, index: int, _head: object) -> dict[str, Any]:
    return reader._document(connection, index)


def issuer_document(self: Records, register: str) -> dict[str, Any]:
    return reader._document(self._connection, reader.key_entry(self._connection, register, self.head.size))


def issuer(self: Records, register: str) -> issuer_rows.IssuerRow | None:
    return issuer_rows.read_issuer(self._connection, register)


def read_last(connection: Connection, size: int, _root: bytes) -> bytes:
    return rows.read_entries(connection, size - 1, size)[0]


class AnySalt(dict[Any, Any]):
    """Whatever salt is there is the right one."""

    def get(self, _key: Any, default: Any = None) -> Any:
        return default


def pseudonymous(connection: Connection, *_of: object) -> AnySalt:
    return AnySalt({(row.register, row.number): row.salt for row in reader.place_rows.read_org_salts(connection)})


def places_alone(*arguments: Any) -> tuple[set[int], set[int]]:
    _, replaced = check_all(*arguments)
    return set(), replaced


_SEALS: Mapping[str, Any] = {
    "registry.records.seals.Seals.opened": opened,
    "registry.records.seals.Sealing.close": close,
    "registry.store.schema.check": nothing,
}
_LAST: Mapping[str, Any] = {
    "registry.ledger.ledger.read_last": read_last,
    "registry.ledger.publish._read_back": nothing,
}
_TIED: Mapping[str, Any] = {"registry.installation.office.Office._check_same": nothing}
#: what is taken away before each attack, so that it succeeds
CONTROLS: dict[str, Mapping[str, Any]] = {
    "a false name is written between check and seal": _SEALS,
    "an erasure is forgotten between check and seal": _SEALS,
    "an erasure is forgotten by old rows with their MAC, which the next head binds": _SEALS,
    "a trigger renames the issuer while the office appends": _SEALS,
    "a trigger forgets an erasure while the office erases": _SEALS,
    "a trigger changes the seed of a list while the office revokes": _SEALS,
    "what the public sees is frozen by a trigger": _SEALS,
    "an erasure is forgotten before a sealed export is brought back": _SEALS,
    "the last entry is another one while the next is chained to it": _LAST,
    "the last entry is another one, and stays so": _LAST,
    "the trust file is given a key of the attacker's": {"registry.reading.reader.read_committed": unheld},
    "a company is called an unknown person, and is issued again": {
        "registry.records.places.check_all": lambda *_arguments: (set(), set())
    },
    "a person who comes later has a salt already": {"registry.store.place_rows.read_pseudonymous": pseudonymous},
    "an erased body comes back and is issued again": {"registry.records.places.check_all": places_alone},
    "an erased body comes back and is signed as a token": {"issuer.actions.tokens.check_not_erased": nothing},
    "an erased body comes back and is handed out as evidence": {"registry.reading.reader._check_not_erased": nothing},
    "a list is read from the store as it was": _TIED,
    "the store is put back under an office that runs": {
        "registry.installation.office.Office._check_continues": nothing
    },
    "a key is shown as disowned already": {"registry.records.records.Records.issuer_document": issuer_document},
    "the log has another's name while its key is rotated": {
        "registry.records.seals.Seals._check_table": nothing,
    },
    "a line of nobody is published": {"registry.ledger.publish._as_signed": lambda _connection, _log, signed: signed},
    "an entry is kept out of what is said to be complete": {"registry.reading.prover._check_listed": nothing},
    "the map of the evidence is the attacker's": {"registry.reading.prover.check_inclusion": nothing},
    "a store begins anew with a key of the attacker's": {"registry.ledger.ledger._check_nothing_is_there": nothing},
    "a person is hidden, and is posted anew": {"registry.records.records.Records.check_all_places": nothing},
    "an issuer is renamed by a view": {
        "registry.store.schema.check": nothing,
        "registry.store.schema.check_start": nothing,
        "registry.records.records.Records.issuer": issuer,
    },
}


def test_every_attack_has_its_control() -> None:
    assert CONTROLS.keys() == ATTACKS.keys()


@pytest.mark.parametrize("name", ATTACKS)
def test_without_its_safety_something_false_comes_of_it(
    attacked: Office, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control."""
    attack = ATTACKS[name]
    if attacked.store.engine.dialect.name not in attack.on:
        pytest.skip(f"it takes {' or '.join(attack.on)}")
    for dotted, stub in CONTROLS[name].items():
        monkeypatch.setattr(*_place_of(dotted), stub)
    refused = run(attack, attacked, monkeypatch)
    assert is_false(attack, attacked), f"it fails all the same: {refused}"


@pytest.mark.parametrize("act", [erases_person, revokes("FM0000003", 1)])
def test_who_was_hidden_is_not_called_unknown(attacked: Office, act: Callable[[Office], None]) -> None:
    """The operator is not told that there is nothing to erase, or to revoke."""
    change(attacked, hide_person, {})
    with pytest.raises(LedgerDamaged):
        act(attacked)
