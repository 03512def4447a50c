"""A folder for what the processes behind one port share while they run: sockets and empty files.

Nothing is written into it, so that a full disk is none of its business.
"""

from __future__ import annotations

from pathlib import Path

from spindel.kit import environment


def make() -> None:
    """Make the folder. Raises OSError."""
    _path().mkdir(mode=0o700, parents=True, exist_ok=True)


def folder() -> Path | None:
    """The folder; None where a process is by itself."""
    path = _path()
    return path if path.is_dir() else None


def _path() -> Path:
    return environment.home() / "run" / f"port-{environment.value('SPINDEL_PORT')}"
