"""What users of other systems have suffered from, as far as no other test here says it."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from spindel.identity import actions, customers
from spindel.identity.followers import FOLLOWER
from spindel.identity.models import Identifier
from spindel.kit.refusal import Refusal
from spindel.timeline import following
from spindel.timeline.following import Follower, Window
from spindel.timeline.models import Fact, Source
from tests.identity.cast import event, identify, who
from tests.telling import customer_by_message, follow, tell, wait_until

ADA = "ada@nordsko.example"


def told_of(customer: int) -> list[str]:
    """What a customer's timeline says, newest first."""
    return [str(fact.properties.get("n")) for fact in customers.timeline(customer, 200).items]


def at_once(*what: Callable[[], object]) -> list[object]:
    """Do all of it at the same time; what each returned, or the Refusal that it raised."""
    ready = threading.Barrier(len(what))
    results: list[object] = [None] * len(what)

    def run(number: int) -> None:
        try:
            ready.wait(10)
            results[number] = what[number]()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(what))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    strange = [one for one in results if isinstance(one, Exception)]
    assert all(isinstance(one, Refusal) for one in strange), strange
    return results


def test_a_merge_leaves_no_history_behind(web: Source) -> None:
    """tracardi#784: events stayed with the profile that was merged away."""
    tell(
        [event(minute, f"a{minute}", userId="a") for minute in range(3)],
        [event(minute, f"b{minute}", userId="b") for minute in range(3)],
    )
    follow()
    a, b = who("user_id", "a"), who("user_id", "b")
    one = actions.merge_customers(a, b, ADA)
    tell([event(9, "late", userId="b")])
    follow()
    everything = {"a0", "a1", "a2", "b0", "b1", "b2", "late"}
    assert everything < set(told_of(one))
    assert told_of(a) == told_of(b) == told_of(one), "whichever id one asks with"


def test_every_rule_that_links_counts_not_just_the_last(web: Source, pos: Source) -> None:
    """tracardi#875: of several merge keys only the last one merged."""
    tell(
        [
            event(0, "by mail", context={"traits": {"email": "anna@example.com"}}),
            event(1, "by phone", context={"traits": {"phone": "070-123 45 67"}}),
            event(2, "by device", anonymousId="browser"),
        ]
    )
    tell([event(3, "by card", context={"traits": {"card": "NK1001"}})], key="pos-key")
    tell(
        [
            identify(
                4,
                userId="anna",
                anonymousId="browser",
                traits={
                    "email": "anna@example.com",
                    "phone": "+46 70 123 45 67",
                    "card": "nk 1001",
                },
            )
        ]
    )
    follow()
    assert customer_by_message() == dict.fromkeys(
        ("by mail", "by phone", "by device", "by card"), who("user_id", "anna")
    )


def test_a_merge_that_races_with_incoming_messages_loses_no_property(web: Source) -> None:
    """posthog#10337, #3190: a merge while properties were set gave wrong ones, or an error."""
    for round_ in range(5):
        a, b = f"a{round_}", f"b{round_}"
        tell([identify(0, userId=a, traits={"one": 1}), identify(0, userId=b, traits={"two": 2})])
        follow()
        merging = who("user_id", a), who("user_id", b)
        # The facts are there and not yet followed when the race begins.
        _append(
            web,
            [
                (identify(5, userId=a, traits={"one": 11, "three": 3})),
                (identify(6, userId=b, traits={"two": 22, "four": 4})),
            ],
        )
        at_once(
            lambda both=merging: actions.merge_customers(*both, ADA),  # type: ignore[misc]  # mypy infers no lambda with a default
            lambda: following.step(FOLLOWER),
            lambda: following.step(FOLLOWER),
        )
        follow()
        known = {row.name: row.value for row in customers.profile(min(merging)).traits}
        assert known == {"one": 11, "two": 22, "three": 3, "four": 4}
        assert customers.living(merging[0]) == customers.living(merging[1])


def _append(source: Source, messages: list[dict[str, object]]) -> None:
    """What the collector would keep of an identify, without following."""
    for message in messages:
        Fact.objects.create(
            identifier_id=Identifier.objects.get(kind="user_id", value=message["userId"]).pk,
            name="Customer Identified",
            channel="web",
            source=source,
            occurred_at=message["timestamp"],
            properties=message["traits"],
        )


def test_corrections_of_one_customer_at_once_are_all_kept(web: Source) -> None:
    """unomi PR#223: of concurrent writes to a profile some were lost."""
    tell([identify(0, userId="u", traits={"city": "Lund"})])
    follow()
    customer = who("user_id", "u")
    names = [f"trait {number}" for number in range(6)]
    at_once(
        *(
            lambda name=name: actions.correct_trait(customer, name, "right", ADA)  # type: ignore[misc]  # mypy infers no lambda with a default
            for name in names
        )
    )
    known = {row.name: row.value for row in customers.profile(customer).traits}
    assert known == {"city": "Lund", **dict.fromkeys(names, "right")}


def test_two_who_correct_the_same_trait_at_once_leave_one_of_their_values(web: Source) -> None:
    """unomi PR#223."""
    tell([identify(0, userId="u", traits={"city": "Lund"})])
    follow()
    customer = who("user_id", "u")
    values = ["Ystad", "Malmö", "Ystad", "Malmö"]
    at_once(
        *(
            lambda value=value: actions.correct_trait(customer, "city", value, ADA)  # type: ignore[misc]  # mypy infers no lambda with a default
            for value in values
        )
    )
    (row,) = customers.profile(customer).traits
    assert row.value in values
    assert {one.value for one in row.history} == {"Lund", "Ystad", "Malmö"}


def test_a_split_leaves_both_with_what_is_theirs(web: Source) -> None:
    """posthog#104939: a split reported success, did nothing, and blanked the person."""
    tell(
        [
            event(0, "hers", userId="anna"),
            event(1, "his", context={"traits": {"email": "bo@example.com", "city": "Malmö"}}),
            identify(2, userId="anna", traits={"email": "bo@example.com", "size": 38}),
        ]
    )
    follow()
    anna = who("user_id", "anna")
    assert customer_by_message() == {"hers": anna, "his": anna}
    email = Identifier.objects.get(kind="email")
    left, other = actions.split_customer(anna, [email.pk], ADA)
    assert left != other
    assert customer_by_message() == {"hers": left, "his": other}
    for customer, identifiers, traits in (
        (left, ["user_id:anna"], {"email": "bo@example.com", "size": 38}),
        (other, ["email:bo@example.com"], {"city": "Malmö", "email": "bo@example.com"}),
    ):
        profile = customers.profile(customer)
        assert [f"{row.kind}:{row.value}" for row in profile.identifiers] == identifiers
        assert {row.name: row.value for row in profile.traits} == traits


def test_a_second_login_leaves_the_first_her_history_and_her_properties(web: Source) -> None:
    """mautic#4211: whoever logged in second on a browser became, and overwrote, the first."""
    tell(
        [
            event(0, "hers", anonymousId="browser"),
            identify(1, anonymousId="browser", userId="anna", traits={"name": "Anna"}),
        ]
    )
    tell(
        [
            identify(5, anonymousId="browser", userId="bo", traits={"name": "Bo"}),
            event(6, "his", anonymousId="browser"),
        ]
    )
    follow()
    anna, bo = who("user_id", "anna"), who("user_id", "bo")
    assert customer_by_message() == {"hers": anna, "his": bo}
    assert [customers.profile(one).name for one in (anna, bo)] == ["Anna", "Bo"]


@pytest.mark.parametrize("carried", ["userId", "email"])
def test_an_anonymous_history_is_attached_by_whatever_recognises_somebody(
    web: Source, carried: str
) -> None:
    """mautic#11527: what was done before a form was filled in stayed anonymous."""
    known = {"userId": "anna"} if carried == "userId" else {}
    tell([event(minute, f"{minute}", anonymousId="browser") for minute in range(3)])
    tell([identify(9, anonymousId="browser", traits={"email": "anna@example.com"}, **known)])
    follow()
    anna = who("email", "anna@example.com")
    assert customer_by_message() == dict.fromkeys(("0", "1", "2"), anna)


def test_an_anonymous_history_that_arrives_after_the_login_is_hers_too(web: Source) -> None:
    """mautic#11527, with the messages the other way round."""
    tell([identify(9, anonymousId="browser", userId="anna")])
    tell([event(0, "before", anonymousId="browser")])
    follow()
    assert customer_by_message() == {"before": who("user_id", "anna")}


def test_two_webhooks_at_once_make_one_customer(web: Source) -> None:
    """mautic#12023, #6532: a double click, or two webhooks, made the same contact twice."""
    told = [
        identify(0, userId="anna", traits={"email": "anna@example.com"}),
        identify(0, userId="anna", traits={"email": "anna@example.com"}),
        identify(0, traits={"email": "anna@example.com"}),
    ]
    at_once(*(lambda message=message: tell([message]) for message in told))  # type: ignore[misc]  # mypy infers no lambda with a default
    follow()
    assert who("user_id", "anna") == who("email", "anna@example.com")
    assert Identifier.objects.count() == 2
    everybody = {customers.living(one) for one in Identifier.objects.values_list("pk", flat=True)}
    assert len(everybody) == 1


def test_a_merge_that_is_clicked_twice_is_done_once(web: Source) -> None:
    """mautic#12023, on our own button."""
    tell([event(0, userId="a"), event(1, userId="b")])
    follow()
    a, b = who("user_id", "a"), who("user_id", "b")
    results = at_once(*[lambda: actions.merge_customers(a, b, ADA)] * 3)
    assert sorted(type(one).__name__ for one in results) == ["Refusal", "Refusal", "int"]
    assert Fact.objects.filter(name="Customers Merged").count() == 1


@pytest.mark.parametrize(
    "shared", [{"email": "family@example.com"}, {"phone": "+46 70 123 45 67"}, {"card": "NK1001"}]
)
def test_two_user_ids_are_two_people_whatever_they_share(
    web: Source, shared: dict[str, str]
) -> None:
    """chatwoot#4728, #2811: contacts were merged although their ids differed."""
    for minute in range(4):
        tell(
            [
                identify(minute * 2, userId="anna", anonymousId="browser", traits=shared),
                identify(minute * 2 + 1, userId="bo", anonymousId="browser", traits=shared),
            ]
        )
    follow()
    assert who("user_id", "anna") != who("user_id", "bo")


def test_two_user_ids_are_two_people_also_when_others_lie_between_them(web: Source) -> None:
    """chatwoot#4728: along a chain of things shared, none of which names both."""
    tell(
        [
            identify(0, userId="anna", traits={"email": "a@example.com"}),
            event(1, context={"traits": {"email": "a@example.com", "phone": "+46701234567"}}),
            event(2, context={"traits": {"card": "NK1001", "phone": "+46701234567"}}),
            identify(3, userId="bo", traits={"card": "NK1001"}),
        ]
    )
    follow()
    assert who("user_id", "anna") != who("user_id", "bo")


def test_a_follower_that_fails_stops_neither_the_collector_nor_identity(web: Source) -> None:
    """rudder-server#4953: one dead destination slowed all. jitsu#1188: with no error shown."""

    def dead(window: Window) -> None:
        raise ConnectionError

    follower = Follower("dead", dead)
    following.enrol(follower)
    for minute in range(3):
        tell([event(minute, f"{minute}", userId="anna")])
        wait_until(lambda: _fails(follower))
    wait_until(lambda: following.step(FOLLOWER) == 0 and _lag("identity").facts == 0)
    assert set(customer_by_message().values()) == {who("user_id", "anna")}
    assert len(customer_by_message()) == 3
    assert (_lag("dead").facts, _lag("dead").error) == (3, "ConnectionError")
    assert _lag("identity").error == ""


def _fails(follower: Follower) -> bool:
    try:
        following.step(follower)
    except ConnectionError:
        return True
    return False


def _lag(follower: str) -> following.Lag:
    return {lag.follower: lag for lag in following.lags()}[follower]
