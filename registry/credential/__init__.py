"""W3C credentials: their canonical bytes, proofs, tokens and status lists; the DIDs and ids of an installation.

Pure. What a credential says of a company is left to `schemas` and `issuer`, strangers' credentials to `foreign`. Read
`identity`, `document`, `rdf`, `cryptosuites`, `proof`, `jwt`, `status`, `did`, `webvh`, `log_keys`.
"""
