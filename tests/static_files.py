"""Static files are looked for once a process: every client of Django's test kit looks anew."""

from __future__ import annotations

from whitenoise.middleware import WhiteNoiseMiddleware

_find = WhiteNoiseMiddleware.add_files_from_finders


def install() -> None:
    """Have all have what the first has found."""
    WhiteNoiseMiddleware.add_files_from_finders = _share


def _share(files: WhiteNoiseMiddleware) -> None:
    if not _found:
        _find(files)
        _found.update(files.files)
    files.files = _found


_found: dict[str, object] = {}
