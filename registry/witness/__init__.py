"""A witness that cosigns checkpoints, and a client that asks witnesses.

c2sp.org/tlog-witness v1.0.0. Which witnesses a ledger needs is left to `log/policy`, asking them in turn to
`ledger/witnesses`. Read `rules` (which is pure), `server`, `client`.
"""
