"""The embedded index in SQLite, and what follows the ledger into it.

It finds; it is never believed. The protocol is `question/index`. Read `layout`, `statements`, `embedded`, `follow`, `compare`.
"""
