"""What somebody typed, and what can answer it: names, numbers, matching, documents, the `Index` protocol.

Pure. Where documents are kept is left to `index`. Read `names`, `legal_forms`, `query`, `match`, `document`, `index`, `cursor`,
`absence`.
"""
