"""Who is who: what messages link, what they don't, and that order leaves no mark."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from django.db.models import F
from hypothesis import given, settings
from hypothesis import strategies as st

from spindel.identity.followers import FOLLOWER
from spindel.identity.models import Identifier, Link, Tenure
from spindel.kit.clock import BEGINNING
from spindel.timeline.models import Cursor, Source
from tests.identity.cast import MESSAGES, MONDAY, build, event, identify, numbers, partition, who
from tests.telling import customer_by_message, follow, send, tell


def test_an_anonymous_history_is_the_customers_once_she_is_known(web: Source) -> None:
    tell(
        [event(0, "before", anonymousId="browser"), identify(5, anonymousId="browser", userId="u")]
    )
    assert customer_by_message()["before"] == who("user_id", "u")


def test_two_devices_meet_through_one_user_id(web: Source) -> None:
    tell(
        [event(0, "laptop", anonymousId="laptop"), event(1, "phone", anonymousId="phone")],
        [
            identify(2, anonymousId="laptop", userId="u"),
            identify(3, anonymousId="phone", userId="u"),
        ],
    )
    seen = customer_by_message()
    assert seen["laptop"] == seen["phone"] == who("user_id", "u")


def test_a_second_login_on_a_shared_browser_takes_nothing_of_the_first(web: Source) -> None:
    tell(
        [
            event(0, "first before", anonymousId="b"),
            identify(1, anonymousId="b", userId="anna"),
            event(2, "first after", anonymousId="b"),
            identify(3, anonymousId="b", userId="bo"),
            event(4, "second after", anonymousId="b"),
            identify(5, anonymousId="b", userId="anna"),
            event(6, "first again", anonymousId="b"),
        ]
    )
    seen, anna, bo = customer_by_message(), who("user_id", "anna"), who("user_id", "bo")
    assert anna != bo
    assert seen == {
        "first before": anna,
        "first after": anna,
        "second after": bo,
        "first again": anna,
    }


def test_two_user_ids_never_become_one_through_a_shared_address(web: Source) -> None:
    tell(
        [
            identify(0, userId="anna", traits={"email": "family@example.com"}),
            identify(1, userId="bo", traits={"email": "family@example.com"}),
        ]
    )
    assert who("user_id", "anna") != who("user_id", "bo")
    assert who("email", "family@example.com") == who("user_id", "anna")


def test_a_till_and_a_web_shop_meet_through_the_card(web: Source, pos: Source) -> None:
    tell([identify(0, userId="u", traits={"card": "NK 1001"})])
    tell([event(1, "till", context={"traits": {"card": "nk1001"}})], key="pos-key")
    assert customer_by_message()["till"] == who("user_id", "u")


def test_a_value_that_suddenly_links_hundreds_links_nobody(web: Source) -> None:
    people = [identify(i, userId=f"u{i}", traits={"phone": "+46 8 465 004 01"}) for i in range(600)]
    phones = [
        event(i, context={"traits": {"email": f"p{i}@example.com", "phone": "+4684650 0401"}})
        for i in range(600)
    ]
    tell(people, phones)
    assert Identifier.objects.get(kind="phone").shared
    assert len({who("email", f"p{i}@example.com") for i in range(600)}) == 600


def test_what_never_identifies_links_nobody(web: Source) -> None:
    tell(
        [
            identify(0, userId="a", traits={"email": "noreply@example.com", "phone": "0000000"}),
            identify(1, userId="b", traits={"email": "noreply@example.com", "phone": "0000000"}),
            event(2, "null", userId="null", anonymousId="browser"),
        ]
    )
    assert not Identifier.objects.filter(kind__in=("email", "phone")).exists()
    assert who("user_id", "a") != who("user_id", "b")
    assert customer_by_message()["null"] == who("anonymous_id", "browser")


def test_an_alias_of_a_trusted_source_joins_two_user_ids(web: Source, pos: Source) -> None:
    alias = {"type": "alias", "userId": "new", "previousId": "old", "messageId": "alias"}
    tell([event(0, userId="new"), event(1, userId="old")])
    tell([alias])
    assert who("user_id", "new") != who("user_id", "old")
    tell([alias], key="pos-key")
    assert who("user_id", "new") == who("user_id", "old")


def test_a_link_knows_all_who_have_told_of_it_whatever_came_first(web: Source, pos: Source) -> None:
    told = [(3, "web-key"), (1, "web-key"), (2, "pos-key"), (4, "pos-key")]
    for order in itertools.permutations(told):
        user = f"u{next(numbers)}"
        for minute, key in order:
            traits = {"email": f"{user}@example.com"}
            tell([identify(minute, userId=user, traits=traits)], key=key)
        link = Link.objects.get(a__value=user)
        assert link.sources == sorted([web.pk, pos.pk]), order
        assert link.since == MONDAY + timedelta(minutes=2), "the first of the trusted, in any order"


def test_links_that_are_made_anew_from_all_facts_at_once_are_the_same(
    web: Source, pos: Source
) -> None:
    for minute, key in ((2, "web-key"), (1, "pos-key"), (3, "pos-key")):
        tell([identify(minute, userId="u", traits={"email": "u@example.com"})], key=key)
    before = list(Link.objects.values_list("a", "b", "since", "rule", "sources"))
    Link.objects.all().delete()
    Cursor.objects.filter(follower=FOLLOWER.name).delete()
    follow()
    assert list(Link.objects.values_list("a", "b", "since", "rule", "sources")) == before


# --- properties -----------------------------------------------------------------------------------


@pytest.mark.slow
@given(
    told=MESSAGES,
    order=st.randoms(use_true_random=False),
    cut=st.integers(1, 14),
    window=st.integers(1, 8),
)
@settings(max_examples=25)
def test_who_is_who_does_not_depend_on_the_order_in_which_trusted_sources_tell(
    pos: Source, told: list, order, cut: int, window: int
) -> None:
    one, other = f"w{next(numbers):06}", f"w{next(numbers):06}"
    tell(build(told, one), key="pos-key")
    shuffled = build(told, other)
    order.shuffle(shuffled)
    for start in range(0, len(shuffled), cut):
        tell(shuffled[start : start + cut], key="pos-key")
    follow(window)
    assert partition(one) == partition(other)
    assert sum(map(len, partition(one))) == len(told), "no fact is lost, none counted twice"


@pytest.mark.slow
@given(told=MESSAGES, trusted=st.integers(0, 14), cut=st.integers(1, 14), window=st.integers(1, 8))
@settings(max_examples=25)
def test_who_is_who_does_not_depend_on_how_much_is_followed_at_a_time(
    web: Source, pos: Source, told: list, trusted: int, cut: int, window: int
) -> None:
    world = f"w{next(numbers):06}"
    messages = build(told, world)
    send(messages[:trusted], key="pos-key")
    for start in range(trusted, len(messages), cut):
        send(messages[start : start + cut])
    follow()
    at_once = partition(world)
    Link.objects.all().delete()
    Tenure.objects.exclude(since=BEGINNING).delete()
    Tenure.objects.update(customer=F("identifier_id"))
    Cursor.objects.filter(follower=FOLLOWER.name).delete()
    follow(window)
    assert partition(world) == at_once
