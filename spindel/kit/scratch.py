"""What a command needs to remember, and memory may not hold."""

from __future__ import annotations

import sqlite3


def scratch(tables: str) -> sqlite3.Connection:
    """A database with these tables, in a nameless file that goes when the program does."""
    database = sqlite3.connect("", isolation_level=None)
    # Nobody reads it after a crash.
    database.executescript(
        f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE; {tables}"
    )
    return database
