"""What a register said of one organization: judged, folded, compared, drafted.

Pure: rows in, unsigned credentials out. Reading extracts is left to `sources`, signing to `signing`. Read `changes`, `values`,
`history`, `plan`, `draft`.
"""
