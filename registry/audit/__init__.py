"""Derive everything anew and compare: chain, tree, checkpoints, bodies, proofs, places, lists, keys, map.

Reads the store by statements of its own, so that it is a second path to each figure. A mirror is left to `mirror`. Read `audit`,
`map`, `log_keys`, `seeds`.
"""
