"""The c2sp.org/tlog-witness: its rules, which are pure, a client that asks one, and a server that is one.

Which witnesses a ledger needs is left to `log/policy`, asking them in turn to `ledger/witnesses`. Read `rules`, `server`,
`client`.
"""
