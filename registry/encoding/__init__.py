"""Bytes and text in one strict form: JSON that hides nothing, canonical JSON, members, moments, base58, base64.

Pure. What the bytes mean is left to `log`, `credential` and `verify`. Read `strict_json`, `members`, `jcs`; the others
are tables.
"""
