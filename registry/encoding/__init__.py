"""Bytes and text in one strict form: JSON that hides nothing, canonical JSON, base58, base64.

Pure. What the bytes mean is left to `log`, `credential` and `verify`. Read `strict_json`, then `jcs`; the others are tables.
"""
