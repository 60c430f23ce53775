"""Read the ledger without a key: records, evidence, proofs, the public log.

Each answer is made under one snapshot of the store. Judging evidence is left to `verify`. Read `reader`, `prover`, `public_log`.
"""
