"""A clerk has a store of her own: what waits there is hers, and she may help out elsewhere."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from spindel.catalogue import posts
from spindel.catalogue.models import Place, Post, Price
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Draft, Item
from spindel.commerce.stock.actions import holds
from spindel.identity import customers, shown
from spindel.kit.idempotency import Request
from spindel.staff.actors import Actor
from spindel.staff.models import AuditEntry, Role, User
from tests.commerce.conftest import Shop
from tests.commerce.conftest import anna as anna  # a fixture
from tests.commerce.conftest import shop as shop  # a fixture
from tests.commerce.stock.cast import deliver, reserve
from tests.conftest import PASSWORD


def browser(user: User) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def ann(shop: Shop) -> Client:
    """An administrator's browser."""
    return browser(
        User.objects.create_user("ann@nordsko.example", PASSWORD, role=Role.ADMIN, name="Ann")
    )


@pytest.fixture
def in_goteborg(ann: Client, clerk: User) -> Client:
    """Oskar's browser; his store is Göteborg."""
    assert ann.post(f"/people/{clerk.pk}/store/", {"store": "goteborg"}).status_code == 302
    return browser(clerk)


def page(client: Client, path: str) -> str:
    answer = client.get(path, follow=True)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def store_of(tablet: str) -> str:
    found = re.search(r'<a class="where grow"[^>]*>.*?<span>([^<]+)</span>', tablet, re.DOTALL)
    return found[1] if found else ""


# --- given ----------------------------------------------------------------------------------------


def test_a_clerk_is_invited_with_her_store(ann: Client) -> None:
    told = {"name": "Karin", "email": "karin@nordsko.example", "role": "clerk"}
    there = ann.post("/people/new/", told | {"store": "stockholm"})["Location"]
    karin = User.objects.get(email="karin@nordsko.example")
    store = posts.own(karin)
    assert store is not None
    assert store.code == "stockholm"
    assert '<option value="stockholm" selected>' in page(ann, there)
    assert "Store clerk, Stockholm" in page(ann, "/people/")
    assert AuditEntry.objects.get(did="person.store_changed").detail["to"] == "stockholm"


def test_an_administrator_gives_her_another_store_or_none(ann: Client, clerk: User) -> None:
    for code in ("goteborg", "stockholm", "stockholm", ""):
        ann.post(f"/people/{clerk.pk}/store/", {"store": code})
        found = posts.own(clerk)
        assert (found.code if found else "") == code
    told = AuditEntry.objects.filter(did="person.store_changed").order_by("pk")
    assert [one.detail["to"] for one in told] == ["goteborg", "stockholm", ""]
    assert "gave oskar@nordsko.example another store" in page(ann, "/audit/")


def test_a_store_that_is_not_there_is_not_given(ann: Client, clerk: User) -> None:
    told = {"name": "Karin", "email": "karin@nordsko.example", "role": "clerk", "store": "atlantis"}
    assert ann.post("/people/new/", told).status_code == 200
    assert not User.objects.filter(email="karin@nordsko.example").exists()
    Place.objects.filter(code="stockholm").update(closed_at=timezone.now())
    for code in ("atlantis", "stockholm"):
        answer = ann.post(f"/people/{clerk.pk}/store/", {"store": code}, follow=True)
        assert "There is no such store any more" in answer.content.decode()
    assert not Post.objects.exists()


def test_only_an_administrator_gives_stores(shop: Shop, clerk: User, agent: User) -> None:
    for one in (clerk, agent):
        answer = browser(one).post(f"/people/{clerk.pk}/store/", {"store": "goteborg"})
        assert answer.status_code == 403
    assert not Post.objects.exists()


# --- the tablet -----------------------------------------------------------------------------------


def test_the_tablet_opens_in_her_store_without_asking(in_goteborg: Client) -> None:
    assert store_of(page(in_goteborg, "/store/")) == "Göteborg"
    assert "store" not in in_goteborg.cookies


def test_her_own_store_comes_before_the_one_that_the_device_stood_in(
    shop: Shop, ann: Client, clerk: User
) -> None:
    tablet = browser(clerk)
    tablet.post("/store/choose/", {"place": "stockholm"})
    assert store_of(page(tablet, "/store/")) == "Stockholm"
    ann.post(f"/people/{clerk.pk}/store/", {"store": "goteborg"})
    assert store_of(page(tablet, "/store/")) == "Göteborg"


def test_she_helps_out_in_another_store_for_the_day(in_goteborg: Client, clerk: User) -> None:
    assert "Your store is Göteborg" in page(in_goteborg, "/store/choose/")
    in_goteborg.post("/store/choose/", {"place": "stockholm"})
    assert store_of(page(in_goteborg, "/store/")) == "Stockholm"
    assert store_of(page(browser(clerk), "/store/")) == "Stockholm"
    assert AuditEntry.objects.get(did="person.helps_out").detail["place"] == "stockholm"
    Post.objects.update(helps_on=timezone.localdate() - timedelta(days=1))
    assert store_of(page(in_goteborg, "/store/")) == "Göteborg"


def test_she_goes_back_to_her_own_store_the_same_day(in_goteborg: Client) -> None:
    for code in ("stockholm", "goteborg"):
        in_goteborg.post("/store/choose/", {"place": code})
    assert store_of(page(in_goteborg, "/store/")) == "Göteborg"
    assert Post.objects.get().helps_on is None


def test_whoever_helps_out_in_a_store_that_closes_is_back_in_her_own(in_goteborg: Client) -> None:
    in_goteborg.post("/store/choose/", {"place": "stockholm"})
    Place.objects.filter(code="stockholm").update(closed_at=timezone.now())
    assert store_of(page(in_goteborg, "/store/")) == "Göteborg"
    Place.objects.filter(code="goteborg").update(closed_at=timezone.now())
    assert "Which store is this?" in page(in_goteborg, "/store/")


# --- what waits for her ---------------------------------------------------------------------------


def her() -> int:
    found = customers.by_identifier("user_id", "anna")
    assert found is not None
    return found


def to_collect(shop: Shop, place: int, anna: int | None = None) -> Order:
    deliver(shop.small, place, 1)
    return placing.sell(
        Draft(
            request=Request("test", f"at {place}"),
            items=[Item(shop.small, 1, "pick_up", place, 129_900)],
            market="SE",
            currency="SEK",
            language="sv",
            actor=Actor(channel="web"),
            pay_by="store",
            whose=anna,
            contact={"name": "Anna", "email": "anna@example.se"},
        )
    )


def test_an_errand_in_another_store_is_not_hers(
    shop: Shop, anna: int, in_goteborg: Client, clerk: User
) -> None:
    deliver(shop.small, shop.stockholm, 1)
    reserve((shop.small, shop.stockholm, 1), whose=anna)
    assert not shown.may_open(clerk, her())
    in_goteborg.post("/store/choose/", {"place": "stockholm"})  # where she helps out today
    assert shown.may_open(clerk, her())


@pytest.mark.parametrize("place", ["goteborg", "stockholm"])
def test_she_opens_whoever_collects_an_order_in_her_store(
    shop: Shop, anna: int, in_goteborg: Client, place: str
) -> None:
    to_collect(shop, Place.objects.get(code=place).pk, anna)
    answer = in_goteborg.get(f"/customers/{her()}/")
    assert answer.status_code == (200 if place == "goteborg" else 403)


def test_the_navigation_counts_what_is_to_be_set_aside_in_her_store(
    shop: Shop, in_goteborg: Client, clerk: User
) -> None:
    deliver(shop.small, shop.goteborg, 2)
    deliver(shop.small, shop.stockholm, 1)
    here, _there = reserve((shop.small, shop.goteborg, 1)), reserve((shop.small, shop.stockholm, 1))
    assert "1 thing to set aside" in page(in_goteborg, "/account/")
    to_collect(shop, shop.goteborg)
    assert "2 things to set aside" in page(in_goteborg, "/account/")
    holds.set_aside(here[0].pk)
    assert "1 thing to set aside" in page(in_goteborg, "/account/")
    Post.objects.all().delete()
    assert "to set aside" not in page(in_goteborg, "/account/")


def test_her_order_book_begins_with_her_store(shop: Shop, in_goteborg: Client, agent: User) -> None:
    here, there = to_collect(shop, shop.goteborg), to_collect(shop, shop.stockholm)

    def shows(client: Client, path: str) -> set[int]:
        found = page(client, path)
        return {one.pk for one in (here, there) if f'href="/orders/{one.pk}/"' in found}

    assert shows(in_goteborg, "/orders/") == {here.pk}
    assert f"/places/{shop.goteborg}/" in page(in_goteborg, "/orders/")
    assert shows(in_goteborg, "/orders/?store=") == {here.pk, there.pk}
    assert shows(in_goteborg, f"/orders/?q={there.number}") == {there.pk}
    assert "Look in every store" in page(in_goteborg, f"/orders/?q={there.number}&store=goteborg")
    assert shows(browser(agent), "/orders/") == {here.pk, there.pk}


def test_what_waits_in_her_store_stands_first_in_an_order(
    shop: Shop, in_goteborg: Client, clerk: User
) -> None:
    Place.objects.filter(pk=shop.stockholm).update(name="Arlanda")  # it would stand first
    for place in (shop.goteborg, shop.stockholm):
        deliver(shop.small, place, 1)
    order = placing.sell(
        Draft(
            request=Request("test", "both"),
            items=[
                Item(shop.small, 1, "pick_up", shop.stockholm, 100),
                Item(shop.small, 1, "pick_up", shop.goteborg, 100),
            ],
            market="SE",
            currency="SEK",
            language="sv",
            actor=Actor(channel="web"),
            pay_by="store",
            contact={"name": "Anna", "email": "anna@example.se"},
        )
    )
    found = page(in_goteborg, f"/orders/{order.pk}/")
    assert found.index("Waits in Göteborg") < found.index("Waits in Arlanda")


def test_low_stock_begins_with_her_store(shop: Shop, in_goteborg: Client) -> None:
    for place in (shop.goteborg, shop.stockholm):
        deliver(shop.small, place, 1)
        reserve((shop.small, place, 1))
    level = f"/stock/levels/{shop.small}/"
    found = page(in_goteborg, "/stock/")
    assert f"{level}{shop.goteborg}/" in found
    assert f"{level}{shop.stockholm}/" not in found
    assert f"{level}{shop.stockholm}/" in page(in_goteborg, "/stock/?place=")


def test_a_pair_is_kept_for_her_first_in_the_store_where_she_stands(
    shop: Shop, anna: int, in_goteborg: Client, clerk: User
) -> None:
    Price.objects.create(variant_id=shop.small, market="SE", currency="SEK", amount=129_900)
    for place in (shop.goteborg, shop.stockholm):
        deliver(shop.small, place, 1)
    reserve((shop.small, shop.goteborg, 1), whose=anna)
    deliver(shop.small, shop.goteborg, 1)
    in_goteborg.post("/store/choose/", {"place": "stockholm"})
    found = page(in_goteborg, f"/holds/of/{her()}/find/?goods=vinga-38")
    assert '<option value="stockholm" selected>' in found
