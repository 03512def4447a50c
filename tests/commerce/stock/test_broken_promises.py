"""Whoever has promised what a store can't find hears of it, and makes it good in one click."""

from __future__ import annotations

import pytest
from django.test import Client

from spindel.commerce.common.rules import Line, NotEnough
from spindel.commerce.stock.actions import holds, promises
from spindel.commerce.stock.actions.holds import Kept
from spindel.commerce.stock.models import Hold, Promise
from spindel.kit.idempotency import Request
from spindel.kit.refusal import Refusal
from spindel.staff.actors import Actor
from spindel.staff.models import User
from spindel.timeline.models import Fact
from tests.commerce.conftest import Shop
from tests.commerce.quotes.cast import at_once
from tests.commerce.stock.cast import deliver, soon, there

RINGS = "bell-rings"


def _promised(shop: Shop, anna: int, agent: User) -> Promise:
    """Maja has promised a pair in Göteborg to Anna, and it is not there; Stockholm has two."""
    deliver(shop.small, shop.goteborg, 1)
    deliver(shop.small, shop.stockholm, 2)
    (held,) = holds.reserve(
        [Line(shop.small, shop.goteborg, 1)],
        soon(),
        request=Request("console", "k"),
        actor=Actor("Maja", agent.pk),
        whose=anna,
    )
    missing = holds.not_found(held.pk, "Oskar")
    assert missing.next is not None
    holds.not_found(held.pk, "Oskar")
    return Promise.objects.get()


def test_not_found_is_told_to_whoever_promised_it_with_the_next_place(
    shop: Shop, anna: int, agent: User
) -> None:
    promise = _promised(shop, anna, agent)
    assert (promise.user, promise.next_id, promise.seen_at) == (agent, shop.stockholm, None)


def test_what_nobody_here_has_promised_is_told_to_nobody(shop: Shop, anna: int) -> None:
    deliver(shop.small, shop.goteborg, 1)
    (held,) = holds.reserve(
        [Line(shop.small, shop.goteborg, 1)],
        soon(),
        request=Request("web", "k"),
        whose=anna,
        actor=Actor(),
    )
    holds.not_found(held.pk, "Oskar")
    assert Promise.objects.count() == 0


def test_one_click_keeps_the_next_and_a_second_keeps_no_other(
    shop: Shop, anna: int, agent: User, client: Client
) -> None:
    promise = _promised(shop, anna, agent)
    client.force_login(agent)
    page = client.get("/promises/", follow=True).content.decode()
    assert "Vinga, 38" in page
    assert "Keep it in Stockholm" in page
    for _ in range(2):
        answer = client.post(f"/attention/promise/{promise.pk}/again/", follow=True)
        assert "Stockholm" in answer.content.decode()
    kept = Hold.objects.get(state="active")
    assert (kept.place_id, kept.identifier_id, kept.promised_by_id) == (
        shop.stockholm,
        anna,
        agent.pk,
    )
    assert there(shop.small, shop.stockholm) == (2, 1, 1)
    assert Fact.objects.filter(name="Stock Reserved").count() == 2
    promise.refresh_from_db()
    assert promise.seen_at is not None


def test_sold_there_meanwhile_the_next_but_one_is_kept_or_none(
    shop: Shop, anna: int, agent: User
) -> None:
    promise = _promised(shop, anna, agent)
    holds.reserve(
        [Line(shop.small, shop.stockholm, 2)], soon(), request=Request("web", "x"), actor=Actor()
    )
    with pytest.raises(NotEnough):
        promises.keep_next(promise.pk, agent)
    deliver(shop.small, shop.goteborg, 1)  # where it was not found it is not looked for again
    with pytest.raises(NotEnough):
        promises.keep_next(promise.pk, agent)
    promise.refresh_from_db()
    assert promise.seen_at is None


def test_the_bell_counts_what_is_new_and_nobody_sees_anothers(
    shop: Shop, anna: int, agent: User, clerk: User, client: Client
) -> None:
    promise = _promised(shop, anna, agent)
    client.force_login(clerk)
    assert "Nothing needs a look" in client.get("/attention/").content.decode()
    assert client.post(f"/attention/promise/{promise.pk}/settle/").status_code == 404
    assert client.post(f"/attention/promise/{promise.pk}/again/").status_code == 404
    assert RINGS not in client.get("/customers/").content.decode()
    client.force_login(agent)
    assert RINGS in client.get("/customers/").content.decode()
    client.post(f"/attention/promise/{promise.pk}/settle/")
    assert RINGS not in client.get("/customers/").content.decode()
    assert "Nothing needs a look" in client.get("/attention/").content.decode()


def test_for_somebody_who_was_forgotten_nothing_is_kept(shop: Shop, anna: int, agent: User) -> None:
    promise = _promised(shop, anna, agent)
    Hold.objects.update(identifier=None)
    with pytest.raises(Refusal):
        promises.keep_next(promise.pk, agent)


# --- where it was not found, somebody keeps another, too ------------------------------------------


def _at_the_shelf(promise: Promise, clerk: User) -> Kept:
    return holds.keep_instead(promise.hold_id, Actor("Oskar, Göteborg", clerk.pk, channel="store"))


def test_kept_at_the_shelf_it_is_not_kept_again_for_the_promise_but_told(
    shop: Shop, anna: int, agent: User, clerk: User, client: Client
) -> None:
    promise = _promised(shop, anna, agent)
    _at_the_shelf(promise, clerk)
    promise.refresh_from_db()
    assert promise.seen_at is None
    client.force_login(agent)
    for _ in range(2):
        page = client.post(f"/attention/promise/{promise.pk}/again/", follow=True).content.decode()
        assert "Oskar, Göteborg keeps one already, in Stockholm until" in page
    assert there(shop.small, shop.stockholm) == (2, 1, 1)
    promise.refresh_from_db()
    assert promise.seen_at is not None


def test_both_at_once_keep_one(shop: Shop, anna: int, agent: User, clerk: User) -> None:
    promise = _promised(shop, anna, agent)
    found = at_once(
        lambda: promises.keep_next(promise.pk, agent),
        lambda: _at_the_shelf(promise, clerk),
        lambda: promises.keep_next(promise.pk, agent),
        lambda: _at_the_shelf(promise, clerk),
    )
    kept = [one for one in found if isinstance(one, Kept)]
    assert len(kept) == 4, found
    assert len({one.hold.pk for one in kept}) == 1
    assert sorted(one.again for one in kept) == [False, True, True, True]
    assert there(shop.small, shop.stockholm) == (2, 1, 1)


def test_the_last_pair_is_kept_for_the_first_and_the_second_is_told_of_it(
    shop: Shop, anna: int, agent: User, clerk: User
) -> None:
    promise = _promised(shop, anna, agent)
    holds.reserve(
        [Line(shop.small, shop.stockholm, 1)], soon(), request=Request("web", "x"), actor=Actor()
    )
    first = promises.keep_next(promise.pk, agent)
    assert _at_the_shelf(promise, clerk) == Kept(Hold.objects.get(pk=first.hold.pk), again=True)


def test_let_go_of_it_is_kept_anew(shop: Shop, anna: int, agent: User, clerk: User) -> None:
    promise = _promised(shop, anna, agent)
    for _ in range(2):
        first = promises.keep_next(promise.pk, agent)
        assert not first.again
        holds.release(first.hold.pk, "Maja")
    assert not _at_the_shelf(promise, clerk).again
    assert promises.keep_next(promise.pk, agent).again
    assert there(shop.small, shop.stockholm) == (2, 1, 1)


def test_lost_there_too_one_more_is_kept_for_both(
    shop: Shop, anna: int, agent: User, clerk: User
) -> None:
    promise = _promised(shop, anna, agent)
    first = _at_the_shelf(promise, clerk).hold
    holds.not_found(first.pk, "Stina")
    deliver(shop.small, shop.goteborg, 3)
    second = promises.keep_next(promise.pk, agent)
    again = promises.keep_next(Promise.objects.get(user=clerk).pk, clerk)
    assert (second.again, again.again, again.hold.pk) == (False, True, second.hold.pk)
    assert Hold.objects.filter(state="active").count() == 1


def test_what_was_fetched_already_is_told_and_nothing_kept(
    shop: Shop, anna: int, agent: User, clerk: User, client: Client
) -> None:
    promise = _promised(shop, anna, agent)
    holds.hand_over(_at_the_shelf(promise, clerk).hold.pk, "Stina")
    client.force_login(agent)
    page = client.post(f"/attention/promise/{promise.pk}/again/", follow=True).content.decode()
    assert "it was fetched" in page
    assert there(shop.small, shop.stockholm) == (1, 0, 1)
