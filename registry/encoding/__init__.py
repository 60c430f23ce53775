"""Bytes and text in one strict form.

Pure. What the bytes mean is left to `log`, `credential` and `verify`. Read `strict_json`, `members`, `jcs`, `stored`; then the
text forms `moment`, `base58`, `base64std`, `base64url`.
"""
