"""Answers that are written once, without going through their schema: they are asked for often.

The schema describes them all the same, and says which of a view's fields are told.
"""

from __future__ import annotations

from functools import cache
from typing import get_args, get_origin

import msgspec
from django.http import HttpResponse

from spindel.kit.schema import ViewSchema, fields_of


def only(shown: object, schema: type[ViewSchema], **said: object) -> dict[str, object]:
    """What the schema tells of what is shown; `said`: what the view itself has not."""
    plain, parts = _fields(schema)
    told = {name: getattr(shown, name) for name in plain}
    told.update(said)
    for name, part, several in parts:
        there = getattr(shown, name)
        if several:
            told[name] = [only(one, part) for one in there]
        else:
            told[name] = None if there is None else only(there, part)
    return told


_Parts = list[tuple[str, type[ViewSchema], bool]]


@cache
def _fields(schema: type[ViewSchema]) -> tuple[list[str], _Parts]:
    """The names of fields that are told as they are; and those that have a schema of their own:
    which one, and whether there may be several of it.
    """
    parts = [
        (name, one, get_origin(field.annotation) is list)
        for name, field in schema.model_fields.items()
        for one in (field.annotation, *get_args(field.annotation))
        if isinstance(one, type) and issubclass(one, ViewSchema)
    ]
    there = fields_of(schema.view).keys() | set(dir(schema.view))  # its properties, too
    others = schema.model_fields.keys() - {name for name, _part, _several in parts}
    return [name for name in schema.model_fields if name in others & there], parts


def written(said: object, status: int = 200) -> HttpResponse:
    """What is said, as JSON."""
    return HttpResponse(msgspec.json.encode(said), status=status, content_type="application/json")
