"""What two strangers must agree on, and the ledger that keeps it.

The way of one record through this room: `proof` signs a document whose bytes `canonical` made; `ledger` admits it (checks
the stored bytes with another implementation than the one that signed), makes its `entry` and appends it through `store`
in one transaction; `publish` re-reads what was stored, recomputes the root and only then signs the `checkpoint`;
`evidence` puts together what a stranger needs, and `verify` runs the named steps over it. `audit` walks it all.
Knows credentials, never companies.
"""
