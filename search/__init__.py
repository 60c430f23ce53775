"""Find an organization and hand over the evidence: public, read-only, without any key.

`index` follows the ledger and finds, and is never believed. `api` answers programs and `pages` people, in both languages;
`verify` judges what is posted. `web/` holds the verifier that runs in the reader's own browser.
"""
