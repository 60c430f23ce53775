"""Put one installation together: settings, identity, keys, store and locks; the only place that does.

What to do with it is left to `operations`, `commands` and the other rooms. Read `settings`, `office`, `key_folder`, `pkcs11`,
`sequencer`.
"""
