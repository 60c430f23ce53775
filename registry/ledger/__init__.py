"""Admit what was signed, append it, sign what was appended, publish it; and look first whether somebody knows more.

Keys come as arguments. Reading without a key is left to `reading`, the statements to `store`. Read `ledger`, `publish`,
`witnesses`, `guards`.
"""
