"""The issuer of one register: its keys, its lists, and workers that sign.

What to sign is left to `run` and `actions`. Read `status_list`, `issuer`, `workers`, `did_log`.
"""
