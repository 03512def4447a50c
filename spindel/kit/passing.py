"""Errors that pass by themselves: the database is away or too busy, or a disk is full."""

from __future__ import annotations

import errno

import psycopg
from django.db import InterfaceError, OperationalError

_OF_THE_DATABASE = (
    OperationalError,
    InterfaceError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
)
_OF_THE_MACHINE = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE))

RETRY_AFTER = 5  # seconds


def is_passing(error: BaseException | None) -> bool:
    """Whether the same request may well succeed a moment later: it is answered with 503."""
    if isinstance(error, OSError):
        return error.errno in _OF_THE_MACHINE
    return isinstance(error, _OF_THE_DATABASE)
