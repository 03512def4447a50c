"""The pages of quotes: hers, by a link; and ours, where they are put together."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from spindel.catalogue.models import Place, Price, Product
from spindel.commerce.common import links
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.quotes import actions
from spindel.commerce.quotes.models import Quote
from spindel.identity import customers, ownership
from spindel.kit.idempotency import Request
from spindel.messages.models import Mail
from spindel.staff.actors import Actor
from spindel.staff.models import AuditEntry, Role, User
from spindel.timeline.models import Fact
from tests.commerce.conftest import Shop
from tests.commerce.quotes.cast import ANNA, HOME, OSKAR, let_time_pass, make, offer, sent
from tests.commerce.stock.cast import deliver, reserve, there
from tests.console.conftest import BACKEND, as_role, maja, text

__all__ = ["as_role", "maja"]
HOSTILE = "<script>alert(1)</script>'\"&{{ 7*7 }} åäöæø"


@pytest.fixture
def priced(shop: Shop) -> Shop:
    """Vinga costs 1,299 kronor, and the warehouse sends."""
    for variant in (shop.small, shop.large):
        Price.objects.create(variant_id=variant, market="SE", currency="SEK", amount=129_900)
    Place.objects.filter(pk=shop.warehouse).update(ships=True)
    deliver(shop.small, shop.warehouse, 5)
    return shop


@pytest.fixture
def her() -> Client:
    """A browser that knows nothing of us, and asks for CSRF's proof as a real one is asked."""
    return Client(HTTP_ACCEPT_LANGUAGE="en", enforce_csrf_checks=True)


@pytest.fixture
def oskar(clerk: User) -> Client:
    """Oskar in the store, logged in."""
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(clerk, backend=BACKEND)
    return client


def address(quote: Quote) -> str:
    return f"/q/{links.code('quote', quote.pk)}/?in=en"


def accept(her: Client, quote: Quote, page: str | None = None):  # type: ignore[no-untyped-def]  # the test client's
    """Click the button that the page has, as it was when it was opened."""
    page = text(her.get(address(quote))) if page is None else page
    form = re.search(r'<form class="act" method="post" action="([^"]+)"', page)
    assert form, "There is no button."
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    return her.post(form[1], fields)


# --- hers -----------------------------------------------------------------------------------------


def test_she_sees_what_is_offered_and_accepts_it_by_one_click(priced: Shop, her: Client) -> None:
    quote = sent(Item(priced.small, 2, amount=119_900), note="Som vi sa.\nHälsningar")
    page = text(her.get(address(quote)))
    for words in ("For Anna Åkesson", "SEK", "2,398", "Yours until", "by Oskar", "Som vi sa.<br>"):
        assert words in page
    assert "<s>" in page  # what everybody pays
    answer = accept(her, quote, page)
    order = Order.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/o/{links.code('order', order.pk)}/?in=en"
    assert "Order R" in text(her.get(answer["Location"]))


def test_a_double_click_is_one_order_and_the_page_says_so(priced: Shop, her: Client) -> None:
    quote = sent(Item(priced.small, 1))
    page = text(her.get(address(quote)))
    first, second = accept(her, quote, page), accept(her, quote, page)
    assert first["Location"] == second["Location"]
    assert Order.objects.count() == 1
    again = text(her.get(address(quote)))
    assert "You have accepted this" in again
    assert 'class="act"' not in again


def test_looking_changes_nothing_but_that_it_was_seen(priced: Shop, her: Client) -> None:
    """Programs that guard mail open every link, some by HEAD."""
    quote = sent(Item(priced.small, 1), holds=True)
    her.head(address(quote))
    assert Quote.objects.get().seen_at is None
    before = Quote.objects.values().get()
    for _ in range(3):
        text(her.get(address(quote)))
    after = Quote.objects.values().get()
    assert {name for name in after if after[name] != before[name]} == {"seen_at"}
    assert her.get(address(quote).replace("/?", "/accept?")).status_code == 405
    assert Order.objects.count() == 0


def test_nobody_accepts_it_from_another_page(priced: Shop, her: Client) -> None:
    quote = sent(Item(priced.small, 1))
    answer = her.post(address(quote).replace("/?", "/accept?"), {"revision": "1"})
    assert answer.status_code == 403
    assert Order.objects.count() == 0


def test_what_was_changed_since_is_shown_as_it_is_now(priced: Shop, her: Client) -> None:
    quote = sent(Item(priced.small, 1))
    page = text(her.get(address(quote)))
    actions.revise(quote.pk, 1, offer(Item(priced.small, 3)), OSKAR)
    answer = accept(her, quote, page)
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "It was changed since you opened it" in shown
    assert "3,897" in shown
    assert Order.objects.count() == 0
    assert accept(her, quote, shown).status_code == 302
    assert Order.objects.get().total == 389_700


def test_what_is_over_says_what_she_can_do_and_is_told_to_the_clerk(
    priced: Shop, her: Client, oskar: Client
) -> None:
    late, gone = sent(Item(priced.small, 1)), sent(Item(priced.small, 1))
    pages = {one.pk: text(her.get(address(one))) for one in (late, gone)}
    let_time_pass(late)
    actions.withdraw(gone.pk, by="Oskar")
    for quote, words in ((late, "The time of this quote is over"), (gone, "was withdrawn")):
        answer = accept(her, quote, pages[quote.pk])
        assert answer.status_code == 409
        page = answer.content.decode()
        assert words in page
        assert "ask Oskar for a new one" in page
        assert 'class="act"' not in page
        assert words in text(her.get(address(quote)))
    assert Order.objects.count() == 0
    assert sorted(Quote.objects.values_list("failure", flat=True)) == ["expired", "withdrawn"]
    assert "The customer wanted to accept it" in text(oskar.get(f"/quotes/{late.pk}/"))
    assert text(oskar.get("/quotes/")).count("The customer wanted it") == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": HOME | {"postcode": "1"}},
        {"address": {}},
        {"contact": {"name": "Anna", "phone": "1"}},
        {"pay_by": "store"},
    ],
    ids=["postcode", "no address", "number", "payment"],
)
def test_what_is_not_right_in_it_is_told_to_the_clerk(
    priced: Shop, her: Client, oskar: Client, wrong: dict[str, object]
) -> None:
    """The rules may be stricter by now than they were when it was made."""
    quote = sent(Item(priced.small, 1))
    Quote.objects.update(**wrong)
    answer = accept(her, quote)
    assert answer.status_code == 409
    assert "Oskar is told" in answer.content.decode()
    assert Order.objects.count() == 0
    assert Fact.objects.get(name="Quote Failed").properties["reason"] == "not_right"
    page = text(oskar.get(f"/quotes/{quote.pk}/"))
    assert "could not: Something in it is not right" in page
    assert "the form says what is not right" in page
    assert "The customer wanted it" in text(oskar.get("/quotes/"))


def test_what_is_sold_out_says_what_there_is_and_is_told_to_the_clerk(
    priced: Shop, her: Client, oskar: Client
) -> None:
    deliver(priced.small, priced.warehouse, 1)
    deliver(priced.large, priced.warehouse, 1)
    quote = sent(Item(priced.small, 6), Item(priced.large, 1))
    shown = text(her.get(address(quote)))
    assert "Only" not in shown
    reserve((priced.small, priced.warehouse, 1), (priced.large, priced.warehouse, 1))
    answer = accept(her, quote, shown)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "only 5 left of Vinga, 38" in page
    assert "Vinga, 39 is sold out" in page
    assert Order.objects.count() == 0
    assert Fact.objects.filter(name="Quote Failed").count() == 1
    assert "could not: Sold out" in text(oskar.get(f"/quotes/{quote.pk}/"))


def test_what_is_sold_out_is_said_before_she_clicks_and_she_can_say_that_she_wants_it(
    priced: Shop, her: Client, oskar: Client
) -> None:
    quote = sent(Item(priced.small, 6), Item(priced.large, 1))
    page = text(her.get(address(quote)))
    for words in ("Only 5 left", "Sold out", "Tell Oskar that I want it"):
        assert words in page
    assert "Accept and order" not in page
    answer = accept(her, quote, page)
    assert answer.status_code == 200
    assert "Oskar is told" in answer.content.decode()
    assert "could not: Sold out" in text(oskar.get(f"/quotes/{quote.pk}/"))
    deliver(priced.small, priced.warehouse, 1)
    deliver(priced.large, priced.warehouse, 1)
    assert "Accept and order" in accept(her, quote, page).content.decode()
    assert Order.objects.count() == 0


def test_what_is_kept_for_it_is_there(priced: Shop, her: Client) -> None:
    quote = sent(Item(priced.small, 5), holds=True)
    assert "Accept and order" in text(her.get(address(quote)))
    assert accept(her, quote).status_code == 302


def test_what_nobody_has_sent_is_not_shown(priced: Shop, her: Client) -> None:
    quote = make(Item(priced.small, 1, amount=119_900))
    page = text(her.get(address(quote)))
    assert "not finished yet" in page
    assert "Vinga" not in page


@pytest.mark.parametrize("code", ["x", "Mg:abc", "..", "0" * 300, "%00"])
def test_a_link_that_was_not_given_out_leads_nowhere(db: None, her: Client, code: str) -> None:
    for page in (f"/q/{code}/", f"/o/{code}/", f"/o/{code}/receipt/", f"/o/{code}/receipt.pdf"):
        assert her.get(page).status_code == 404


def test_a_link_to_one_thing_opens_no_other(priced: Shop, her: Client) -> None:
    quote = sent(Item(priced.small, 1))
    order = actions.accept(quote.pk, 1, channel="email")
    assert her.get(f"/o/{links.code('quote', quote.pk)}/").status_code == 404
    assert her.get(f"/q/{links.code('order', order.pk)}/").status_code == 404


@pytest.mark.parametrize(
    ("language", "words"), [("sv", "Quote"), ("da", "Quote"), ("en", "For Anna")]
)
def test_it_is_in_her_language_or_the_one_she_chooses(
    priced: Shop, her: Client, language: str, words: str
) -> None:
    quote = sent(Item(priced.small, 1), language=language)
    answer = her.get(f"/q/{links.code('quote', quote.pk)}/")
    assert f'<html lang="{language}"' in text(answer)
    assert answer["Content-Language"] == language
    assert '<html lang="da"' in text(her.get(f"/q/{links.code('quote', quote.pk)}/?in=da"))


def test_what_people_have_typed_is_shown_as_text(priced: Shop, her: Client, maja: Client) -> None:
    Product.objects.update(names={"sv": HOSTILE})
    contact = {"name": HOSTILE, "email": "anna@example.se"}
    quote = sent(Item(priced.small, 1), note=HOSTILE, contact=contact)
    actions.send(quote.pk, 1, Request("tests", "mail"), by="Oskar")
    pages = [text(her.get(address(quote))), text(maja.get("/quotes/"))]
    pages += [text(maja.get(f"/quotes/{quote.pk}/{part}")) for part in ("", "edit/", "preview/")]
    pages.append(Mail.objects.get().html)
    order = actions.accept(quote.pk, 1, channel="email")
    pages += [text(her.get(f"/o/{links.code('order', order.pk)}/{x}")) for x in ("", "receipt/")]
    for page in pages:
        assert "<script>alert" not in page
        assert "{{ 7*7 }}" in page
    assert her.get(f"/o/{links.code('order', order.pk)}/receipt.pdf").content.startswith(b"%PDF-")


# --- ours -----------------------------------------------------------------------------------------


def form(priced: Shop, **more: object) -> dict[str, object]:
    """The builder's form, as it is sent."""
    day = (timezone.localdate() + timedelta(days=5)).isoformat()
    words: dict[str, object] = {
        "do": "save",
        "key": "k",
        "variant": [priced.small],
        "quantity": ["2"],
        "price": ["1199"],
        "how": ["ship"],
        "market": "SE",
        "language": "sv",
        "until": day,
        "pay_by": "invoice",
        "name": "Anna Åkesson",
        "email": "anna@example.se",
        "street": "Storgatan 1",
        "postcode": "411 01",
        "city": "Göteborg",
        "country": "SE",
    }
    return words | more


def test_a_clerk_puts_one_together_sends_it_and_withdraws_it(
    priced: Shop, oskar: Client, clerk: User
) -> None:
    answer = oskar.post("/quotes/new/", form(priced, holds="yes", note="Välkommen"))
    quote = Quote.objects.get()
    assert answer["Location"] == f"/quotes/{quote.pk}/"
    assert (quote.staff, quote.by, quote.channel) == (clerk, "Oskar", "store")
    assert quote.lines.get().amount == 119_900
    assert timezone.localtime(quote.until).strftime("%H:%M") == "23:59"
    assert there(priced.small, priced.warehouse) == (5, 2, 3)
    assert oskar.post("/quotes/new/", form(priced, holds="yes", note="Välkommen"))["Location"]
    assert Quote.objects.count() == 1  # the same form sent twice
    page = text(oskar.get(f"/quotes/{quote.pk}/"))
    assert "held until then" in page
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    words = {"revision": "1", "key": key[1], "by": "mail"}
    for _ in range(2):
        oskar.post(f"/quotes/{quote.pk}/send/", words)
    assert Mail.objects.filter(purpose="quote").count() == 1
    assert "Anna Åkesson" in text(oskar.get(f"/quotes/{quote.pk}/preview/"))
    oskar.post(f"/quotes/{quote.pk}/withdraw/")
    quote.refresh_from_db()
    assert quote.state == "withdrawn"
    assert there(priced.small, priced.warehouse) == (5, 0, 5)


def test_the_limit_is_shown_and_holds_whatever_the_form_says(priced: Shop, oskar: Client) -> None:
    page = text(
        oskar.post(
            "/quotes/new/", form(priced, do="count", price=["1000"]), headers={"HX-Request": "true"}
        )
    )
    assert "you may go to" in page
    assert "At least" in page
    answer = oskar.post("/quotes/new/", form(priced, price=["1000"]))
    assert answer.status_code == 409
    assert "You may offer Vinga, 38 for" in answer.content.decode()
    assert 'value="1000"' in answer.content.decode()  # nothing of the form is lost
    assert Quote.objects.count() == 0


@pytest.mark.parametrize(
    "more",
    [
        {"until": "2020-01-01"},
        {"until": "soon"},
        {"until": "9999-12-31"},
        {"quantity": ["0"]},
        {"quantity": ["x"]},
        {"price": ["-1"]},
        {"price": ["twelve"]},
        {"price": ["1299.999"]},
        {"how": ["nowhere"]},
        {"how": ["boras"]},
        {"market": "ZZ"},
        {"language": "xx"},
        {"pay_by": "till"},
        {"email": "", "name": "Anna"},
        {"email": "nothing"},
        {"street": ""},
        {"variant": ["999999"]},
        {"variant": []},
        {"holds": "yes", "quantity": ["6"]},
    ],
)
def test_a_form_that_is_not_right_says_so_and_loses_nothing(
    priced: Shop, oskar: Client, more: dict[str, object]
) -> None:
    answer = oskar.post("/quotes/new/", form(priced, note="still here", **more))
    assert answer.status_code == 409
    assert 'role="alert"' in answer.content.decode()
    assert "still here" in answer.content.decode()
    assert Quote.objects.count() == 0


@pytest.mark.parametrize(
    ("more", "box"),
    [
        ({"until": "soon"}, "until"),
        ({"email": "", "name": "Anna"}, "email"),
        ({"street": ""}, "street"),
        ({"postcode": "41"}, "postcode"),
        ({"country": "QQ"}, "country"),
        ({"pay_by": "store"}, "pay_by"),
        ({"quantity": ["x"]}, "items"),
        ({"variant": []}, "items"),
    ],
)
def test_what_is_not_right_is_said_at_its_box_once_it_is_saved(
    priced: Shop, oskar: Client, more: dict[str, object], box: str
) -> None:
    page = oskar.post("/quotes/new/", form(priced, **more)).content.decode()
    assert re.findall(r'class="field-error" role="alert" id="f-(\w+)_error"', page) == [box]
    assert "field-error" not in text(oskar.post("/quotes/new/", form(priced, do="count", **more)))


def test_of_one_thing_there_are_999_at_most(priced: Shop, oskar: Client) -> None:
    full = form(priced, do=f"add-{priced.small}", quantity=["999"])
    assert 'name="quantity" value="999"' in text(oskar.post("/quotes/new/", full))


def test_buttons_of_the_form_work_without_scripts_too(priced: Shop, oskar: Client) -> None:
    page = text(oskar.post("/quotes/new/", form(priced, do="find", q="vinga")))
    assert f'value="add-{priced.large}"' in page
    page = text(oskar.post("/quotes/new/", form(priced, do=f"add-{priced.large}")))
    assert page.count('name="variant"') == 2
    page = text(oskar.post("/quotes/new/", form(priced, do=f"add-{priced.small}")))
    assert re.search(r'name="quantity" value="3"', page)
    page = text(oskar.post("/quotes/new/", form(priced, do="remove-0")))
    assert 'name="variant"' not in page
    text(oskar.post("/quotes/new/", form(priced, do="find")))  # nothing was typed
    page = text(oskar.post("/quotes/new/", form(priced, do="find", q="VINGA-39")))  # scanned
    assert page.count('name="variant"') == 2


def test_two_who_change_it_at_once_do_not_undo_each_other(priced: Shop, oskar: Client) -> None:
    oskar.post("/quotes/new/", form(priced))
    quote = Quote.objects.get()
    edit = f"/quotes/{quote.pk}/edit/"
    assert oskar.post(edit, form(priced, revision="1", quantity=["3"])).status_code == 302
    answer = oskar.post(edit, form(priced, revision="1", quantity=["4"]))
    assert answer.status_code == 409
    assert "Somebody has changed it meanwhile" in answer.content.decode()
    assert Quote.objects.get().lines.get().quantity == 3


def test_a_copy_is_a_new_one(priced: Shop, oskar: Client) -> None:
    oskar.post("/quotes/new/", form(priced))
    quote = Quote.objects.get()
    oskar.post(f"/quotes/{quote.pk}/withdraw/")
    page = text(oskar.get(f"/quotes/new/?copy={quote.pk}"))
    assert 'name="price" value="1199.00"' in page
    assert 'value="anna@example.se"' in page
    assert oskar.get(f"/quotes/{quote.pk}/edit/").status_code == 302  # it is over


def test_from_her_page_it_is_filled_in_and_hers(priced: Shop, anna: int, maja: Client) -> None:
    customer = customers.by_identifier("user_id", "anna")
    panel = text(maja.get(f"/quotes/of/{customer}/"))
    assert f"/quotes/new/?customer={customer}" in panel
    page = text(maja.get(f"/quotes/new/?customer={customer}"))
    assert 'value="anna@example.se"' in page
    maja.post(f"/quotes/new/?customer={customer}", form(priced, price=["1110"]))
    quote = Quote.objects.get()
    assert quote.identifier_id == anna
    assert f"/quotes/{quote.pk}/" in text(maja.get(f"/quotes/of/{customer}/"))


def test_what_her_timeline_tells_of_it_leads_to_it(priced: Shop, anna: int, maja: Client) -> None:
    drawn, request = offer(Item(priced.small, 1)), Request("test", "q")
    quote = actions.make(drawn, OSKAR, identifier=anna, request=request)
    actions.send(quote.pk, quote.revision, Request("test", "s"), by="Oskar", mail=False)
    customer = customers.by_identifier("user_id", "anna")
    fact = Fact.objects.get(name="Quote Sent")
    page = text(maja.get(f"/customers/{customer}/facts/{fact.pk}/"))
    address = re.search(r'href="(/quotes/of/[^"]+)"', page)
    assert address
    assert maja.get(address[1])["Location"] == f"/quotes/{quote.pk}/"
    assert maja.get(f"/quotes/of/{customer}/numbered/?quote=none").status_code == 404


def test_one_is_begun_where_one_begins_for_her(
    priced: Shop, anna: int, as_role: Callable[[Role], Client]
) -> None:
    customer = customers.by_identifier("user_id", "anna")
    for role, sees in ((Role.AGENT, True), (Role.ANALYST, False)):
        client = as_role(role)
        head = text(client.get(f"/orders/of/{customer}/does/"))
        assert (f"/quotes/new/?customer={customer}" in head) is sees
        assert 'href="/quotes/"' in text(client.get("/orders/")).split("orders-filter")[0]


def test_who_sees_no_contacts_sees_what_was_offered_and_not_to_whom(
    priced: Shop, as_role: Callable[[Role], Client]
) -> None:
    quote = sent(Item(priced.small, 1), note="Ring 070-123 45 67")
    analyst = as_role(Role.ANALYST)
    for page in ("/quotes/", f"/quotes/{quote.pk}/"):
        shown = text(analyst.get(page))
        assert "Vinga" in shown
        for secret in ("Anna", "anna@example.se", "070-123", "Storgatan", quote_link(quote)):
            assert secret not in shown
    assert analyst.get(f"/quotes/{quote.pk}/preview/").status_code == 403


def quote_link(quote: Quote) -> str:
    return links.code("quote", quote.pk)


def test_a_clerk_sees_the_customers_of_colleagues_only_when_she_has_looked_them_up(
    priced: Shop, oskar: Client, agent: User
) -> None:
    maker = actions.Maker(Actor("Maja", agent.pk, channel="phone"), 15)
    quote = make(Item(priced.small, 1), maker=maker)
    actions.send(quote.pk, 1, Request("tests", "s"), by="Maja", mail=False)
    page = text(oskar.get(f"/quotes/{quote.pk}/"))
    assert "anna@example.se" not in page
    assert quote_link(quote) not in page
    assert oskar.get(f"/quotes/{quote.pk}/edit/").status_code == 403
    assert oskar.post(f"/quotes/{quote.pk}/withdraw/").status_code == 403
    assert ANNA["name"] not in text(oskar.get("/quotes/"))


def test_who_is_shown_in_the_list_is_on_record(priced: Shop, anna: int, maja: Client) -> None:
    customer = customers.by_identifier("user_id", "anna")
    assert customer
    actions.make(
        offer(Item(priced.small, 1)),
        OSKAR,
        identifier=ownership.under(customer),
        request=Request("t", "k"),
    )
    text(maja.get("/quotes/"))
    assert AuditEntry.objects.filter(did="quotes.listed").count() == 1


def test_what_becomes_of_its_mail_is_one_truth(
    priced: Shop, maja: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    quote = make(Item(priced.small, 1, amount=129_900), key="fate")
    page = text(maja.get(f"/quotes/{quote.pk}/"))
    assert "No mail server is set up" in page
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    words = {"revision": "1", "key": key[1], "by": "mail"}
    page = text(maja.post(f"/quotes/{quote.pk}/send/", words, follow=True))
    assert f"It waits for {ANNA['email']}: no mail server is set up." in page
    assert "It waits: no mail server is set up" in page
    assert "On its way" not in page
    monkeypatch.setenv("SPINDEL_SMTP_URL", "smtp://127.0.0.1:1")
    monkeypatch.setenv("SPINDEL_MAIL_FROM", "Nordsko <hello@nordsko.example>")
    page = text(maja.get(f"/quotes/{quote.pk}/"))
    assert "It is on its way" in page
    assert "mail server" not in page
    Mail.objects.update(done_at=timezone.now(), attempts=1)
    assert "The mail server has taken it" in text(maja.get(f"/quotes/{quote.pk}/"))
    Mail.objects.update(done_at=None, failed_at=timezone.now())
    assert "is not tried any more" in text(maja.get(f"/quotes/{quote.pk}/"))
