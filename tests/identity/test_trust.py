"""A source becomes trusted, or is no more: what it has told counts as if it had always been so."""

from __future__ import annotations

import itertools

import pytest
from django.db.models import F
from hypothesis import given, settings
from hypothesis import strategies as st

from spindel.collect.actions import SourceSettings, change_source
from spindel.identity import jobs, ownership
from spindel.identity.followers import FOLLOWER
from spindel.identity.models import Identifier, Link, Tenure
from spindel.kit.clock import BEGINNING
from spindel.timeline.models import Cursor, Fact, Source, WriteKey
from tests.identity.cast import MESSAGES, build, event, identify, partition, who
from tests.statements import counted
from tests.telling import customer_by_message, follow, send, tell

ANNA = "anna@example.com"
_numbers = itertools.count()


def change(source: Source, *, trusted: bool) -> None:
    """As an administrator says on the source's page."""
    source.refresh_from_db()
    kept = ("name", "kind", "channel", "country", "rate_limit", "strict")
    said = {name: getattr(source, name) for name in kept}
    change_source(source, SourceSettings(**said, trusted=trusted), by="Ada")


def work() -> int:
    """Let the background do all there is; how many transactions it took."""
    return sum(1 for _ in itertools.takewhile(bool, iter(jobs.step, None)))


def trust(source: Source, trusted: bool = True) -> None:
    change(source, trusted=trusted)
    work()


@pytest.fixture
def crm(database: str) -> Source:
    source = Source.objects.create(
        slug="crm", name="CRM", kind="other", channel="other", trusted=True
    )
    WriteKey.objects.create(source=source, key="crm-key")
    return source


def test_a_link_that_was_refused_counts_once_its_source_is_trusted_and_no_longer_than_that(
    web: Source, pos: Source
) -> None:
    tell([identify(0, userId="anna", traits={"email": ANNA})])
    tell([identify(60, userId="bo", traits={"email": ANNA})], key="pos-key")
    assert who("email", ANNA) == who("user_id", "bo") != who("user_id", "anna")
    trust(web)
    assert who("email", ANNA) == who("user_id", "anna") != who("user_id", "bo")
    trust(web, False)
    assert who("email", ANNA) == who("user_id", "bo") != who("user_id", "anna")


def test_what_it_said_counts_from_when_it_says_that_it_was_and_else_from_when_it_was_heard(
    web: Source,
) -> None:
    tell([identify(9, userId="bo", traits={"email": ANNA})])
    tell([identify(1, userId="anna", traits={"email": ANNA})])
    assert who("email", ANNA) == who("user_id", "bo")
    trust(web)
    assert who("email", ANNA) == who("user_id", "anna")
    trust(web, False)
    assert who("email", ANNA) == who("user_id", "bo")


def test_whose_a_browser_was_is_said_anew(web: Source, pos: Source) -> None:
    tell(
        [
            event(1, userId="anna", anonymousId="browser"),
            event(2, "hers", anonymousId="browser"),
            event(9, "his", anonymousId="browser"),
        ]
    )
    tell([event(5, userId="bo", anonymousId="browser")], key="pos-key")

    def whose() -> list[str]:
        names = {who("user_id", name): name for name in ("anna", "bo")}
        seen = customer_by_message()
        return [names[seen[n]] for n in ("hers", "his")]

    assert whose() == ["bo", "bo"]
    trust(web)
    assert whose() == ["anna", "bo"]
    trust(web, False)
    assert whose() == ["bo", "bo"]
    trust(pos, False)
    assert whose() == ["anna", "bo"]


def test_an_alias_says_so_outright_while_its_source_is_trusted(pos: Source) -> None:
    tell([event(0, userId="new"), event(1, userId="old")], key="pos-key")
    alias = {"type": "alias", "userId": "new", "previousId": "old", "messageId": "alias"}
    tell([alias], key="pos-key")
    for trusted in (True, False, True, False):
        trust(pos, trusted)
        assert (who("user_id", "new") == who("user_id", "old")) is trusted


def test_a_crowd_that_is_trusted_no_more_makes_an_address_mean_nothing_to_nobody_who_is(
    pos: Source, crm: Source
) -> None:
    tell([identify(0, userId="anna", traits={"email": ANNA})], key="crm-key")
    crowd = [identify(n, userId=f"crowd-{n}", traits={"email": ANNA}) for n in range(1, 600)]
    tell(crowd, key="pos-key")
    assert Identifier.objects.get(value=ANNA).shared == 1
    assert who("email", ANNA) != who("user_id", "anna")
    trust(pos, False)
    assert Identifier.objects.get(value=ANNA).shared == 2
    assert who("email", ANNA) == who("user_id", "anna")


def test_what_is_certain_follows(web: Source) -> None:
    tell([identify(0, userId="anna", traits={"email": ANNA})])
    mail = Identifier.objects.get(value=ANNA).pk
    for trusted in (False, True, False):
        trust(web, trusted)
        assert len(ownership.proven(mail)) == 1 + trusted


def test_what_is_known_of_messages_that_are_not_kept_any_more_stays(
    web: Source, pos: Source
) -> None:
    tell([identify(0, userId="anna", traits={"email": ANNA})])
    Fact.objects.all().delete()
    trust(web)
    assert Link.objects.get(a__value="anna").sources == [web.pk]
    assert who("email", ANNA) == who("user_id", "anna")
    assert len(ownership.proven(Identifier.objects.get(value=ANNA).pk)) == 2


def test_one_who_has_as_many_browsers_as_can_be_keeps_them(web: Source, pos: Source) -> None:
    tell([event(0, userId="anna", anonymousId="known")], key="pos-key")
    for start in range(0, 1_050, 350):
        tell([event(n, userId="anna", anonymousId=f"b-{n}") for n in range(start, start + 350)])
    before = set(Link.objects.values_list("a", "b", "since", "rule"))
    trust(pos, False)
    assert set(Link.objects.values_list("a", "b", "since", "rule")) == before


def test_it_is_done_in_parts_and_begins_again_when_it_is_changed_once_more(
    web: Source, pos: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_PART", 2)
    mails = {f"u{n}": {"traits": {"email": f"{n}@example.com"}} for n in range(6)}
    tell([identify(0, userId=user, **mail) for user, mail in mails.items()])
    tell([identify(9, userId=f"pos-{user}", **mail) for user, mail in mails.items()], key="pos-key")

    def hers() -> int:
        return sum(who("user_id", f"u{n}") == who("email", f"{n}@example.com") for n in range(6))

    change(web, trusted=True)
    assert jobs.step()
    assert jobs.step()
    assert 0 < hers() < 6
    change(web, trusted=False)
    assert work() > 3
    assert hers() == 0
    trust(web)
    assert hers() == 6
    assert not jobs.step()


def test_nothing_is_done_where_something_else_is_changed(web: Source) -> None:
    change(web, trusted=False)
    assert not jobs.step()


def test_a_part_costs_as_many_statements_for_many_customers_as_for_few(
    web: Source, pos: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs = {}
    for many in (2, 2, 30):
        names = [f"u{next(_numbers)}" for _ in range(many)]
        mails = {name: {"traits": {"email": f"{name}@example.com"}} for name in names}
        tell([identify(0, userId=name, anonymousId=f"b-{name}", **mails[name]) for name in names])
        tell([identify(9, userId=f"pos-{name}", **mails[name]) for name in names], key="pos-key")
        change(web, trusted=True)
        with counted(monkeypatch) as statements:
            assert jobs.step()
        costs[many] = statements[0]
        work()
        Source.objects.filter(pk=web.pk).update(trusted=False)
        Link.objects.all().delete()
    assert costs[30] == costs[2], costs


@pytest.mark.slow
@given(
    told=MESSAGES,
    by=st.lists(st.booleans(), min_size=14, max_size=14),
    changes=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=3),
    part=st.integers(1, 5),
)
@settings(max_examples=25)
def test_who_is_who_is_what_it_would_be_if_it_had_always_been_so(
    web: Source,
    pos: Source,
    told: list,
    by: list[bool],
    changes: list[tuple[bool, bool]],
    part: int,
) -> None:
    Source.objects.filter(pk=web.pk).update(trusted=False)
    Source.objects.filter(pk=pos.pk).update(trusted=True)
    world = f"t{next(_numbers):06}"
    for message, trusted in zip(build(told, world), by, strict=False):
        send([message], key="pos-key" if trusted else "web-key")
    follow()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs, "_PART", part)
        for which, trusted in changes:
            trust(pos if which else web, trusted)
    at_once = partition(world)
    Link.objects.all().delete()
    Identifier.objects.update(shared=None)
    Tenure.objects.exclude(since=BEGINNING).delete()
    Tenure.objects.update(customer=F("identifier_id"))
    Cursor.objects.filter(follower=FOLLOWER.name).delete()
    follow()
    assert at_once == partition(world)
