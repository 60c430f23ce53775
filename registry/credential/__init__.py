"""W3C credentials and DIDs: canonical bytes, proofs, tokens and status lists.

Pure. What a credential says of a company is left to `schemas` and `issuer`, strangers' credentials to `foreign`. Read
`identity`, `document`, `rdf`, `cryptosuites`, `proof`, `jwt`, `status`, `did`, `webvh`, `log_keys`.
"""
