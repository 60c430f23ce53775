"""What an operator does (docs/operations.md): export, backup, restore, change the keys of the logs.

The command line around it is left to `commands`. Read `export`, `private_export`, `sealed_file`, `backup`,
`restore`, `log_change`.
"""
