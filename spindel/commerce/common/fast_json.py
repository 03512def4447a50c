"""Answers that are written once, without going through their schema: they are asked for often.

The schema describes them all the same, and says which of a view's fields are told.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from django.http import HttpResponse


def only(shown: object, fields: Iterable[str]) -> dict[str, object]:
    """These fields of what is shown."""
    return {name: getattr(shown, name) for name in fields}


def written(said: object, status: int = 200) -> HttpResponse:
    """What is said, as JSON."""
    return HttpResponse(msgspec.json.encode(said), status=status, content_type="application/json")
