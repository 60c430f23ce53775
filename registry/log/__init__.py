"""A log that software from elsewhere reads: RFC 6962 trees in the formats of C2SP, and the map in a log of its own.

Pure: bytes and hashes in, bytes and hashes out. Where the bytes lie is left to `store`, `mirror` and whoever calls. Read
`entry`, `merkle`, `tiles`, `note`, `checkpoint`, `cosignature`, `policy`, `proof_text`; then `map_tree` and `map_log`.
"""
