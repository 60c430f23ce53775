"""Say what is missing before anything is installed.

Python 3.11+, venv with pip, SQLite 3.37+ with FTS5.

Standard library only, and nothing newer than Python 3.6 understands, so that it can say so itself.
"""

import importlib.util
import sqlite3
import sys


def missing():
    """One sentence for each thing that is missing, with what to install."""
    missing = []
    if sys.version_info < (3, 11):  # noqa: UP036 - an older Python runs this very file
        missing.append(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: install a newer python3")
    missing += [
        f"Python's module {name} is missing: install the package python3-venv"
        for name in ("venv", "ensurepip")
        if importlib.util.find_spec(name) is None
    ]
    if sqlite3.sqlite_version_info < (3, 37):
        missing.append(f"SQLite 3.37 or newer is needed, this is {sqlite3.sqlite_version}: install a newer libsqlite3")
    try:
        sqlite3.connect(":memory:").execute("CREATE VIRTUAL TABLE probe USING fts5(words)")
    except sqlite3.OperationalError:
        missing.append("SQLite was built without FTS5: install a libsqlite3 that has it")
    return missing


if __name__ == "__main__":
    problems = missing()
    for problem in problems:
        sys.stderr.write(f"greffe: {problem}\n")
    sys.exit(1 if problems else 0)
