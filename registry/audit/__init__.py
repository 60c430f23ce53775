"""The audit derives everything in the ledger anew, and compares.

Compared are chain, tree, checkpoints, bodies, proofs, places, lists, keys and map. It reads the store by statements of its own,
so that it is a second path to each figure; docs/audit.md says what it does not notice, and why. A mirror is left to `mirror`.
Read `result`, `audit`, `documents`, `places`, `lists`, `issuers`, `log_keys`, `map`, `sealed`, `seeds`.
"""
