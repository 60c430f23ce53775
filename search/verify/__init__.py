"""Judge what is posted, by this server's own trust and store, in processes of its own.

The named steps are left to `registry/verify`. Read `judge`, `pool`, `lane`, `worker`, `presentations`, `vc_answer`.
"""
