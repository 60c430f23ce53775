"""The audit derives everything in the ledger anew, and compares.

Compared are chain, tree, checkpoints, bodies, proofs, places, lists, keys and map. It reads the store by statements of its own,
so that it is a second path to each figure. A mirror is left to `mirror`. Read `result`, `audit`, `documents`, `lists`,
`log_keys`, `map`, `seeds`.
"""
