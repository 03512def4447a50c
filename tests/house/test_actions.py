"""Whatever changes a table runs in one transaction, and records a fact or says why not."""

from __future__ import annotations

import re

import pytest

from spindel.kit.actions import action
from tests.house.recorded import facts, functions
from tests.house.tree import ROOT

# What may stand among the actions without being one, and why.
NOT_ACTIONS = {
    "spindel.identity.actions.preview_merge": "rolls back the action that it shows the effect of",
    "spindel.identity.actions.preview_split": "the same",
    "spindel.identity.actions.part": "reads: what a preview shows of one customer",
    "spindel.commerce.carts.session_actions.bring": "a part of logging in: shoppers/proved.py",
    "spindel.commerce.carts.session_actions.leave": "the same",
}


def test_every_public_function_is_an_action_or_says_why_not() -> None:
    others = {
        name
        for name, function in functions().items()
        if not (getattr(function, "records", "") or getattr(function, "silent", ""))
    }
    assert others == NOT_ACTIONS.keys()


def test_what_an_action_records_is_declared_as_a_fact() -> None:
    recorded = {getattr(function, "records", "") for function in functions().values()} - {""}
    assert recorded <= facts().keys()


def test_every_fact_that_is_declared_is_recorded_by_something() -> None:
    """An action names one; it may record others, too, of the same thing."""
    code = "\n".join(
        path.read_text()
        for path in (ROOT / "spindel").rglob("*.py")
        if path.name not in ("facts.py", "sentences.py")
    )
    named = set(re.findall(r"\w+", code))
    never = {
        name
        for name, kind in facts().items()
        if kind.__name__ not in named and f"'{name}'" not in code  # as SQL has it
    }
    assert never == set()


def test_an_action_without_a_fact_gives_its_reason() -> None:
    reasons = {getattr(function, "silent", "") for function in functions().values()} - {""}
    assert reasons
    assert all(len(reason.split()) > 3 for reason in reasons)


@pytest.mark.parametrize("said", [{}, {"records": "Order Made", "silent": "No customer."}])
def test_an_action_says_exactly_one_of_the_two(said: dict[str, str]) -> None:
    with pytest.raises(TypeError):
        action(**said)
