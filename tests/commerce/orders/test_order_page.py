"""The page of an order, which a customer opens by a link; and its receipt."""

from __future__ import annotations

import re
import zlib
from datetime import timedelta

import pytest
import segno
from django.test import Client
from django.utils import timezone

from spindel.catalogue.models import Place, Price, Product, Variant
from spindel.commerce.common import links
from spindel.commerce.orders import actions, receipts
from spindel.commerce.orders import reading as orders
from spindel.commerce.orders.actions import Some
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.payments.models import PaymentCommand
from spindel.commerce.stock.models import Hold
from spindel.kit.idempotency import Request
from spindel.staff.actors import Actor
from tests.commerce import acting
from tests.commerce.conftest import Shop
from tests.commerce.quotes.cast import ANNA, HOME
from tests.commerce.stock.cast import deliver, there
from tests.console.conftest import text


@pytest.fixture
def priced(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Vinga costs 1,299 kronor, a book on it 53 at 6 %; the warehouse sends, Göteborg has both."""
    monkeypatch.setenv("SPINDEL_SELLER", "Nordsko Åäöæø AB")
    monkeypatch.setenv("SPINDEL_SELLER_NUMBER", "SE556677889901")
    monkeypatch.setenv("SPINDEL_SELLER_ADDRESS", "Storgatan 1, Borås")
    for variant in (shop.small, shop.large):
        Price.objects.create(variant_id=variant, market="SE", currency="SEK", amount=129_900)
    book = Product.objects.create(number="bok", names={"sv": "Vårda skor"}, vat=600)
    bound = Variant.objects.create(product=book, sku="bok-1")
    Price.objects.create(variant=bound, market="SE", currency="SEK", amount=5_300)
    Place.objects.filter(pk=shop.warehouse).update(ships=True)
    for variant in (shop.small, shop.large, bound.pk):
        deliver(variant, shop.warehouse, 5)
        deliver(variant, shop.goteborg, 5)
    return shop


def buy(shop: Shop, *items: Item, **more: object) -> Order:
    words: dict[str, object] = {
        "source": "test",
        "key": str(Order.objects.count()),
        "items": items,
        "market": "SE",
        "currency": "SEK",
        "language": "sv",
        "channel": "web",
        "pay_by": "invoice",
        "contact": ANNA,
        "address": HOME,
    }
    return placing.sell(acting.drafted(**(words | more)))  # type: ignore[arg-type]  # the words are right


def book() -> int:
    return Variant.objects.get(sku="bok-1").pk


def address(order: Order, part: str = "") -> str:
    return f"/o/{links.code('order', order.pk)}/{part}?in=en"


@pytest.fixture
def her() -> Client:
    """A browser that knows nothing of us, and asks for CSRF's proof as a real one is asked."""
    return Client(HTTP_ACCEPT_LANGUAGE="en", enforce_csrf_checks=True)


def press(her: Client, order: Order, part: str, **fields: object):  # type: ignore[no-untyped-def]  # the test client's
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text(her.get(address(order))))
    assert token
    return her.post(address(order, part), {"csrfmiddlewaretoken": token[1], **fields})


def test_it_shows_parcels_with_their_carrier_and_what_is_left(priced: Shop, her: Client) -> None:
    order = buy(priced, Item(priced.small, 2), Item(priced.large, 1))
    acting.ship(
        order.pk,
        priced.warehouse,
        [Some(0, 1)],
        carrier="PostNord",
        tracking="00370",
        tracking_url="https://postnord.example/00370",
        actor=Actor("Elin"),
        request=Request("s", "k"),
    )
    page = text(her.get(address(order)))
    for words in (
        "PostNord",
        "00370",
        "1\xa0× on its way to you",
        "Is being packed",
        "Elin",
        "Storgatan 1",
    ):
        assert words in page
    assert '<a href="https://postnord.example/00370" rel="noreferrer noopener">' in page


def test_a_parcel_links_only_to_the_web(priced: Shop, her: Client) -> None:
    order = buy(priced, Item(priced.small, 1))
    how = {"carrier": "X", "tracking": "1", "by": "E", "source": "s", "key": "k"}
    acting.ship(order.pk, priced.warehouse, None, tracking_url="javascript:alert(1)", **how)
    assert "javascript:" not in text(her.get(address(order)))


def test_where_it_is_collected_and_until_when(priced: Shop, her: Client) -> None:
    order = buy(priced, Item(priced.small, 1, "pick_up", priced.goteborg), pay_by="store")
    page = text(her.get(address(order)))
    for words in (
        "You collect it in Göteborg",
        "Kept for you until",
        "Monday–Sunday",
        "10:00–18:00",
    ):
        assert words in page
    Hold.objects.update(set_aside_at=timezone.now())
    assert "Ready for you in Göteborg" in text(her.get(address(order)))
    today = timezone.localdate() + timedelta(days=1)
    Place.objects.update(exceptions={today.isoformat(): []})
    assert "closed" in text(her.get(address(order)))


def test_she_cancels_what_has_not_left_and_nothing_else(priced: Shop, her: Client) -> None:
    order = buy(priced, Item(priced.small, 2), Item(priced.large, 1))
    how = {"carrier": "X", "by": "E", "source": "s", "key": "k"}
    acting.ship(order.pk, priced.warehouse, [Some(0, 1)], **how)
    assert press(her, order, "cancel").status_code == 409  # nothing is ticked
    assert press(her, order, "cancel", line=["0", "x", "77"], why="Too late").status_code == 302
    order.refresh_from_db()
    assert [(x.delivered, x.cancelled) for x in order.lines.order_by("line")] == [(1, 1), (0, 0)]
    page = text(her.get(address(order)))
    assert "1\xa0× cancelled" in page
    assert "Too late" in page
    assert there(priced.small, priced.warehouse) == (4, 0, 4)
    press(her, order, "cancel", line=["0", "1"])
    assert "Cancel what has not left" not in text(her.get(address(order)))
    assert her.post(address(order, "cancel"), {"line": "0"}).status_code == 403  # no CSRF proof


def test_looking_at_it_changes_nothing(priced: Shop, her: Client) -> None:
    order = buy(priced, Item(priced.small, 1), pay_by="card")
    before = list(Order.objects.values()), list(order.lines.values()), list(order.events.values())
    for part in ("", "receipt/", "receipt.pdf"):
        assert her.get(address(order, part)).status_code == 200
    for part in ("cancel", "pay"):
        assert her.get(address(order, part)).status_code == 405
    after = list(Order.objects.values()), list(order.lines.values()), list(order.events.values())
    assert after == before
    assert PaymentCommand.objects.count() == 0


def test_the_receipt_has_vat_by_rate_the_seller_and_the_number(priced: Shop, her: Client) -> None:
    order = buy(
        priced,
        Item(priced.small, 2, "hand_over", priced.goteborg),
        Item(book(), 1, "hand_over", priced.goteborg),
        pay_by="till",
        place=priced.goteborg,
        by="Oskar",
    )
    made = receipts.of(orders.view(order, "en"))
    assert [(x.rate, x.net, x.vat, x.total) for x in made.vat] == [
        (600, 5_000, 300, 5_300),
        (2_500, 207_840, 51_960, 259_800),
    ]
    assert (made.total, made.paid, made.is_paid) == (265_100, 265_100, True)
    page = text(her.get(address(order, "receipt/")))
    for words in ("Nordsko Åäöæø AB", "SE556677889901", "Storgatan 1, Borås", "Receipt", "Oskar"):
        assert words in page
    for words in ("Göteborg", "25%", "6%", "2,078.40", "519.60", made.number_spaced, "<svg"):
        assert words in page, words


def test_before_it_is_paid_it_is_no_receipt(priced: Shop, her: Client) -> None:
    order = buy(priced, Item(priced.small, 1))
    assert "Order confirmation" in text(her.get(address(order, "receipt/")))


def test_what_was_cancelled_is_not_on_the_receipt(priced: Shop) -> None:
    order = buy(priced, Item(priced.small, 2), Item(book(), 1))
    actions.cancel(order.pk, [Some(0, 1), Some(1, 1)], by="Elin")
    made = receipts.of(orders.view(order, "en"))
    assert [(one.name, one.quantity) for one in made.rows] == [("Vinga", 1)]
    assert made.total == 129_900
    actions.cancel(order.pk, None, by="Elin")
    empty = receipts.of(orders.view(order, "en"))
    assert (empty.rows, empty.total, empty.vat) == ([], 0, [])


@pytest.mark.parametrize("language", ["sv", "da", "en"])
def test_the_receipt_comes_as_pdf_in_her_language_with_its_letters(
    priced: Shop, her: Client, language: str, caplog: pytest.LogCaptureFixture
) -> None:
    Product.objects.filter(number="bok").update(names={language: "Łódź åäö æø – “x” 鞋 \u202f\x07"})
    deliver(book(), priced.goteborg, 60)
    order = buy(
        priced,
        *(Item(book(), 1, "hand_over", priced.goteborg, amount=5_000 + n) for n in range(60)),
        pay_by="till",
        language=language,
    )
    answer = her.get(f"/o/{links.code('order', order.pk)}/receipt.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert order.number in answer["Content-Disposition"]
    content = answer.content
    assert content.startswith(b"%PDF-")
    assert [one.name for one in caplog.records if one.name.startswith(("font", "fpdf"))] == []
    assert content.count(b"/Type /Page\n") > 1  # as many sheets as it needs
    assert f"/Lang ({language})".encode() in content
    streams = re.findall(rb"stream\n(.+?)\nendstream", content, re.DOTALL)
    assert any(b"BT" in zlib.decompress(one) for one in streams if one[:1] == b"x")


def test_the_code_on_the_receipt_is_its_number(priced: Shop) -> None:
    order = buy(priced, Item(priced.small, 1))
    made = receipts.of(orders.view(order, "en"))
    assert made.qr() == segno.make(order.number, error="m", micro=False)
