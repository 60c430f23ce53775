"""Find an organization, and hand over the evidence: public and read-only, without any key.

`follow` reads the ledger into an index that finds and is never believed; `organizations` and `evidence` answer programs,
`pages` answers people in both languages, and `web/` holds the verifier that runs in the reader's own browser.
"""
