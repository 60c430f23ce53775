"""What a stranger does offline: evidence and a trust file give a verdict.

Pure, and the twin of the browser's modules of the same names. Knows no store: what a server knows besides is left to
`search/verify`. Read `trust`, `evidence`, `latest`, `later`, `verdict`, `codes`,
`heads`, `steps`, `known`; then `completeness` and `anchor`.
"""
