"""What somebody typed, and what can answer it.

Pure: names, numbers, matching, documents, the `Index` protocol. Where documents are kept is left to `index`. Read `names`,
`legal_forms`, `query`, `match`, `document`, `index`, `cursor`, `absence`.
"""
