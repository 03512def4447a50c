"""What is open for a customer, on her page: her cart, what is kept for her, her orders."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from spindel.catalogue.models import Product
from spindel.commerce.carts import reading as carts
from spindel.commerce.orders.models import Order, OrderLine
from spindel.commerce.stock.models import Hold
from spindel.identity.models import Identifier
from spindel.staff.models import Role, User
from spindel.timeline.models import Fact
from tests.catalogue.goods import put as put_goods
from tests.catalogue.goods import shoe
from tests.commerce.conftest import Shop
from tests.commerce.orders.in_panels import CHECKOUT, As, form_of, put
from tests.commerce.orders.in_panels import her as her  # a fixture
from tests.commerce.stock.cast import deliver, let_time_pass, reserve, there
from tests.console.conftest import as_role, maja, text
from tests.telling import tell

__all__ = ["as_role", "maja"]

PART = {"HX-Request": "true"}
HOSTILE = "<script>alert('x')</script>"


def cart(customer: int) -> dict[str, int]:
    found = carts.open_of(customer)
    assert found
    return {one.sku: one.quantity for one in carts.view(found.pk, "en").lines}


def viewed(**properties: object) -> None:
    tell(
        [
            {
                "type": "track",
                "event": "Product Viewed",
                "messageId": str(properties),
                "userId": "anna",
                "properties": properties,
            }
        ]
    )


# --- her page -------------------------------------------------------------------------------------


def test_her_page_fetches_each_panel_by_its_address(maja: Client, her: int) -> None:
    page = text(maja.get(f"/customers/{her}/"))
    for address in (f"/carts/of/{her}/", f"/holds/of/{her}/", f"/orders/of/{her}/"):
        assert f'hx-get="{address}"' in page
    assert page.index('id="slot-cart"') < page.index("What is known")


@pytest.mark.parametrize("panel", ["carts", "holds", "orders"])
def test_a_panel_without_anything_says_so(maja: Client, her: int, panel: str) -> None:
    page = text(maja.get(f"/{panel}/of/{her}/", headers=PART))
    assert re.search("Nothing is|Nothing was ordered", page)


@pytest.mark.parametrize("panel", ["carts", "holds", "orders"])
def test_a_clerk_sees_only_whom_she_has_looked_up(as_role: As, her: int, panel: str) -> None:
    clerk = as_role(Role.CLERK)
    assert clerk.get(f"/{panel}/of/{her}/").status_code == 403
    clerk.get("/customers/?q=anna")
    assert clerk.get(f"/{panel}/of/{her}/").status_code == 200


@pytest.mark.parametrize("role", [Role.MARKETER, Role.ANALYST])
def test_who_may_not_handle_sees_and_changes_nothing(
    as_role: As, her: int, shop: Shop, role: Role
) -> None:
    put(her, "vinga-38")
    client = as_role(role)
    page = text(client.get(f"/carts/of/{her}/"))
    assert "Vinga" in page
    assert "<form" not in page
    assert "anna@example.se" not in page
    for path in ("change", "order"):
        assert client.post(f"/carts/of/{her}/{path}/", {"sku": "vinga-38"}).status_code == 403
    assert client.post(f"/holds/of/{her}/reserve/").status_code == 403


# --- her cart -------------------------------------------------------------------------------------


def test_her_cart_is_shown_with_prices_and_what_she_must_know(
    maja: Client, her: int, shop: Shop
) -> None:
    Product.objects.update(
        names={"en": HOSTILE}, pictures=["http://testserver/shop/v.svg", "http://else.example/a"]
    )
    put(her, "vinga-38", 2)
    page = text(maja.get(f"/carts/of/{her}/", headers=PART))
    assert "SEK\xa02,598" in page
    assert "Sold out on the web" in page
    assert 'src="/shop/v.svg"' in page
    assert "else.example" not in page
    assert HOSTILE not in page


def test_a_line_is_added_changed_and_taken_out_on_her_behalf(
    maja: Client, her: int, shop: Shop
) -> None:
    change = f"/carts/of/{her}/change/"
    said = {"sku": "vinga-38", "quantity": 1, "add": "yes"}
    page = text(maja.post(change, said | {"key": "0" * 32}, headers=PART))
    maja.post(change, said | {"key": "0" * 32}, headers=PART)
    assert cart(her) == {"vinga-38": 1}
    assert "is in the cart" in page
    text(maja.post(change, {"sku": "vinga-38", "quantity": 3}, headers=PART))
    assert cart(her) == {"vinga-38": 3}
    page = text(maja.post(change, {"sku": "vinga-38", "quantity": 0}, headers=PART))
    assert cart(her) == {}
    assert "Undo" in page
    undo = dict(
        re.findall(
            r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.partition("data-toast")[2]
        )
    )
    undo.pop("csrfmiddlewaretoken", None)
    maja.post(change, undo, headers=PART)
    assert cart(her) == {"vinga-38": 3}
    assert set(Fact.objects.filter(name="Product Added").values_list("channel", flat=True)) == {
        "service"
    }


def test_who_changes_a_cart_that_has_changed_is_shown_what_it_is_now(
    maja: Client, her: int, shop: Shop
) -> None:
    seen = put(her, "vinga-38", 1)
    put(her, "vinga-38", 2)
    said = {"sku": "vinga-38", "quantity": 5, "version": seen.version}
    page = text(maja.post(f"/carts/of/{her}/change/", said, headers=PART))
    assert "changed meanwhile" in page
    assert cart(her) == {"vinga-38": 2}


@pytest.mark.parametrize(
    "said",
    [
        {"sku": "nothing", "quantity": 1},
        {"sku": "a\0b", "quantity": 1},
        {"sku": "vinga-38", "quantity": "-1"},
        {"sku": "vinga-38", "quantity": "1000"},
        {"sku": "vinga-38", "quantity": "x"},
        {"sku": "vinga-38", "quantity": 1, "fulfilment": "pick_up", "place": "nowhere"},
        {"sku": "vinga-38", "quantity": 1, "fulfilment": "magic"},
        {},
    ],
)
def test_what_can_not_be_put_into_a_cart_is_said(
    maja: Client, her: int, shop: Shop, said: dict[str, object]
) -> None:
    page = text(maja.post(f"/carts/of/{her}/change/", said, headers=PART))
    assert "toast-bad" in page
    assert not carts.open_of(her) or cart(her) == {}


def test_without_scripts_a_change_leads_back_to_her_page(
    maja: Client, her: int, shop: Shop
) -> None:
    answer = maja.post(f"/carts/of/{her}/change/", {"sku": "vinga-38", "quantity": 1})
    assert (answer.status_code, answer["Location"]) == (302, f"/customers/{her}/")
    assert "is in the cart" in text(maja.get(f"/customers/{her}/"))


def test_goods_are_found_by_what_one_types(maja: Client, her: int, shop: Shop) -> None:
    put_goods(shoe("haga"))
    page = text(maja.get(f"/carts/of/{her}/goods/?q=hag", headers=PART))
    assert 'value="HAGA-38"' in page
    page = text(maja.get(f"/carts/of/{her}/goods/?q=%3Cb%3E", headers=PART))
    assert "<b>" not in page


# --- ordering it for her --------------------------------------------------------------------------


def test_her_cart_is_ordered_for_her_once(maja: Client, her: int, shop: Shop) -> None:
    deliver(shop.small, shop.warehouse, 3)
    put(her, "vinga-38", 2)
    page = text(maja.get(f"/carts/of/{her}/order/"))
    assert 'value="Anna Åkesson"' in page
    assert 'value="anna@example.se"' in page
    said = CHECKOUT | {name: form_of(page)[name] for name in ("key", "version", "total")}
    for _ in range(2):
        answer = maja.post(f"/carts/of/{her}/order/", said)
        assert answer.status_code == 302, answer.content.decode()
    order = Order.objects.get()
    assert answer["Location"] == f"/orders/{order.pk}/"
    assert (order.total, order.channel, order.by) == (259_800, "service", "Maja")
    assert there(shop.small, shop.warehouse) == (3, 2, 1)
    assert order.number[:4] in text(maja.get(f"/orders/of/{her}/"))


def test_a_cart_that_changed_is_not_ordered_unseen(maja: Client, her: int, shop: Shop) -> None:
    deliver(shop.small, shop.warehouse, 3)
    put(her, "vinga-38", 1)
    said = CHECKOUT | form_of(text(maja.get(f"/carts/of/{her}/order/")))
    put(her, "vinga-38", 3)
    answer = maja.post(f"/carts/of/{her}/order/", said)
    assert answer.status_code == 409
    assert "changed meanwhile" in answer.content.decode()
    assert "SEK\xa03,897" in answer.content.decode()
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("lacks", "why"),
    [("name", "a name is needed"), ("street", "the street is needed"), ("pay_by", "paid")],
)
def test_an_order_that_lacks_something_says_what(
    maja: Client, her: int, shop: Shop, lacks: str, why: str
) -> None:
    deliver(shop.small, shop.warehouse, 1)
    put(her, "vinga-38")
    answer = maja.post(f"/carts/of/{her}/order/", CHECKOUT | {lacks: "", "key": "k"})
    assert answer.status_code == 409
    assert why in answer.content.decode()
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("field", "typed"), [("name", ""), ("phone", "12"), ("postcode", "9"), ("city", "")]
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    maja: Client, her: int, shop: Shop, field: str, typed: str
) -> None:
    put(her, "vinga-38")
    said = CHECKOUT | {"email": "", "phone": "070-123 45 67", "street": " Ny  gata 7", field: typed}
    page = maja.post(f"/carts/of/{her}/order/", said | {"key": "k"}).content.decode()
    assert re.findall(r'class="field-error" role="alert" id="([^"]+)"', page) == [
        f"o-{field}_error"
    ]
    inputs = {re.search('name="(.*?)"', one)[1]: one for one in re.findall("<input [^>]*>", page)}
    assert f'aria-describedby="o-{field}_error"' in inputs[field]
    assert 'value=" Ny  gata 7"' in inputs["street"]
    assert [name for name, one in inputs.items() if "aria-invalid" in one] == [field]


def test_too_little_is_said_by_name(maja: Client, her: int, shop: Shop) -> None:
    deliver(shop.small, shop.warehouse, 1)
    put(her, "vinga-38", 2)
    answer = maja.post(f"/carts/of/{her}/order/", CHECKOUT | {"key": "k"})
    assert "Vinga, 38: 1 left to send" in answer.content.decode()


def out_of(page: str, words: str) -> dict[str, str]:
    """The fields of the button with these words in the form of an order's line."""
    (form,) = re.findall(r'<form class="line-outs".*?</form>', page, re.DOTALL)
    fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
    for name, value, label in re.findall(
        r'<button[^>]*name="([^"]+)" value="([^"]*)">(.*?)</button>', form, re.DOTALL
    ):
        if words in re.sub(r"<.*?>", "", label):
            return fields | {name: value}
    raise AssertionError(f"There is no way out by {words}.")


def take_out(maja: Client, her: int, words: str, **more: str) -> str:
    page = text(maja.get(f"/carts/of/{her}/order/"))
    assert "disabled" in page
    answer = maja.post(f"/carts/of/{her}/change/", out_of(page, words) | more, follow=True)
    return text(answer)


def test_a_line_that_is_kept_for_her_is_fetched_where_it_is(
    maja: Client, her: int, anna: int, shop: Shop
) -> None:
    deliver(shop.small, shop.goteborg, 1)
    put(her, "vinga-38")
    reserve((shop.small, shop.goteborg, 1), whose=anna)
    page = take_out(maja, her, "Fetch in Göteborg, where it is kept for the customer")
    assert "disabled" not in page
    said = {"pay_by": "store", "name": "Anna", "email": "a@example.se"} | hidden(page)
    assert maja.post(f"/carts/of/{her}/order/", said).status_code == 302
    assert OrderLine.objects.get().place_id == shop.goteborg
    assert Hold.objects.get(order_line_id=None).state == "handed_over"


@pytest.mark.parametrize(
    ("words", "more", "left"),
    [
        ("Fetch in Stockholm", {}, {"vinga-38": 1}),
        ("Take that", {"instead": "vinga-39"}, {"vinga-39": 1}),
        ("Leave it out", {"instead": "vinga-39"}, {}),
        ("Save it for later", {}, {"vinga-38": 1}),
    ],
)
def test_a_line_that_is_sold_out_is_no_dead_end(
    maja: Client, her: int, shop: Shop, words: str, more: dict[str, str], left: dict[str, int]
) -> None:
    deliver(shop.small, shop.stockholm, 1)
    deliver(shop.large, shop.warehouse, 1)
    put(her, "vinga-38")
    page = take_out(maja, her, words, **more)
    assert cart(her) == left
    assert "line-outs" not in page


def hidden(page: str) -> dict[str, str]:
    form = page.split('class="card pad order-form"')[1]
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))


def test_an_empty_cart_is_not_ordered(maja: Client, her: int) -> None:
    assert maja.get(f"/carts/of/{her}/order/")["Location"] == f"/customers/{her}/"


# --- kept for her ---------------------------------------------------------------------------------


def test_what_she_looked_at_is_found_in_the_store_near_her_and_kept_until_tomorrow(
    maja: Client, agent: User, her: int, shop: Shop
) -> None:
    deliver(shop.small, shop.goteborg, 1)
    deliver(shop.small, shop.stockholm, 4)
    viewed(product_id="vinga", name="Vinga")
    panel = text(maja.get(f"/holds/of/{her}/", headers=PART))
    (address,) = set(re.findall(rf'hx-get="(/holds/of/{her}/find/\?product=\d+)"', panel))
    sizes = text(maja.get(address, headers=PART))
    assert "Choose a size" in sizes
    stores = text(maja.get(f"{address}&variant={shop.small}", headers=PART))
    assert stores.index("Göteborg") < stores.index("Stockholm")
    assert "398 km" in stores or "397 km" in stores
    assert "Keep it until tomorrow 18:00" in stores
    said = {"variant": shop.small, "place": shop.goteborg, "key": "k"}
    for _ in range(2):
        page = text(maja.post(f"/holds/of/{her}/reserve/", said, headers=PART))
    assert "is kept in Göteborg until tomorrow 18:00" in page
    hold = Hold.objects.get()
    assert (hold.promised_by_id, hold.by, hold.channel) == (agent.pk, "Maja", "service")
    assert hold.identifier_id == Identifier.objects.get(kind="user_id").pk
    assert Fact.objects.filter(name="Stock Reserved").count() == 1


def test_a_size_that_she_looked_at_is_chosen_already(maja: Client, her: int, shop: Shop) -> None:
    deliver(shop.large, shop.stockholm, 1)
    viewed(product_id="vinga", sku="vinga-39")
    panel = text(maja.get(f"/holds/of/{her}/", headers=PART))
    assert f"variant={shop.large}" in panel
    page = text(maja.get(f"/holds/of/{her}/find/?goods=vinga-39", headers=PART))
    assert "Stockholm" in page
    assert "Keep it until" in page


def test_a_pair_that_is_gone_meanwhile_is_not_kept(maja: Client, her: int, shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 1)
    reserve((shop.small, shop.goteborg, 1))
    said = {"variant": shop.small, "place": shop.goteborg, "key": "k"}
    page = text(maja.post(f"/holds/of/{her}/reserve/", said, headers=PART))
    assert "toast-bad" in page
    assert "0 left in Göteborg" in page
    assert Hold.objects.count() == 1


def test_nothing_is_kept_where_nothing_is_handed_over(maja: Client, her: int, shop: Shop) -> None:
    deliver(shop.small, shop.warehouse, 1)
    said = {"variant": shop.small, "place": shop.warehouse, "key": "k"}
    assert "keeps nothing" in text(maja.post(f"/holds/of/{her}/reserve/", said, headers=PART))
    assert not Hold.objects.exists()


def test_a_hold_is_extended_moved_and_released(
    maja: Client, her: int, anna: int, shop: Shop
) -> None:
    deliver(shop.small, shop.goteborg, 1)
    deliver(shop.small, shop.stockholm, 1)
    (hold,) = reserve((shop.small, shop.goteborg, 1), whose=anna)
    before = hold.until
    maja.post(f"/holds/of/{her}/{hold.pk}/extend/", {"key": "e"}, headers=PART)
    hold.refresh_from_db()
    assert hold.until > before
    stores = text(maja.get(f"/holds/of/{her}/{hold.pk}/stores/", headers=PART))
    assert "Stockholm" in stores
    assert "Göteborg" not in stores
    said = {"place": shop.stockholm, "key": "m"}
    page = text(maja.post(f"/holds/of/{her}/{hold.pk}/move/", said, headers=PART))
    assert "is kept in Stockholm" in page
    hold.refresh_from_db()
    assert hold.state == "released"
    moved = Hold.objects.get(place=shop.stockholm)
    assert (moved.state, moved.identifier_id) == ("active", anna)
    page = text(maja.post(f"/holds/of/{her}/{moved.pk}/release/", headers=PART))
    assert "not kept in Stockholm any more" in page
    assert "Undo" in page
    assert there(shop.small, shop.stockholm) == (1, 0, 1)


def test_a_hold_that_can_not_move_stays(maja: Client, her: int, anna: int, shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 1)
    (hold,) = reserve((shop.small, shop.goteborg, 1), whose=anna)
    said = {"place": shop.stockholm, "key": "m"}
    page = text(maja.post(f"/holds/of/{her}/{hold.pk}/move/", said, headers=PART))
    assert "toast-bad" in page
    hold.refresh_from_db()
    assert hold.state == "active"
    let_time_pass(hold)
    deliver(shop.small, shop.stockholm, 1)
    assert "ended" in text(maja.post(f"/holds/of/{her}/{hold.pk}/extend/", headers=PART))
    maja.post(f"/holds/of/{her}/{hold.pk}/move/", said, headers=PART)
    assert there(shop.small, shop.stockholm) == (1, 0, 1)


def test_nobody_elses_hold_is_touched_from_her_page(maja: Client, her: int, shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 1)
    (hold,) = reserve((shop.small, shop.goteborg, 1))
    for what in ("release", "extend", "move"):
        answer = maja.post(f"/holds/of/{her}/{hold.pk}/{what}/", {"place": shop.stockholm})
        assert answer.status_code == 404
    hold.refresh_from_db()
    assert hold.state == "active"


def test_hostile_words_in_the_way_to_a_store_do_no_harm(maja: Client, her: int, shop: Shop) -> None:
    viewed(product_id=HOSTILE, sku="\u0000", name=HOSTILE)
    assert HOSTILE not in text(maja.get(f"/holds/of/{her}/", headers=PART))
    for words in ("q=%00%3Cscript%3E", "product=x", "product=-1", "goods=%00", f"product={9**30}"):
        page = text(maja.get(f"/holds/of/{her}/find/?{words}"))
        assert "<script>" not in page


# --- her orders -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_ten_thousandth_order_does_not_make_the_panel_longer(
    maja: Client, her: int, anna: int, shop: Shop
) -> None:
    many = Order.objects.bulk_create(
        Order(
            number=f"N{one}",
            key=f"{one:032x}",
            content=f"{one:032x}",
            identifier_id=anna,
            state="completed",
            channel="web",
            market="SE",
            currency="SEK",
            language="sv",
            total=100,
            vat=20,
        )
        for one in range(10_000)
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=one,
            line=0,
            variant_id=shop.small,
            sku="vinga-38",
            product="vinga",
            name=HOSTILE,
            options="38",
            quantity=1,
            amount=100,
            list_amount=100,
            total=100,
            vat_rate=2500,
            fulfilment="ship",
            delivered=1,
        )
        for one in many
    )
    page = text(maja.get(f"/orders/of/{her}/", headers=PART))
    assert page.count("open-order") == 5
    assert HOSTILE not in page
    assert "Everything that was bought" in page
