"""One installation is put together here, and nowhere else.

It has settings, identity, keys, store and locks. What to do with it is left to `operations`, `commands` and the other rooms. Read
`settings`, `locks`, `key_folder`, `key_store`, `pkcs11`, `identity`, `witness_policy`, `public`, `trust_file`, `log_keys`,
`seen`, `office`, `initialize`, `sequencer`.
"""
