"""What a view shows and what the API answers of it is one dataclass, not two."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from functools import cache
from importlib import import_module
from types import ModuleType, UnionType
from typing import Any, Union, get_args, get_origin

from ninja import Schema

from spindel.kit.schema import ViewSchema, fields_of


def test_no_answer_writes_again_what_a_view_has() -> None:
    import_module("spindel.console.api")  # which knows every route
    found = [f"{one.__name__}: {view.__name__}" for one, view in again(answers("spindel."))]
    assert not found, f"of these, make a ViewSchema: {found}"


def answers(package: str) -> Iterator[type[Schema]]:
    """The schemas there that are not made of a view, but those of requests, which have bounds."""
    left: list[type[Schema]] = [Schema]
    while left:
        for one in left.pop().__subclasses__():
            left.append(one)
            here = one.__module__.startswith(package) and not one.__name__.endswith("In")
            if here and not issubclass(one, ViewSchema):
                yield one


def again(schemas: Iterable[type[Schema]]) -> Iterator[tuple[type[Schema], type]]:
    """Those whose two or more fields are, by name and type, all among those of one view."""
    for schema in schemas:
        told = {name: shown(field.annotation) for name, field in schema.model_fields.items()}
        for view in views_near(sys.modules[schema.__module__]):
            if len(told) > 1 and told.keys() <= names(view):
                has = fields_of(view)
                if all(has[name] == type for name, type in told.items()):
                    yield schema, view


@cache
def views_near(module: ModuleType) -> list[type]:
    """Dataclasses and named tuples in a module, and in those that it imports or imports from."""
    known = {module.__name__} | {
        one.__name__ if isinstance(one, ModuleType) else getattr(one, "__module__", "")
        for one in vars(module).values()
    }
    return [
        one
        for name in sorted(known)
        if name.startswith("spindel.") or name == __name__
        for one in vars(sys.modules[name]).values()
        if isinstance(one, type) and one.__module__ == name and names(one)
    ]


def names(kind: type) -> set[str]:
    """The fields of a dataclass or a named tuple; anything else has none."""
    if is_dataclass(kind):
        return {field.name for field in fields(kind)}
    return set(getattr(kind, "_fields", ()))


def shown(annotation: Any) -> Any:
    """The type that a view has where the schema has this."""
    if isinstance(annotation, type) and issubclass(annotation, ViewSchema):
        return annotation.view
    origin, of = get_origin(annotation), tuple(shown(one) for one in get_args(annotation))
    if not of:
        return annotation
    return Union[of] if origin in (Union, UnionType) else origin[of]  # noqa: UP007  # of several


# --- and it can fail ------------------------------------------------------------------------------


@dataclass
class Line:
    """What a page shows of a line."""

    id: int
    sku: str
    until: datetime | None


@dataclass
class Lines:
    """What a page shows of several."""

    page: int
    count: int
    lines: list[Line]


class LineAgain(Schema):
    sku: str
    until: datetime | None


class LineAsText(Schema):
    sku: str
    until: str


class LineOut(ViewSchema, view=Line, without=("id",)):
    pass


class LinesAgain(Schema):
    count: int
    lines: list[LineOut]


def test_it_finds_what_is_written_again_and_nothing_that_only_looks_like_it() -> None:
    assert [*again(answers(__name__))] == [(LineAgain, Line), (LinesAgain, Lines)]
