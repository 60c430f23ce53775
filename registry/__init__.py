"""What two strangers must agree on, and the ledger that keeps it.

Knows credentials, never companies. The packages, in the order in which a record travels; `errors` and `keys` serve all:

    encoding      bytes and text in one strict form
    credential    a document becomes canonical bytes and is signed
    ledger        admits it, after a check by another implementation than the one that signed, and appends its entry;
                  `ledger/publish` recomputes the root from what was stored, and only then signs the checkpoint
    store         keeps it, all of it in one transaction
    log           the formats of entries, proofs, checkpoints, and the map
    witness       cosigns checkpoints
    reading       hands out records and evidence, without a key
    verify        runs the named steps over evidence; `foreign` those over a stranger's credential
    audit         derives everything anew; `mirror` does so from published files
    installation, operations, commands, edge: how one ledger is put together, kept and called
"""
