"""Credentials of issuers that are not ours: resolve a stranger's keys, fetch what must be fetched under guard, check, explain.

`retrieval` says what fetching means to the pure files; `fetcher` is the one file that opens a connection; `resolver` turns a
verification method into a public key; `verify` judges. Nothing here makes a stranger trusted: that is the trust file's.
"""
