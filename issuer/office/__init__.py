"""The office's HTTP app, which alone reaches the signer.

What it does is left to `actions` and `run`. Read `app`, `door` (who is let in), `issuing`, `standing`, `entries`.
"""
