"""The formats of a log that others' software reads, and of its map.

RFC 6962 trees in the formats of C2SP; the map stands in a log of its own. Pure: bytes and hashes in, bytes and hashes out.
Where the bytes lie is left to `store`, `mirror` and other callers. Read `entry`, `merkle`, `tiles`, `note`, `checkpoint`,
`cosignature`, `policy`, `proof_text`; then `map_tree` and `map_log`.
"""
