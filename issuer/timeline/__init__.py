"""What a register said of one organization: judged, folded into states, compared with the ledger, drafted.

Pure: rows in, unsigned credentials out. Reading extracts is left to `sources`, signing to `signing`. Read `changes`, `history`,
`plan`, `draft`.
"""
