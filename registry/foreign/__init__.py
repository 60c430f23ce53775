"""Credentials of other issuers: find their keys, fetch under guard, check, explain.

Nothing here makes a stranger trusted: that is left to the trust file. Pure, but for `fetcher`, the one file that opens a
connection. Read `finding`, `moment`, `shape`, `retrieval`, `fetcher`, `contexts`, `resolver`, `secured`, `status_lists`,
`attached`, `verify`; `challenges` is for presentations.
"""
