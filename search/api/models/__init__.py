"""Models of what the public app takes and gives.

They are the one source of its OpenAPI document. Answers are made in `views` and `registry`; tests hold them against these
models, nothing does at run time. A member that is always there has no default, though it may be null; one that has a default
may be absent.
"""
