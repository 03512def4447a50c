"""A quote on the store tablet, from the goods to the mail, without the console."""

from __future__ import annotations

import re

import pytest

from spindel.commerce.quotes import actions
from spindel.commerce.quotes.models import Quote
from spindel.commerce.stock.models import Hold
from spindel.messages.models import Mail
from spindel.staff.models import Role, User
from tests.commerce.conftest import Shop
from tests.commerce.stock.cast import deliver, there
from tests.conftest import PASSWORD
from tests.store.cast import Tablet, look_up_anna, product_page, undo
from tests.store.cast import priced as priced  # a fixture
from tests.store.cast import tablet as tablet  # a fixture

WHO = {"name": "Anna", "email": "anna@example.se"}


def quoted(tablet: Tablet, variant: int, more: str = "") -> str:
    return tablet.get(f"/store/quote/?add={variant}{more}")


def test_a_quote_is_mailed_once_from_the_product(
    tablet: Tablet, priced: Shop, anna: int, clerk: User
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    look_up_anna(tablet)
    page = tablet.get(product_page(priced, priced.small))
    assert f'href="/store/quote/?add={priced.small}"' in page
    page = quoted(tablet, priced.small)
    fields: dict[str, object] = tablet.form(page, "/store/quote/") | WHO | {"by": "mail"}
    for _ in range(2):
        page = tablet.send("/store/quote/", dict(fields))
    assert "It waits for anna@example.se: no mail server is set up." in page
    quote = Quote.objects.get()
    assert (quote.state, quote.channel, quote.place_id, quote.staff_id) == (
        "sent",
        "store",
        priced.goteborg,
        clerk.pk,
    )
    assert Mail.objects.filter(purpose="quote").count() == 1
    assert there(priced.small, priced.goteborg) == (1, 1, 0)  # kept until then
    assert 'class="qr"' in page
    assert "Withdrawn" in undo(tablet, page)
    assert there(priced.small, priced.goteborg) == (1, 0, 1)


def test_more_is_scanned_into_it_and_a_price_is_typed(tablet: Tablet, priced: Shop) -> None:
    page = quoted(tablet, priced.small, "&holds=no")
    page = tablet.tap(page, "/store/scan/", code="vinga-39")
    page = tablet.tap(page, "/store/scan/", code="vinga-39")
    assert page.count('<div class="line">') == 2
    assert tablet.form(page, "/store/quote/")["quantity"] == ["1", "2"]
    query = f"variant={priced.small}&quantity=1&price=1200&how=goteborg&until=&pay_by=store"
    page = tablet.get(f"/store/quote/?{query}")
    fields: dict[str, object] = tablet.form(page, "/store/quote/") | WHO | {"by": "link"}
    page = tablet.send("/store/quote/", fields)
    assert "Whoever has the code can accept it now." in page
    assert Quote.objects.get().lines.get().amount == 120_000
    assert not Mail.objects.exists()


def test_below_the_limit_nothing_is_sent_and_what_was_typed_stays(
    tablet: Tablet, priced: Shop
) -> None:
    query = f"variant={priced.small}&quantity=1&price=100&how=goteborg&until=&pay_by=store"
    page = tablet.get(f"/store/quote/?{query}")
    assert "At least" in page
    assert 'value="mail"' not in page
    fields: dict[str, object] = tablet.form(page, "/store/quote/") | WHO | {"by": "mail"}
    answer = tablet.client.post("/store/quote/", fields)
    assert answer.status_code == 409
    assert "anna@example.se" in answer.content.decode()
    assert not Quote.objects.exists()


def test_without_an_address_it_is_not_mailed(tablet: Tablet, priced: Shop) -> None:
    page = quoted(tablet, priced.small)
    fields: dict[str, object] = tablet.form(page, "/store/quote/") | {"name": "A", "by": "mail"}
    answer = tablet.client.post("/store/quote/", fields)
    assert "Say to which e-mail address it is sent." in answer.content.decode()
    assert not Quote.objects.exists()


def test_what_is_in_a_sale_or_a_cart_is_offered_instead(
    tablet: Tablet, priced: Shop, anna: int
) -> None:
    page = tablet.tap(tablet.get("/store/sale/"), "/store/scan/", code="vinga-38")
    page = tablet.tap(page, "/store/scan/", code="vinga-38")
    (link,) = re.findall(r'href="(/store/quote/\?[^"]*variant[^"]*)"', page)
    page = tablet.get(link.replace("&amp;", "&"))
    assert tablet.form(page, "/store/quote/")["quantity"] == ["2"]
    her = look_up_anna(tablet)
    tablet.get(f"/store/customers/{her}/")
    tablet.tap(tablet.get(product_page(priced, priced.large)), "/store/into-cart/")
    page = tablet.get("/store/quote/?cart=yes")
    assert tablet.form(page, "/store/quote/")["variant"] == [str(priced.large)]
    assert 'value="anna@example.se"' in page


def test_what_is_kept_for_a_quote_leads_to_it_on_the_tablet(
    tablet: Tablet, priced: Shop, anna: int
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    look_up_anna(tablet)
    page = quoted(tablet, priced.small)
    tablet.send("/store/quote/", tablet.form(page, "/store/quote/") | WHO | {"by": "link"})
    quote, hold = Quote.objects.get(), Hold.objects.get()
    tablet.tap(tablet.get("/store/"), f"/store/holds/{hold.pk}/aside/")
    assert f'href="/store/quotes/{quote.pk}/"' in tablet.get("/store/?list=hand")
    order = actions.accept(quote.pk, quote.revision, channel="web")
    assert f"/store/orders/{order.number}/" in tablet.get(f"/store/quotes/{quote.pk}/")


@pytest.mark.parametrize("role", [Role.MARKETER, Role.ANALYST])
def test_who_may_offer_nothing_makes_none(priced: Shop, role: Role) -> None:
    user = User.objects.create_user(f"{role}@nordsko.example", PASSWORD, role=role)
    assert Tablet(user).client.get("/store/quote/").status_code == 403
