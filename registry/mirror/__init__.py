"""A published mirror is read here, audited, and replayed into a store.

Writing a mirror is left to `operations/export`. Read `source`, `files`, `log`, `derive`, `replay`, `audit`.
"""
