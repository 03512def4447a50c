"""Merging, splitting and undoing by hand."""

from __future__ import annotations

import contextlib
import threading

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from spindel.identity import actions, customers
from spindel.identity.models import Identifier, Tenure
from spindel.kit.refusal import Refusal
from spindel.timeline.models import Fact, Source
from tests.identity.cast import MESSAGES, build, event, identify, numbers, partition, who
from tests.telling import customer_by_message, follow, tell

ADA = "ada@nordsko.example"


def ids(*identifiers: str) -> list[int]:
    return [
        Identifier.objects.get(kind=text.partition(":")[0], value=text.partition(":")[2]).pk
        for text in identifiers
    ]


def test_a_merge_gives_one_timeline_under_the_older_id(web: Source) -> None:
    tell([event(0, "a", userId="a"), event(1, "b", userId="b")])
    older, younger = sorted((who("user_id", "a"), who("user_id", "b")))
    assert actions.merge_customers(younger, older, ADA) == older
    assert customers.living(younger) == older
    assert [fact.name for fact in customers.timeline(younger).items] == [
        "Customers Merged",
        "Product Viewed",
        "Product Viewed",
    ]


def test_merging_twice_is_refused_in_words(web: Source) -> None:
    tell([event(0, userId="a"), event(1, userId="b")])
    a, b = who("user_id", "a"), who("user_id", "b")
    actions.merge_customers(a, b, ADA)
    with pytest.raises(Refusal, match="one customer already"):
        actions.merge_customers(a, b, ADA)


def test_two_customers_with_a_browser_and_a_login_each_become_one_whole(web: Source) -> None:
    tell(
        [
            event(0, "a", anonymousId="a"),
            event(1, "b", anonymousId="b"),
            identify(2, anonymousId="a", userId="a", traits={"email": "a@example.com"}),
            identify(3, anonymousId="b", userId="b", traits={"email": "b@example.com"}),
        ]
    )
    one = actions.merge_customers(who("user_id", "a"), who("user_id", "b"), ADA)
    assert len(customers.profile(one).identifiers) == 6
    assert set(customer_by_message().values()) == {one}


def test_a_customer_that_never_was_can_not_be_merged(web: Source) -> None:
    tell([event(0, userId="a")])
    with pytest.raises(customers.NotFound):
        actions.merge_customers(who("user_id", "a"), 10**9, ADA)


def test_a_merge_by_hand_can_be_undone_with_what_has_come_since(web: Source) -> None:
    tell([event(0, "a", userId="a"), event(1, "b", userId="b")])
    a, b = who("user_id", "a"), who("user_id", "b")
    one = actions.merge_customers(a, b, ADA)
    tell([event(2, "later b", userId="b", anonymousId="browser"), event(3, "later a", userId="a")])
    link = next(
        row.evidence.link
        for row in customers.profile(one).identifiers
        if row.evidence and row.evidence.rule == "by hand"
    )
    actions.undo_link(link, ADA)
    seen = customer_by_message()
    assert seen["a"] == seen["later a"] == a
    assert seen["b"] == seen["later b"] == b
    assert who("anonymous_id", "browser") == b


def test_what_was_taken_apart_is_not_merged_again_by_the_same_evidence(web: Source) -> None:
    wrong = {"userId": "u", "traits": {"email": "info@example.com"}}
    tell(
        [identify(0, **wrong), event(1, "mail", context={"traits": {"email": "info@example.com"}})]
    )
    customer = who("user_id", "u")
    assert customer_by_message()["mail"] == customer
    actions.split_customer(customer, ids("email:info@example.com"), ADA)
    tell([identify(2, **wrong)], [identify(-5, **wrong)])
    assert customer_by_message()["mail"] == who("email", "info@example.com") != who("user_id", "u")


def test_new_evidence_may_merge_what_was_taken_apart(web: Source) -> None:
    tell([identify(0, userId="u", traits={"email": "anna@example.com"})])
    actions.split_customer(who("user_id", "u"), ids("email:anna@example.com"), ADA)
    tell([identify(1, userId="u", traits={"card": "NK1007"})])
    tell([event(2, context={"traits": {"card": "NK1007", "email": "anna@example.com"}})])
    assert who("user_id", "u") == who("email", "anna@example.com")


def test_a_person_can_overrule_an_earlier_split(web: Source) -> None:
    tell([identify(0, userId="u", traits={"email": "anna@example.com"})])
    left, other = actions.split_customer(who("user_id", "u"), ids("email:anna@example.com"), ADA)
    assert actions.merge_customers(left, other, ADA) == min(left, other)
    assert who("user_id", "u") == who("email", "anna@example.com")


def test_the_part_that_is_split_off_stays_one_customer(web: Source) -> None:
    tell(
        [
            identify(0, userId="u", traits={"email": "a@example.com"}),
            identify(1, userId="u", traits={"card": "NK1009"}),
        ]
    )
    actions.split_customer(who("user_id", "u"), ids("email:a@example.com", "card:NK1009"), ADA)
    assert who("email", "a@example.com") == who("card", "NK1009") != who("user_id", "u")


def test_nothing_or_everything_can_not_be_split_off(web: Source) -> None:
    tell([identify(0, userId="u", traits={"email": "a@example.com"})])
    customer = who("user_id", "u")
    for taken in ([], ids("user_id:u", "email:a@example.com")):
        with pytest.raises(Refusal):
            actions.split_customer(customer, taken, ADA)


def test_a_preview_shows_the_outcome_and_changes_nothing(web: Source) -> None:
    tell([identify(0, userId="u", traits={"email": "a@example.com"})])
    customer = who("user_id", "u")
    parts = actions.preview_split(customer, ids("email:a@example.com"))
    assert [part.identifiers for part in parts] == [["user_id:u"], ["email:a@example.com"]]
    assert who("email", "a@example.com") == customer
    assert not Fact.objects.filter(name="Customer Split").exists()


def test_a_merge_touches_no_fact(web: Source) -> None:
    tell([event(0, userId="a"), event(1, userId="b")])
    before = list(Fact.objects.order_by("sequence").values())
    actions.merge_customers(who("user_id", "a"), who("user_id", "b"), ADA)
    after = Fact.objects.exclude(name="Customers Merged").order_by("sequence").values()
    assert list(after) == before


def test_racing_merges_and_splits_end_in_a_state_that_the_evidence_explains(web: Source) -> None:
    tell([event(minute, f"{minute}", userId=f"u{minute}") for minute in range(6)])
    everybody = [who("user_id", f"u{minute}") for minute in range(6)]
    failed: list[BaseException] = []

    def race(number: int) -> None:
        try:
            for other in everybody:
                with contextlib.suppress(Refusal):
                    actions.merge_customers(everybody[number], other, ADA)
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=race, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert set(customer_by_message().values()) == {min(everybody)}


@pytest.mark.slow
@given(told=MESSAGES, pick=st.randoms(use_true_random=False))
@settings(max_examples=25)
def test_merge_then_split_is_the_identity(web: Source, told: list, pick) -> None:
    world = f"w{next(numbers):06}"
    tell(build(told, world))
    before = partition(world)
    tenures = set(Tenure.objects.values_list("identifier_id", "since", "customer_id"))
    found = sorted(
        {customer for name, customer in customer_by_message().items() if name.startswith(world)}
    )
    if len(found) < 2:
        return
    one, other = pick.sample(found, 2)
    kept = actions.merge_customers(one, other, ADA)
    assert customers.living(one) == customers.living(other) == kept
    link = next(
        row.evidence.link
        for row in customers.profile(kept).identifiers
        if row.evidence and row.evidence.rule == "by hand"
    )
    actions.undo_link(link, ADA)
    follow()
    assert partition(world) == before
    after = Tenure.objects.values_list("identifier_id", "since", "customer_id")
    assert set(after) >= tenures, "every identifier is whose it was"
