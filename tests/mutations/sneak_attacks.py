"""What an attacker does to the store at the worst moment, and by its schema.

The worst moment lies between two statements of the office.
"""

from registry.store import tables
from tests.mutations.forged_records import (
    begin_anew,
    calls_old_newest,
    chain_is_broken,
    forge_compromised,
    forge_issuer,
    forge_root,
    initializes,
    junk_is_published,
    junk_line,
    last_as_it_was,
    lists_too_few,
    log_as_it_was,
    log_is_renamed,
    put_aside,
    rename_log,
    rotates_log,
    shorten_last,
    trusts_strange_log,
    trusts_stranger,
    unforge,
    was_disowned,
)
from tests.mutations.sneaks import (
    APPEND,
    LYING_VIEW,
    NEW_PERSON,
    NEWER,
    Sneak,
    as_before_published,
    asks_token,
    bodies_back,
    brings_back,
    call_it_unknown,
    comes_back,
    compromises,
    drops,
    entries_of_persons,
    erases_person,
    evidence_of_erased,
    executes,
    hide_person,
    is_frozen,
    issued_twice,
    kept_bodies,
    newcomer_comes_back,
    old_and_new,
    old_rows_with_their_mac,
    plant_salt,
    posts_person,
    publishable,
    reissued_erased,
    salt_is_lost,
    sealed_export,
    seed_is_strange,
    to,
    token_was_made,
    trigger,
    two_erased,
)
from tests.mutations.store_attacks import (
    NEW,
    bit_of,
    both,
    deletes,
    erased,
    issues,
    name_of,
    nothing,
    publishes,
    put_back,
    revokes,
    set_values,
)

ATTACKS: dict[str, Sneak] = {
    "a false name is written between check and seal": Sneak(
        nothing,
        set_values(tables.issuers, name="FALSE"),
        issues(NEW),
        lambda office: name_of(office) == "FALSE",
        moment=APPEND,
        later=issues(NEW, NEWER),
    ),
    "an erasure is forgotten between check and seal": Sneak(
        erased,
        deletes(tables.erased),
        erases_person,
        comes_back,
        moment=APPEND,
        later=issues(),
    ),
    "an erasure is forgotten by old rows with their MAC, which the next head binds": Sneak(
        two_erased, old_rows_with_their_mac, revokes("BC0000001", 2), comes_back, moment=APPEND, later=issues()
    ),
    "a trigger renames the issuer while the office appends": Sneak(
        nothing,
        trigger("ledger_head", "UPDATE", "UPDATE issuer SET name = 'FALSE'"),
        issues(NEW),
        lambda office: name_of(office) == "FALSE",
        later=issues(NEW, NEWER),
    ),
    "a trigger forgets an erasure while the office erases": Sneak(
        erased,
        trigger("ledger_head", "UPDATE", "DELETE FROM erased"),
        erases_person,
        comes_back,
        later=issues(),
    ),
    "the last entry is another one while the next is chained to it": Sneak(
        nothing,
        shorten_last,
        both(revokes("BC0000001", 2)),
        chain_is_broken,
        moment="registry.ledger.ledger.Ledger._reload",
        cover=last_as_it_was,
        later=publishes,
    ),
    "the last entry is another one, and stays so": Sneak(
        nothing, shorten_last, both(revokes("BC0000001", 2), publishes), chain_is_broken
    ),
    "the trust file is given a key of the attacker's": Sneak(
        nothing, forge_issuer, revokes("BC0000001", 2), trusts_stranger
    ),
    "a company is called an unknown person, and is issued again": Sneak(
        nothing, call_it_unknown, issues(), issued_twice
    ),
    "a person who comes later has a salt already": Sneak(nothing, plant_salt, issues(NEW_PERSON), salt_is_lost),
    "an erased body comes back and is issued again": Sneak(kept_bodies, bodies_back, compromises, reissued_erased),
    "an erased body comes back and is signed as a token": Sneak(kept_bodies, bodies_back, asks_token, token_was_made),
    "an erased body comes back and is handed out as evidence": Sneak(
        kept_bodies, bodies_back, lambda _office: None, evidence_of_erased
    ),
    "a list is read from the store as it was": Sneak(
        old_and_new,
        to("old"),
        revokes("BC0000002", 1),
        lambda office: not bit_of(office, "BC0000001", 2),
        moment="registry.records.records.Records.__init__",
        call=0,
        cover=to("new"),
    ),
    "the store is put back under an office that runs": Sneak(
        as_before_published,
        put_back,
        revokes("BC0000002", 1),
        lambda office: office.reader.size() > 7 and not bit_of(office, "BC0000001", 2),
        is_running=True,
    ),
    "a key is shown as disowned already": Sneak(
        nothing,
        forge_compromised,
        compromises,
        lambda office: not office.keys.has("sample-credential") and not was_disowned(office),
        moment="issuer.actions.keys._key",
        call=0,
        cover=unforge,
    ),
    "the log has another's name while its key is rotated": Sneak(
        nothing,
        rename_log,
        rotates_log,
        log_is_renamed,
        moment="registry.operations.log_change._own",
        cover=log_as_it_was,
    ),
    "a line of nobody is published": Sneak(nothing, junk_line, publishes, junk_is_published),
    "what the public sees is frozen by a trigger": Sneak(
        publishable,
        trigger("published", "UPDATE", "DELETE FROM published WHERE size > 7"),
        publishes,
        is_frozen,
        later=lambda office: office.check_store(),
    ),
    "a trigger changes the seed of a list while the office revokes": Sneak(
        nothing,
        trigger("ledger_head", "UPDATE", "UPDATE status_list SET seed = ZEROS"),
        revokes("BC0000001", 2),
        seed_is_strange,
        later=both(drops("ledger_head"), issues(NEW)),
    ),
    "an issuer is renamed by a view": Sneak(
        nothing,
        executes(
            "",
            (
                "ALTER TABLE issuer RENAME TO real_issuer",
                LYING_VIEW,
            ),
        ),
        issues(NEW),
        lambda office: name_of(office) == "FALSE",
        on=("postgresql",),
    ),
    "an entry is kept out of what is said to be complete": Sneak(
        nothing, put_aside, lambda _office: None, lists_too_few
    ),
    "the map of the evidence is the attacker's": Sneak(nothing, forge_root, lambda _office: None, calls_old_newest),
    "a store begins anew with a key of the attacker's": Sneak(nothing, begin_anew, initializes, trusts_strange_log),
    "an erasure is forgotten before a sealed export is brought back": Sneak(
        sealed_export, deletes(tables.erased), brings_back, newcomer_comes_back, later=issues(NEW)
    ),
    "a person is hidden, and is posted anew": Sneak(
        nothing, hide_person, posts_person, lambda office: entries_of_persons(office) == 2
    ),
}
