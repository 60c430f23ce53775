"""Evidence and a trust file in, a verdict with every named step out: what a stranger does offline.

Pure, and the twin of the browser's modules of the same names. Knows no store: what a server knows besides is left to
`search/verify`. Read `trust`, `evidence`, `latest`, `verdict`, `steps`; then `completeness` and `anchor`.
"""
