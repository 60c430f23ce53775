"""What `greffe` is searched for beside the command: its `__path__` names this folder."""
