"""What is known of a customer: from whom, since when, and which word counts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from spindel.identity import actions, customers
from spindel.identity.customers import TraitRow
from spindel.kit.refusal import Refusal
from spindel.timeline.models import Source
from tests.identity.cast import MONDAY, event, identify, numbers, who
from tests.telling import follow, tell

ADA = "ada@nordsko.example"


def trait(user: str, name: str) -> TraitRow:
    """The trait of whoever has the user id."""
    found = {row.name: row for row in customers.profile(who("user_id", user)).traits}
    return found[name]


def traits(customer: int) -> dict[str, object]:
    return {row.name: row.value for row in customers.profile(customer).traits}


def say(minute: int, key: str = "web-key", user: str = "u", **told: object) -> None:
    """A source tells something of somebody."""
    tell([identify(minute, userId=user, traits=told)], key=key)
    follow()


def test_each_value_has_its_source_and_its_age(web: Source, pos: Source) -> None:
    say(0, city="Malmö")
    say(5, city="Malmö")
    say(3, key="pos-key", city="Lund")
    told = [
        (value.value, value.source, value.first_at - MONDAY, value.last_at - MONDAY)
        for value in trait("u", "city").history
    ]
    minute = timedelta(minutes=1)
    assert told == [
        ("Lund", "pos", 3 * minute, 3 * minute),
        ("Malmö", "web", 0 * minute, 5 * minute),
    ]


def test_the_newest_of_a_trusted_source_wins_over_a_newer_one_of_another(
    web: Source, pos: Source
) -> None:
    say(0, key="pos-key", city="Lund")
    say(1, key="pos-key", city="Ystad")
    say(9, city="Malmö")
    row = trait("u", "city")
    assert (row.value, row.source) == ("Ystad", "pos")


def test_among_equals_the_newest_wins_also_when_it_arrived_first(web: Source) -> None:
    say(9, city="Malmö")
    say(0, city="Lund")
    assert trait("u", "city").value == "Malmö"


def test_a_value_that_is_said_again_is_the_newest_again(web: Source) -> None:
    for minute, city in enumerate(["Malmö", "Lund", "Malmö"]):
        say(minute, city=city)
    row = trait("u", "city")
    assert row.value == "Malmö"
    assert [value.value for value in row.history] == ["Malmö", "Lund"]


def test_a_correction_wins_until_it_is_corrected_again(web: Source, pos: Source) -> None:
    say(0, key="pos-key", city="Lund")
    customer = who("user_id", "u")
    actions.correct_trait(customer, "city", "Ystad", ADA)
    later = identify(0, userId="u", traits={"city": "Malmö"}, timestamp=timezone.now().isoformat())
    tell([later], key="pos-key")
    follow()
    row = trait("u", "city")
    assert (row.value, row.by, row.corrected) == ("Ystad", ADA, True)
    actions.correct_trait(customer, "city", "Trelleborg", ADA)
    assert trait("u", "city").value == "Trelleborg"
    actions.correct_trait(customer, "city", "Ystad", ADA)
    row = trait("u", "city")
    assert row.value == "Ystad"
    assert {value.value for value in row.history} == {"Ystad", "Trelleborg", "Lund", "Malmö"}


def test_a_correction_is_on_the_timeline(web: Source) -> None:
    say(0, city="Lund")
    actions.correct_trait(who("user_id", "u"), "city", "Ystad", ADA)
    newest = customers.timeline(who("user_id", "u")).items[0]
    assert newest.name == "Trait Corrected"
    assert newest.properties["name"] == "city"
    assert newest.properties["by"] == ADA


@pytest.mark.parametrize(
    ("name", "value"), [("", "x"), ("n" * 65, "x"), ("a\0b", "x"), ("a", "\0")]
)
def test_a_correction_that_can_not_be_kept_is_refused(web: Source, name: str, value: str) -> None:
    say(0, city="Lund")
    with pytest.raises(Refusal):
        actions.correct_trait(who("user_id", "u"), name, value, ADA)


def test_an_empty_value_takes_nothing_away(web: Source) -> None:
    say(0, city="Lund", size=42)
    say(1, city="", size=None)
    known = traits(who("user_id", "u"))
    assert (known["city"], known["size"]) == ("Lund", 42)


def test_values_keep_their_type(web: Source) -> None:
    told = {"vip": False, "size": 42.5, "sizes": [38, 39], "address": {"city": "Århus"}}
    say(0, **told)
    known = traits(who("user_id", "u"))
    assert {name: known[name] for name in told} == told


def test_traits_of_a_message_beside_its_event_count_too(web: Source) -> None:
    tell([event(0, userId="u", context={"traits": {"city": "Lund"}})])
    follow()
    assert trait("u", "city").value == "Lund"


def test_traits_of_a_device_that_was_handed_over_are_of_whoever_had_it_then(web: Source) -> None:
    tell(
        [
            event(0, anonymousId="tablet", context={"traits": {"shoe_size": 38}}),
            identify(1, anonymousId="tablet", userId="anna"),
            identify(5, anonymousId="tablet", userId="bo"),
            event(6, anonymousId="tablet", context={"traits": {"shoe_size": 44}}),
        ]
    )
    follow()
    assert trait("anna", "shoe_size").value == 38
    assert trait("bo", "shoe_size").value == 44
    assert [value.value for value in trait("anna", "shoe_size").history] == [38]


def test_a_value_said_by_both_users_of_a_device_is_known_of_both(web: Source) -> None:
    """The same device, name, source and value are one row, whose last time is the second one's."""
    tell(
        [
            event(0, anonymousId="tablet", context={"traits": {"city": "Lund"}}),
            identify(1, anonymousId="tablet", userId="anna"),
            identify(5, anonymousId="tablet", userId="bo"),
            event(6, anonymousId="tablet", context={"traits": {"city": "Lund"}}),
        ]
    )
    follow()
    assert trait("bo", "city").value == "Lund"
    assert trait("anna", "city").value == "Lund"


def test_a_merge_keeps_all_properties_and_an_undo_gives_each_hers_back(web: Source) -> None:
    """tracardi#892: merged profiles lost what only one of them had."""
    say(0, user="a", city="Lund", size=38)
    say(1, user="b", city="Malmö", colour="red")
    one = actions.merge_customers(who("user_id", "a"), who("user_id", "b"), ADA)
    known = traits(one)
    assert (known["city"], known["size"], known["colour"]) == ("Malmö", 38, "red")
    assert {value.value for value in trait("a", "city").history} == {"Lund", "Malmö"}
    link = next(
        row.evidence.link
        for row in customers.profile(one).identifiers
        if row.evidence and row.evidence.rule == "by hand"
    )
    actions.undo_link(link, ADA)
    assert traits(who("user_id", "a")) == {"city": "Lund", "size": 38}
    assert traits(who("user_id", "b")) == {"city": "Malmö", "colour": "red"}


TOLD = st.lists(
    st.tuples(
        st.sampled_from(["web-key", "pos-key"]),
        st.integers(0, 20),
        st.sampled_from(["city", "size"]),
        st.sampled_from(["x", "y", "z", 1, True, None]),
    ),
    min_size=1,
    max_size=10,
)


@pytest.mark.slow
@given(told=TOLD, order=st.randoms(use_true_random=False), again=st.integers(0, 10))
@settings(max_examples=40)
def test_the_order_of_arrival_and_redelivery_leave_no_mark(
    web: Source, pos: Source, told: list, order, again: int
) -> None:
    def world(arrivals: list) -> list:
        user = f"u{next(numbers)}"
        for key, minute, name, value in arrivals:
            tell([identify(minute, userId=user, traits={name: value})], key=key)
        follow()
        rows = customers.profile(who("user_id", user)).traits
        return [(row.name, row.value, row.source, row.at, row.history) for row in rows]

    shuffled = told + told[:again]
    order.shuffle(shuffled)
    assert world(told) == world(shuffled)
