"""The `greffe` commands of the ledger, and the exit codes of all commands.

Results on stdout, progress on stderr. Read `exits`, `ledger`, `audit`, `doctor`, `log`, `operations`, `witness`.
"""
