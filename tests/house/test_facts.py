"""docs/facts.md and the code name the same facts."""

from __future__ import annotations

import re
from dataclasses import fields

from spindel.collect import mending, steps
from tests.house.recorded import facts
from tests.house.tree import rows


def test_every_fact_that_spindel_records_is_documented_with_its_properties() -> None:
    documented = {
        row[0]: re.findall(r"`(\w+)`", f"`{row[2]}`") for row in rows("facts.md", "recorded")
    }
    assert documented == {
        name: [field.name for field in fields(kind)] for name, kind in facts().items()
    }


def test_the_facts_of_messages_without_a_name_are_documented() -> None:
    documented = {row[0]: row[1] for row in rows("facts.md", "message")}
    assert documented == {type_: name for type_, name in steps._TYPES.items() if name}


def test_the_names_of_the_first_version_are_documented() -> None:
    documented = {row[0]: row[1] for row in rows("facts.md", "first version")}
    assert documented == mending.FORMER_NAMES


def test_a_fact_can_not_be_changed_and_is_named_object_action() -> None:
    for name, kind in facts().items():
        assert kind.__dataclass_params__.frozen, name  # type: ignore[attr-defined]  # dataclass's own
        # Segment writes its small words small: "Product Added to Wishlist".
        assert re.fullmatch(r"(?:[A-Z][a-z]+ )+(?:(?:to|from) )?[A-Z][a-z]+", name)
