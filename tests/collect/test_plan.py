"""Tracking plans: read, compared with, learnt. No database."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindel.collect import plan as plans
from spindel.collect.plan import BadPlan, Checker, Plan, Property

VIEWED = {
    "product_id": Property("string", True),
    "price": Property("number"),
    "quantity": Property("integer"),
    "tags": Property("array"),
    "gift": Property("boolean"),
    "extra": Property("object"),
    "note": Property("any"),
}


def check(properties: object, name: str = "Product Viewed") -> tuple[plans.Violation, ...]:
    told = json.dumps(properties).encode()
    return Checker({"Product Viewed": VIEWED}).check(name, told)


@pytest.mark.parametrize(
    "properties",
    [
        {"product_id": "a"},
        {"product_id": "a", "price": 1, "quantity": 2, "tags": [], "gift": False, "extra": {}},
        {"product_id": "a", "price": -1.5e3, "quantity": 2.0},
        {"product_id": "a", "price": None},
        {"product_id": "", "note": [1]},
    ],
)
def test_what_keeps_to_the_plan_is_not_off_it(properties: object) -> None:
    assert check(properties) == ()


@pytest.mark.parametrize(
    ("properties", "found"),
    [
        ({}, [("missing", "product_id")]),
        ({"product_id": None}, [("missing", "product_id")]),
        ({"product_id": 5}, [("wrong_type", "product_id")]),
        ({"product_id": "a", "price": "1 299 kr"}, [("wrong_type", "price")]),
        ({"product_id": "a", "quantity": 1.5}, [("wrong_type", "quantity")]),
        ({"product_id": "a", "gift": "yes"}, [("wrong_type", "gift")]),
        ({"product_id": "a", "tags": {}}, [("wrong_type", "tags")]),
        ({"product_id": "a", "colour": "red"}, [("unknown", "colour")]),
    ],
)
def test_each_way_of_being_off_the_plan_is_named(properties: object, found: list) -> None:
    assert check(properties) == tuple(found)


def test_an_event_that_is_not_planned_is_off_it_as_a_whole() -> None:
    assert check({"price": "x"}, "Popup Closed") == (("unplanned", ""),)


def test_spaces_between_are_no_matter() -> None:
    checker = Checker({"A": {"n": Property("integer", True)}})
    assert checker.check("A", b'{ "n" :\n 12 , "m": 1}') == (("unknown", "m"),)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
PROPERTIES = st.dictionaries(st.text(max_size=8), JSON, max_size=6)


@given(st.lists(PROPERTIES, min_size=1, max_size=30))
def test_what_a_plan_was_learnt_from_keeps_to_it_where_it_is_all_alike(many: list) -> None:
    told = [("A", json.dumps(one).encode()) for one in many]
    seen = plans.look(told)["A"]
    learnt = seen.properties()
    grave = {
        violation
        for _name, text in told
        for violation in Checker({"A": learnt}).check("A", text)
        if plans.is_grave(violation)
    }
    # Only what a few of many do otherwise can be off it.
    assert not grave or len(many) >= 20


@given(st.binary(max_size=200))
def test_whatever_a_file_holds_it_is_a_plan_or_refused(text: bytes) -> None:
    with suppress(BadPlan):
        assert plans.parse(text)


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=20)
NAMES = NAMES.filter(str.strip)
PLANS = st.dictionaries(
    NAMES,
    st.dictionaries(
        NAMES, st.builds(Property, st.sampled_from(list(plans.TYPES)), st.booleans()), max_size=4
    ),
    min_size=1,
    max_size=4,
)


@given(PLANS)
def test_a_plan_comes_back_from_its_file_as_it_was(plan: Plan) -> None:
    assert plans.parse(plans.to_yaml(plan).encode()) == plan
    assert plans.parse(json.dumps(plans.to_document(plan)).encode()) == plan


def test_a_plan_can_be_written_short() -> None:
    text = (
        "events:\n  Product Viewed:\n    price: number\n    sku: {required: true}\n  Cart Viewed:"
    )
    assert plans.parse(text.encode()) == {
        "Product Viewed": {"price": Property("number"), "sku": Property("any", True)},
        "Cart Viewed": {},
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "begins with"),
        ("[1]", "begins with"),
        ("events: {}", "at least one"),
        ("events: {A: [price]}", "“A”"),
        ("events: {A: {price: numeral}}", "the type is one of"),
        ("events: {A: {price: {required: maybe}}}", "true or false"),
        ("events: {A: {price: {min: 3}}}", "nothing else"),
        ("events: {5: {}}", "no name"),
        ("a: [", "neither YAML nor JSON"),
        ("events: {A: {" + ", ".join(f"p{n}: any" for n in range(201)) + "}}", "more than 200"),
        ("x" * (1024 * 1024 + 1), "at most 1024 kB"),
    ],
)
def test_a_bad_plan_says_what_is_wrong_with_it(text: str, said: str) -> None:
    with pytest.raises(BadPlan, match=said):
        plans.parse(text.encode())


def test_aliases_in_a_file_can_not_blow_it_up() -> None:
    lines = [
        "a: &a {x: any}",
        *(
            f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]"
            for n in range(20)
        ),
    ]
    with pytest.raises(BadPlan):
        plans.parse("\n".join(lines).encode())


def test_learning_takes_what_nearly_all_do_for_what_is_meant() -> None:
    good = [("Viewed", b'{"price": 12, "sku": "a", "seen": true}')] * 99
    seen = plans.look([*good, ("Viewed", b'{"price": "12 kr", "sku": "a"}')])
    assert seen["Viewed"].properties() == {
        "price": Property("number", True),
        "seen": Property("boolean", True),
        "sku": Property("string", True),
    }


def test_learning_from_few_requires_nothing() -> None:
    seen = plans.look([("Viewed", b'{"price": 12}')] * 19)
    assert seen["Viewed"].properties() == {"price": Property("number", False)}


def test_learning_passes_over_names_that_could_be_somebodys() -> None:
    told = [("anna@example.com logged in", b"{}"), ("Viewed", b'{"0701740605": 1, "price": 2}')]
    seen = plans.look(told)
    assert list(seen) == ["Viewed"]
    assert list(seen["Viewed"].properties()) == ["price"]
