"""Secrets that live in files of SPINDEL_HOME/keys, readable by the owner alone."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def file_secret(path: Path) -> str:
    """The secret kept in the file, made on first use; safe when two processes start at once."""
    try:
        return path.read_text()
    except FileNotFoundError:
        pass
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = secrets.token_urlsafe(48)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(made)
    try:
        # A link, not a rename: the first process to get here wins, and the others read its secret.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text()
