"""Errors that pass by themselves: the database is away or too busy, or a disk is full."""

from __future__ import annotations

import errno
import sqlite3

import psycopg
from django.db import InterfaceError, OperationalError

_OF_THE_DATABASE = (
    OperationalError,
    InterfaceError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
)
_OF_THE_MACHINE = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE))
# What does not fit into `scratch`.
_OF_SCRATCH = frozenset((sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN))

RETRY_AFTER = 5  # seconds


def is_passing(error: BaseException | None) -> bool:
    """Whether the same request may well succeed a moment later: it is answered with 503."""
    if isinstance(error, OSError):
        return error.errno in _OF_THE_MACHINE
    if isinstance(error, sqlite3.Error):
        # The lowest eight bits say what it is, those above in which call: IOERR_WRITE, IOERR_READ.
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in _OF_SCRATCH
    return isinstance(error, _OF_THE_DATABASE)
