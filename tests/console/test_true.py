"""What pages say is so: who was seen when, what was done here, by whom, and all that she bought."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from spindel.catalogue.markets import Market
from spindel.catalogue.models import Price
from spindel.collect.followers import FOLLOWER as RECORDED
from spindel.commerce.carts.actions import Edit, change_for
from spindel.identity import ownership, searching
from spindel.identity.actions import correct_trait
from spindel.staff.models import Role
from spindel.timeline import following
from spindel.timeline.models import Fact
from tests.commerce.conftest import Shop
from tests.commerce.conftest import shop as shop  # a fixture
from tests.console.conftest import text
from tests.telling import follow

LONG_AGO = timedelta(days=40)


def words(page: str) -> str:
    """The page's text alone."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


def puts_in_her_cart(customer: int, shop: Shop, channel: str = "web") -> None:
    Price.objects.get_or_create(
        variant_id=shop.small, market="SE", currency="SEK", defaults={"amount": 129_900}
    )
    change_for(
        ownership.under(customer),
        Edit("vinga-38", quantity=1, add=True),
        market=Market("SE", "SEK", "en"),
        channel=channel,
    )
    follow()


# --- seen -----------------------------------------------------------------------------------------


def test_what_she_does_at_the_shop_counts_as_having_been_seen(
    maja: Client, told, shop: Shop
) -> None:
    told("Product Viewed", at=timezone.now() - LONG_AGO, context={"traits": {"name": "Anna"}})
    anna = told.customer()
    puts_in_her_cart(anna, shop)
    assert "Last seen today" in words(text(maja.get(f"/customers/{anna}/")))
    for page in ("/customers/", "/customers/found/?q=anna"):
        assert re.search(r"Anna .*today", words(text(maja.get(page))))


def test_what_is_put_right_about_her_does_not(maja: Client, told) -> None:
    told("Product Viewed", at=timezone.now() - LONG_AGO, context={"traits": {"name": "Anna"}})
    anna = told.customer()
    correct_trait(anna, "name", "Anna Lind", "maja@nordsko.example")
    follow()
    assert "Last seen today" not in words(text(maja.get(f"/customers/{anna}/")))
    assert "today" not in words(text(maja.get("/customers/found/?q=anna")))


def test_lists_are_in_the_order_that_they_show(maja: Client, told) -> None:
    for name, days in (("first", 3), ("second", 1), ("third", 2)):
        traits = {"traits": {"name": f"Anna {name}"}}
        at = timezone.now() - timedelta(days=days)
        told("Product Viewed", who=f"user_id:{name}", at=at, context=traits)
    for page in ("/customers/", "/customers/found/?q=anna"):
        shown = re.findall(r"<strong>Anna (\w+)", text(maja.get(page)))
        assert shown == ["second", "third", "first"]


def test_a_device_that_somebody_else_has_now_shows_nobody_as_seen(maja: Client, told) -> None:
    ago = timezone.now() - LONG_AGO
    for who, at in (("anna", ago), ("bea", timezone.now())):
        context = {"traits": {"name": who.title()}}
        told("Signed In", who=f"user_id:{who}", also=("anonymous_id:b",), at=at, context=context)
    told("Product Viewed", who="anonymous_id:b")
    anna = told.customer("user_id:anna")
    assert anna != told.customer("user_id:bea")
    assert "today" not in words(text(maja.get("/customers/found/?q=anna")))


# --- done here ------------------------------------------------------------------------------------


def test_what_is_done_here_is_in_the_live_figures(maja: Client, told, shop: Shop) -> None:
    told("Product Viewed")
    puts_in_her_cart(told.customer(), shop, "app")
    following.enrol(RECORDED)
    while following.step(RECORDED):
        pass
    page = words(text(maja.get("/live/")))
    assert "1 in the last hour" in page
    assert re.search(r"App 1\b", page)
    assert "1 recorded" in page


@pytest.mark.parametrize(
    ("role", "channel"), [(Role.AGENT, "service"), (Role.ADMIN, "service"), (Role.CLERK, "store")]
)
def test_what_somebody_here_does_says_where_and_by_whom(
    as_role, told, shop: Shop, role: Role, channel: str
) -> None:
    told("Product Viewed", context={"traits": {"name": "Anna"}}, also=("email:a@example.se",))
    anna = told.customer()
    Price.objects.create(variant_id=shop.small, market="SE", currency="SEK", amount=129_900)
    client = as_role(role)
    client.get("/customers/?q=anna")
    answer = client.post(f"/carts/of/{anna}/change/", {"sku": "vinga-38", "quantity": "2"})
    assert answer.status_code == 302
    fact = Fact.objects.get(name="Product Added")
    assert (fact.channel, fact.properties["by"]) == (channel, f"{role}@nordsko.example")
    follow()
    assert f"{role}@" in text(client.get(f"/customers/{anna}/timeline/"))


def test_what_she_does_herself_is_by_nobody_here(told, shop: Shop) -> None:
    told("Product Viewed")
    puts_in_her_cart(told.customer(), shop)
    assert "by" not in Fact.objects.get(name="Product Added").properties


# --- bought ---------------------------------------------------------------------------------------

SHOES = [
    {"name": "Vinga", "variant": "38", "sku": "V-38", "quantity": 2, "price": 649.5},
    {"name": "Haga", "variant": "39", "sku": "H-39", "quantity": 1, "price": 200},
]


def buys(told, number: str, days: int, total: float = 1499, **more: object) -> object:
    said = {"order_id": number, "total": total, "currency": "SEK", "products": SHOES, **more}
    return told("Order Completed", said, at=timezone.now() - timedelta(days=days), channel="store")


def test_what_other_systems_tell_of_is_among_her_orders(maja: Client, told) -> None:
    facts = [buys(told, f"K12-{n:05}", n + 1) for n in range(40)]
    told("Order Refunded", {"order_id": "K12-00000", "total": 200, "currency": "SEK"})
    anna = told.customer()
    panel = words(text(maja.get(f"/orders/of/{anna}/")))
    assert "K12-00000" in panel
    assert "Web" in panel
    first = text(maja.get(f"/orders/of/{anna}/all/"))
    older = re.search(r'\?before=([^"]+)"', first)
    assert older
    second = text(maja.get(f"/orders/of/{anna}/all/?before={older[1]}"))
    told_of = re.findall(r"K12-\d{5}", words(first)) + re.findall(r"K12-\d{5}", words(second))
    assert told_of == [f"K12-{n:05}" for n in range(40)]
    page = words(text(maja.get(f"/orders/of/{anna}/told/{facts[0]}/")))
    for part in ("K12-00000", "Web has told of it", "Vinga", "V-38", "Haga", "Got SEK 200 back"):
        assert part in page, part
    assert "1,499" in page


@pytest.mark.parametrize("typed", ["K12-00001", "k12 00001", "K1200001"])
def test_a_number_finds_the_one_purchase_that_has_it(maja: Client, told, typed: str) -> None:
    fact = buys(told, "K12-00001", 3)
    for number in ("K12-000011", "K12-00002"):
        buys(told, number, 4)
    anna = told.customer()
    page = text(maja.get("/orders/", {"q": typed}))
    assert re.findall(r'class="order-row" href="([^"]+)"', page) == [
        f"/orders/of/{anna}/told/{fact}/"
    ]
    assert [hit.customer for hit in searching.search(typed)] == [anna]


def test_a_purchase_is_shown_to_whoever_may_see_the_customer(as_role, told) -> None:
    fact = buys(told, "K12-00001", 3)
    anna = told.customer()
    clerk = as_role(Role.CLERK)
    assert clerk.get(f"/orders/of/{anna}/told/{fact}/").status_code == 403
    assert "K12-00001" in text(clerk.get("/orders/?store=&q=K12-00001"))
    assert "K12-00001" in text(clerk.get(f"/orders/of/{anna}/told/{fact}/"))
    assert clerk.get(f"/orders/of/{anna}/told/{told('Product Viewed')}/").status_code == 404


@pytest.mark.parametrize(
    "products", [None, "no list", [None, 3], [{"name": {"deep": 1}, "quantity": "two"}]]
)
def test_whatever_a_system_tells_of_a_purchase_can_be_read(maja: Client, told, products) -> None:
    said = {"order_id": ["odd"], "total": "much", "currency": 7, "products": products}
    fact = told("Order Completed", said)
    anna = told.customer()
    for path in (f"told/{fact}/", "all/", ""):
        assert text(maja.get(f"/orders/of/{anna}/{path}"))


# --- noted, narrowed, worth -----------------------------------------------------------------------


def test_a_note_stands_on_her_timeline_with_its_writer(maja: Client, told, as_role) -> None:
    told("Product Viewed")
    anna = told.customer()
    answer = maja.post(f"/customers/{anna}/note/", {"text": "Prefers <b>wide</b> shoes"})
    assert answer.status_code == 302
    follow()
    page = text(maja.get(f"/customers/{anna}/timeline/?kind=notes"))
    assert "maja@nordsko.example" in page
    assert "Prefers &lt;b&gt;wide&lt;/b&gt; shoes" in page
    analyst = as_role(Role.ANALYST)
    assert "wide" not in text(analyst.get(f"/customers/{anna}/timeline/"))
    assert analyst.post(f"/customers/{anna}/note/", {"text": "x"}).status_code == 403


@pytest.mark.parametrize("words_", ["", "   ", "x" * 2_001, "a\0b"])
def test_what_is_no_note_is_refused_in_words(maja: Client, told, words_: str) -> None:
    told("Product Viewed")
    anna = told.customer()
    answer = maja.post(f"/customers/{anna}/note/", {"text": words_}, follow=True)
    assert "A note has at most" in text(answer)
    assert not Fact.objects.filter(name="Note Written").exists()


def test_the_timeline_is_searched_and_narrowed_to_days(maja: Client, told, as_role) -> None:
    now = timezone.now()
    for n, name in enumerate(("Vinga", "Haga", "Torö")):
        told("Product Added", {"name": name, "sku": f"sku-{n}"}, at=now - timedelta(days=10 * n))
    anna = told.customer()

    def shown(query: str, client: Client = maja) -> list[str]:
        page = text(client.get(f"/customers/{anna}/timeline/?{query}"))
        return re.findall("Vinga|Haga|Torö", page)

    assert shown("q=haga") == shown("q=SKU-1") == ["Haga"]
    assert shown("q=%25") == shown("q=nothing") == []
    day = timezone.localtime(now - timedelta(days=10)).date().isoformat()
    assert shown(f"from={day}&to={day}") == ["Haga"]
    assert shown(f"from={day}") == ["Vinga", "Haga"]
    assert shown(f"to={day}") == ["Haga", "Torö"]
    assert shown("from=nonsense&to=9999-12-31") == ["Vinga", "Haga", "Torö"]
    # Who may not see what facts hold does not find them by that.
    assert len(shown("q=sku-1", as_role(Role.ANALYST))) == 3


def test_the_head_of_her_page_says_what_she_has_been_worth(maja: Client, told) -> None:
    buys(told, "K12-00001", 40)
    buys(told, "K12-00002", 3, total=501)
    told("Order Refunded", {"order_id": "K12-00002", "total": 200, "currency": "SEK"})
    page = words(text(maja.get(f"/orders/of/{told.customer()}/does/")))
    assert "1,800" in page
    assert "2 purchases" in page
    assert "900" in page
    assert "1 came back" in page


def test_a_line_leads_to_its_thing_first(maja: Client, told) -> None:
    fact = buys(told, "K12-00001", 3)
    anna = told.customer()
    page = text(maja.get(f"/customers/{anna}/facts/{fact}/"))
    assert page.index("Open the order") < page.index("The message as it came")
    address = re.search(r'href="(/orders/of/[^"]+)"', page)
    assert address
    assert maja.get(address[1])["Location"] == f"/orders/of/{anna}/told/{fact}/"
    assert maja.get(f"/orders/of/{anna}/numbered/?order=none").status_code == 404


def test_the_likely_and_what_differs_are_seen_before_a_merge(maja: Client, told) -> None:
    for who, more in (
        ("one", {"birthday": "1 May"}),
        ("two", {"birthday": "2 May"}),
        ("three", {}),
    ):
        traits = {"name": "Anna Lind", "city": "Malmö" if who != "three" else "Lund", **more}
        told("Product Viewed", who=f"user_id:{who}", context={"traits": traits})
    told("Product Viewed", who="user_id:four", context={"traits": {"name": "Anna Lindberg"}})
    one, two, three = (told.customer(f"user_id:{who}") for who in ("one", "two", "three"))
    page = text(maja.get(f"/customers/{one}/merge/"))
    assert re.findall(rf"/customers/{one}/merge/(\d+)/", page) == [str(two), str(three)]
    assert page.count("Same name and city") == 1
    seen = words(text(maja.get(f"/customers/{one}/merge/{two}/")))
    assert "Birthday : 1 May · 2 May" in seen
    assert "One person has only one of it" in seen


@pytest.mark.parametrize("path", ["/orders/?before=1-1", "/products/?after=30"])
def test_what_is_older_is_a_whole_page_without_scripts(maja: Client, path: str) -> None:
    assert "<html" in text(maja.get(path))
    assert "<html" not in text(maja.get(path, headers={"HX-Request": "true"}))
