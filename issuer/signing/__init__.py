"""The issuer of one register: its keys, its DID log, its status lists, and the workers that sign in its name.

What to sign is left to `run` and `actions`. Read `issuer`, `workers`, `did_log`.
"""
