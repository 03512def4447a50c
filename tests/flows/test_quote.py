"""Made in the store, sent by mail, opened on the phone at home, and ordered by one click."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

from django.test import Client
from django.utils import timezone

from spindel.catalogue.models import Place, Price
from spindel.commerce.orders import order_holds
from spindel.commerce.orders.models import Order
from spindel.commerce.quotes.models import Quote
from spindel.identity import customers
from spindel.messages import jobs as mails
from spindel.staff.models import User
from tests.commerce.conftest import Shop
from tests.commerce.conftest import shop as shop  # a fixture
from tests.commerce.stock.cast import deliver, there
from tests.console.conftest import BACKEND, text
from tests.mailbox import Mailbox, html_of, links_in, subject_of, text_of
from tests.telling import follow
from tests.working import work


def _form(shop: Shop) -> dict[str, object]:
    return {
        "do": "save",
        "key": "k",
        "variant": [shop.small, shop.large],
        "quantity": ["1", "1"],
        "price": ["1199", ""],
        "how": ["ship", "goteborg"],
        "market": "SE",
        "language": "en",
        "until": (timezone.localdate() + timedelta(days=3)).isoformat(),
        "pay_by": "invoice",
        "holds": "yes",
        "note": "The 39 is a little narrow: try both.",
        "name": "Anna Åkesson",
        "email": "anna@example.se",
        "street": "Storgatan 1",
        "postcode": "411 01",
        "city": "Göteborg",
        "country": "SE",
    }


def test_a_quote_goes_by_mail_and_becomes_an_order_by_one_click(
    shop: Shop, clerk: User, mailbox: Mailbox
) -> None:
    for variant in (shop.small, shop.large):
        Price.objects.create(variant_id=variant, market="SE", currency="SEK", amount=129_900)
    Place.objects.filter(pk=shop.warehouse).update(ships=True)
    deliver(shop.small, shop.warehouse, 1)
    deliver(shop.large, shop.goteborg, 1)

    # In the store: Oskar puts it together with her, and sends it.
    oskar = Client(HTTP_ACCEPT_LANGUAGE="en")
    oskar.force_login(clerk, backend=BACKEND)
    page = oskar.post("/quotes/new/", _form(shop))["Location"]
    key = re.search(r'name="key" value="([^"]+)"', text(oskar.get(page)))
    assert key
    oskar.post(f"{page}send/", {"revision": "1", "key": key[1], "by": "mail"})
    assert there(shop.small, shop.warehouse) == (1, 1, 0)

    # The mail.
    while mails.step():
        pass
    mail = mailbox.wait_for("anna@example.se")
    assert "quote from Nordsko" in subject_of(mail)
    assert "1 × Vinga, 38: SEK\xa01,199" in text_of(mail)
    assert "The 39 is a little narrow" in text_of(mail)
    (link,) = [one for one in links_in(mail) if "/q/" in one]
    assert link in html_of(mail)

    # At home: what guards her mail opens the link, then she does.
    address = urlsplit(link).path
    guard, anna = Client(), Client(enforce_csrf_checks=True)
    guard.head(address)
    shown = text(anna.get(address))
    assert "2,498" in shown
    assert text(oskar.get(page)).count("not yet") == 0  # the clerk sees that it was opened
    form = re.search(r'<form class="act" method="post" action="([^"]+)"', shown)
    assert form
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', shown))
    answers = [anna.post(form[1], fields) for _ in range(2)]  # a double click
    assert {one.status_code for one in answers} == {302}

    # The order: at the price that was offered, with the goods that were held.
    order = Order.objects.get()
    assert (order.total, order.state, order.channel) == (249_800, "confirmed", "email")
    kept = order_holds.of_order(order.pk).filter(state="active")
    assert {(one.variant_id, one.place_id) for one in kept} == {
        (shop.small, shop.warehouse),
        (shop.large, shop.goteborg),
    }
    ordered = text(anna.get(answers[0]["Location"]))
    assert "Confirmed" in ordered
    assert "You collect it in Göteborg" in ordered
    assert f"/orders/{order.pk}/" in text(oskar.get(page))

    # All of it is on her timeline.
    work("commerce")
    follow()
    customer = customers.by_identifier("email", "anna@example.se")
    assert customer
    names = [one.name for one in customers.timeline(customer).items]
    assert sorted(names) == ["Order Completed", "Quote Accepted", "Quote Sent"]
    assert Quote.objects.get().state == "accepted"
