"""The store has every table and statement of the ledger, for two databases.

Those are SQLite and PostgreSQL. It decides nothing: what may be written is left to `ledger`, what it means to `reading`. Read
`tables`, `columns`, `database`, `sqlite`, `disk_room`, `postgresql`; then the statements: `rows`, `document_rows`, `place_rows`,
`issuer_rows`, `map_rows`, `copy_store`, `migrations`; then `head_token` and `token_queue`, small files beside the store.
"""
