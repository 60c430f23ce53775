"""Judge what is posted, by this server's trust and store, in separate processes.

The named steps are left to `registry/verify`. Read `judge`, `pool`, `lane`, `worker`, `presentations`, `vc_answer`.
"""
