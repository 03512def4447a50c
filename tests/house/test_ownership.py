"""No writer chooses among identifiers that are only thought to be a customer's (decision 0015)."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

from spindel.commerce.carts import actions as carts
from spindel.commerce.carts import merge_actions as merges
from spindel.commerce.carts import ownership
from spindel.commerce.orders import payment_links
from spindel.commerce.orders.placement import placing
from tests.house.tree import ROOT

PACKAGE = ROOT / "spindel"

# Where it matters which identifier says best who somebody is, and why nothing is written under it.
STRENGTH = {
    "identity/ownership.py": "chooses, among what is certain",
    "identity/resolve.py": "the order of evidence",
    "identity/handovers.py": "the same",
    "identity/linking.py": "which side of a link is which",
    "identity/actions.py": "the same, and which part of a split goes on",
    "identity/searching.py": "the order of what was found",
    "identity/customers.py": "the order in which they are shown",
    "collect/steps.py": "which identifier of its own message a fact is filed under",
}


def trees() -> Iterator[tuple[str, ast.AST]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield _name(path), ast.parse(path.read_text())


def _name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def test_nobody_else_chooses_by_how_well_an_identifier_says_who_somebody_is() -> None:
    found = {
        name
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "strength"
    }
    assert found == set(STRENGTH)


def test_what_something_is_written_under_is_chosen_in_one_place() -> None:
    makers = {
        name
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "Under"
    }
    # The demo's people are made up, and each is known by what she is told of.
    assert makers == {"identity/ownership.py", "demo/nordsko/ordered.py"}


def test_whoever_writes_for_a_customer_says_under_which_identifier() -> None:
    """A customer's id would be taken for one, and may be somebody's who only says that she is her:
    so the types differ.
    """
    writers = (
        *(ownership.of_served, carts.change_for, placing.place_cart_for, payment_links.order_cart),
        *(merges.take_apart, merges.put_together),
    )
    for write in writers:
        first = next(iter(inspect.signature(write).parameters.values()))
        assert (first.name, first.annotation) == ("who", "Under"), write


def test_no_action_of_commerce_takes_a_customer() -> None:
    actions = [
        (name, node)
        for name, tree in trees()
        if name.startswith("commerce/")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(one).startswith("action(") for one in node.decorator_list)
    ]
    assert len(actions) > 50
    taken = {
        f"{name}: {node.name}"
        for name, node in actions
        for argument in (*node.args.args, *node.args.kwonlyargs)
        if argument.arg == "customer"
    }
    assert taken == set()
