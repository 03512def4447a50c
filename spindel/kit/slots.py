"""So many places for each of many, counted over all the processes behind a port.

A place is a byte of a file that stays empty: who has it locked has the place. The kernel keeps the
locks, and lets go of them with the process, however that ends.
"""

from __future__ import annotations

import fcntl
from contextlib import suppress
from hashlib import blake2b

from spindel.kit import runtime


class Places:
    """At most `most` places for each."""

    def __init__(self, name: str, most: int) -> None:
        """`name` is what is counted: processes count the same name together."""
        folder = runtime.folder()
        # Open for as long as the process lives: closing it would let go of all its locks.
        self._file = (folder / name).open("wb") if folder else None
        self._most = most
        self._taken: set[int] = set()  # by this process: its own locks are in nobody's way

    def take(self, whose: bytes) -> int | None:
        """A place of theirs, to be left again; None where all are taken."""
        first = int.from_bytes(blake2b(whose, digest_size=6).digest()) * self._most
        for place in range(first, first + self._most):
            if place not in self._taken and self._lock(place):
                self._taken.add(place)
                return place
        return None

    def leave(self, place: int) -> None:
        """Give the place to others."""
        self._taken.discard(place)
        if self._file is not None:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, place)

    def _lock(self, place: int) -> bool:
        if self._file is None:
            return True
        with suppress(BlockingIOError, PermissionError):  # POSIX allows of both
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
            return True
        return False
