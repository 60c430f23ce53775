"""The ledger admits signed documents, appends them, and publishes a signed checkpoint.

Before that it looks whether somebody knows more than the store (`guards`). Keys come as arguments. Reading without a key is left
to `reading`, the statements to `store`. Read `admission`, `ledger`, `effects`, `surroundings`, `map_growth`,
`publish`, `guards`, `witnesses`.
"""
