"""An operator's work on a whole installation (docs/operations.md).

That is export, backup, restore, and a change of the keys of the logs. The command line around it is left to `commands`. Read
`export`, `sealed_file`, `private_export`, `backup`, `put_back`, `restore`, `log_change`.
"""
