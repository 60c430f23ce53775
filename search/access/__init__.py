"""How much a client may ask for, and keys for more.

Read `quota`, which counts, then `keys`, the file of access keys; `commands` is what an operator types. No key of this package
signs anything. Where a request meets its quota is left to `search/http/rated`.
"""
