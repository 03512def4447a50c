"""What a function is handed: what goes together is one thing, so that a call can be read."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.tree import ROOT, module_of

_MOST = 7  # besides self

# What goes together in an action, and what is handed over in its place.
_ONE_THING = {
    frozenset({"source", "key"}): "kit.idempotency.Request",
    frozenset({"by", "channel"}): "staff.actors.Actor",
    frozenset({"by", "place", "user"}): "staff.actors.Actor",
    frozenset({"market", "currency", "language"}): "catalogue.markets.Market",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _functions() -> Iterator[tuple[str, Function]]:
    for path in sorted((ROOT / "spindel").rglob("*.py")):
        if "migrations" not in path.parts:
            for one in ast.walk(ast.parse(path.read_text())):
                if isinstance(one, Function):
                    yield f"{module_of(path)}.{one.name}", one


def _handed(one: Function) -> list[str]:
    told = [*one.args.posonlyargs, *one.args.args, *one.args.kwonlyargs]
    return [arg.arg for arg in told if arg.arg not in ("self", "cls")]


def _is_action(one: Function) -> bool:
    return any(ast.unparse(mark).startswith("action(") for mark in one.decorator_list)


def test_no_function_is_handed_more_than_7_things() -> None:
    handed = {name: len(_handed(one)) for name, one in _functions()}
    assert {name: many for name, many in handed.items() if many > _MOST} == {}


def test_who_does_it_and_which_request_it_is_are_one_thing_each() -> None:
    actions = {name: set(_handed(one)) for name, one in _functions() if _is_action(one)}
    assert len(actions) > 100
    loose = {
        name: thing
        for name, told in actions.items()
        for parts, thing in _ONE_THING.items()
        if parts <= told
    }
    assert loose == {}
