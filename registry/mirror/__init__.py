"""What stands in a published mirror: read it, audit it, replay it into a store.

Writing a mirror is left to `operations/export`. Read `files`, `source`, `log`, `audit`, `derive`, `replay`.
"""
