"""Having a template say so where what it shows was never given to it."""

from __future__ import annotations

import pytest
from django.template import engines
from django.template.base import FilterExpression
from django.template.context import Context


class NotGiven(Exception):
    """A template shows what was not given to it."""


class _Raises(str):
    """What Django shows in the place of it; whoever would show it is told."""

    __slots__ = ()

    def __contains__(self, item: object) -> bool:
        return item == "%s"  # so that it is asked with the variable's name

    def __mod__(self, name: object) -> str:
        raise NotGiven(str(name))


_resolve = FilterExpression.resolve


def _resolve_strictly(
    expression: FilterExpression, context: Context, ignore_failures: bool = False
) -> object:
    try:
        return _resolve(expression, context, ignore_failures)
    except NotGiven:
        if not expression.filters or expression.filters[0][0].__name__ != "default":
            raise
    return _resolve(expression, context, ignore_failures=True)


def strict(patch: pytest.MonkeyPatch) -> None:
    """Have Django’s templates raise. What is asked for (`if`), or has a `default`, may miss."""
    patch.setattr(engines["django"].engine, "string_if_invalid", _Raises("%s"))
    patch.setattr(FilterExpression, "resolve", _resolve_strictly)
