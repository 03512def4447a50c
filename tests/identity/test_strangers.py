"""What a stranger does with the shop's public key, and as much of it as she likes."""

from __future__ import annotations

import pytest

from spindel.identity import actions, customers, graph
from spindel.identity.models import Identifier, Link
from spindel.timeline.models import Source
from tests.identity.cast import event, identify, who
from tests.telling import customer_by_message, tell

ADA = "ada@nordsko.example"
ANNA = "anna@example.com"


@pytest.fixture
def anna(web: Source, pos: Source) -> int:
    """She has a login and an address, as the tills know."""
    tell(
        [identify(0, userId="anna", traits={"email": ANNA, "phone": "+46701740605"})], key="pos-key"
    )
    return who("user_id", "anna")


def around(kind: str, value: str) -> int:
    """How many identifiers are looked at when a message names this one."""
    return len(graph.neighbourhood([Identifier.objects.get(kind=kind, value=value).pk]).nodes)


@pytest.mark.parametrize("said", ["1971-01-01T00:00:00Z", "2026-03-02T08:00:00Z"])
def test_a_message_that_is_dated_back_takes_no_address_away(anna: int, said: str) -> None:
    stranger = identify(0, userId="stranger", traits={"email": ANNA, "phone": "+46701740605"})
    tell([stranger | {"timestamp": said}])
    tell([identify(60, userId="anna", traits={"email": ANNA})], key="pos-key")
    assert who("email", ANNA) == who("phone", "+46701740605") == anna != who("user_id", "stranger")


def test_a_claim_that_came_before_what_a_trusted_source_says_makes_way_for_it(
    web: Source, pos: Source
) -> None:
    tell([identify(0, userId="stranger", traits={"email": ANNA})])
    assert who("email", ANNA) == who("user_id", "stranger")
    tell([identify(60, userId="anna", traits={"email": ANNA})], key="pos-key")
    assert who("email", ANNA) == who("user_id", "anna") != who("user_id", "stranger")


def test_of_two_who_have_a_public_key_the_one_whose_claim_came_first_keeps_the_address(
    web: Source,
) -> None:
    tell([identify(0, userId="anna", traits={"email": ANNA})])
    tell(
        [
            identify(0, userId="stranger", traits={"email": ANNA})
            | {"timestamp": "1999-01-01T00:00:00Z"}
        ]
    )
    assert who("email", ANNA) == who("user_id", "anna")


def test_no_crowd_makes_an_address_mean_nothing_to_trusted_sources(anna: int, pos: Source) -> None:
    tell([identify(n, userId=f"crowd-{n}", traits={"email": ANNA}) for n in range(600)])
    assert Identifier.objects.get(value=ANNA).shared == 2, "public claims about it count no more"
    assert who("email", ANNA) == anna
    tell([event(700, "till", context={"traits": {"email": ANNA, "card": "NK1001"}})], key="pos-key")
    assert customer_by_message()["till"] == who("card", "NK1001") == anna


def test_a_browser_of_which_a_trusted_source_has_told_is_nobody_elses(anna: int) -> None:
    tell([event(1, "hers", anonymousId="browser")])
    tell([event(2, userId="anna", anonymousId="browser")], key="pos-key")
    tell(
        [
            event(1, userId="stranger", anonymousId="browser"),
            event(3, "later", anonymousId="browser"),
        ]
    )
    assert customer_by_message() == {"hers": anna, "later": anna}


def test_what_a_person_has_merged_no_public_claim_takes_apart(anna: int, web: Source) -> None:
    tell([event(0, "visit", anonymousId="browser")])
    one = actions.merge_customers(anna, who("anonymous_id", "browser"), ADA)
    tell(
        [
            event(-9, userId="stranger", anonymousId="browser"),
            event(5, "next", anonymousId="browser"),
        ]
    )
    assert who("user_id", "anna") == who("anonymous_id", "browser") == one
    assert customer_by_message() == {"visit": one, "next": one}


def test_an_address_on_one_browser_and_a_login_on_it_later_are_not_thought_one_person(
    web: Source,
) -> None:
    """Two at home who use one tablet: nothing but the tablet says that they are one."""
    tell([event(0, "his", anonymousId="tablet", context={"traits": {"email": "bo@example.com"}})])
    tell(
        [
            event(5, "hers", anonymousId="tablet", userId="anna"),
            event(6, "tablet", anonymousId="tablet"),
        ]
    )
    assert who("email", "bo@example.com") != who("user_id", "anna") == who("anonymous_id", "tablet")


# --- however much it is, a message costs no more than the customers whom it names -----------------


def test_a_login_with_random_browsers_gets_no_more_than_a_thousand(web: Source) -> None:
    for start in range(0, 1_400, 350):
        tell(
            [event(n, userId="flood", anonymousId=f"random-{n}") for n in range(start, start + 350)]
        )
    assert Link.objects.filter(a__value="flood", rule="device").count() == 999
    assert around("anonymous_id", "random-1399") == 1
    assert customers.by_identifier("anonymous_id", "random-1399") != who("user_id", "flood")


def test_customers_with_many_browsers_each_do_not_become_one_with_more(web: Source) -> None:
    for one in ("a", "b"):
        mail = {"traits": {"email": f"{one}@example.com"}}
        tell([event(n, anonymousId=f"{one}-{n}", context=mail) for n in range(600)])
    tell([event(9, context={"traits": {"email": "a@example.com", "phone": "+46701740605"}})])
    tell([event(9, context={"traits": {"email": "b@example.com", "phone": "+46701740605"}})])
    assert who("email", "a@example.com") == who("phone", "+46701740605")
    assert who("email", "b@example.com") != who("email", "a@example.com")


def test_whose_browser_it_was_is_not_lost_where_somebody_has_filled_up_what_she_may_have(
    web: Source,
) -> None:
    hers = {"context": {"traits": {"email": ANNA}}}
    tell([event(5, anonymousId="hers", **hers)])
    for start in range(0, 1_200, 400):
        tell([event(6, anonymousId=f"random-{n}", **hers) for n in range(start, start + 400)])
    tell([event(1, anonymousId="hers", **hers)])
    assert who("anonymous_id", "hers") == who("email", ANNA)


def test_a_push_token_makes_two_browsers_nobodys_one(web: Source) -> None:
    """An app that is logged out takes another anonymous id, and keeps its token."""
    token = {"context": {"device": {"token": "push-token-of-a-phone"}}}
    tell([event(0, anonymousId="first", **token), event(1, anonymousId="second", **token)])
    assert who("anonymous_id", "first") != who("anonymous_id", "second")
    tell([event(2, userId="anna", anonymousId="first", **token)])
    tell([event(3, userId="bo", anonymousId="second", **token)])
    anna, bo = who("user_id", "anna"), who("user_id", "bo")
    assert (who("anonymous_id", "first"), who("anonymous_id", "second")) == (anna, bo)
    assert who("device", "push-token-of-a-phone") == bo


def test_a_browser_that_goes_from_hand_to_hand_without_end_is_nobodys(web: Source) -> None:
    tell([event(n, userId=f"u{n % 2}", anonymousId="kiosk") for n in range(900)])
    browser = Identifier.objects.get(kind="anonymous_id")
    assert browser.shared == 2
    assert Link.objects.filter(b=browser).count() < 250
    assert who("anonymous_id", "kiosk") not in (who("user_id", "u0"), who("user_id", "u1"))


def test_a_chain_of_people_who_can_not_be_one_is_not_gone_through(web: Source) -> None:
    """Each shares an address with the next, and each has a login."""
    chain = [
        identify(n, userId=f"u{n // 2:03}", traits={"email": f"{(n + 1) // 2:03}@example.com"})
        for n in range(400)
    ]
    for start in range(0, len(chain), 100):
        tell(chain[start : start + 100])
    assert len({who("user_id", f"u{n:03}") for n in range(200)}) == 200
    assert around("user_id", "u100") < 8


def test_what_was_refused_is_looked_at_again_when_a_person_has_taken_apart_what_stood_against_it(
    web: Source,
) -> None:
    tell([identify(0, userId="anna", traits={"email": "home@example.com"})])
    tell([identify(1, userId="bo", traits={"email": "home@example.com"})])
    anna = who("user_id", "anna")
    assert who("email", "home@example.com") == anna != who("user_id", "bo")
    mail = Identifier.objects.get(value="home@example.com").pk
    actions.split_customer(anna, [mail], ADA)
    assert who("email", "home@example.com") == who("user_id", "bo")
