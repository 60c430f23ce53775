"""Every table of the ledger and every statement on it, for SQLite and PostgreSQL; and two small files beside it.

Decides nothing: what may be written is left to `ledger`, what it means to `reading`. Read `tables`, `database`, `rows`,
`document_rows`, `place_rows`, `issuer_rows`, `map_rows`; `head_token` and `token_queue` are files of their own.
"""
