"""Every page of every face opens, for every kind of order, quote, hold, return and shopper; and
every page, mail and receipt speaks its reader's language, and no other.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from html import escape, unescape
from itertools import chain
from typing import NamedTuple
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django import DjangoDbBlocker

from spindel.catalogue.models import Place, Product
from spindel.commerce.common import links, mailing
from spindel.commerce.common.mailing import Noted
from spindel.commerce.common.models import Notice
from spindel.commerce.orders import reading as orders
from spindel.commerce.orders import receipt_pdf, receipts
from spindel.commerce.orders.models import Order, Return
from spindel.commerce.quotes import quote_mail
from spindel.commerce.quotes import reading as quotes
from spindel.commerce.quotes.models import Quote
from spindel.commerce.stock.reading import levels
from spindel.demo.storefront.app import _routes
from spindel.staff.actions import create_token
from spindel.staff.api import needs
from spindel.staff.models import Role, Scope
from tests import emptying
from tests.conftest import address, source
from tests.console.conftest import log_in
from tests.demo.storefront import Shopper, Street, furnish, opened
from tests.house.routes import example, operations, routes
from tests.kinds import Cast, cast
from tests.languages import LANGUAGES, foreign, not_in
from tests.strict import strict

# Half a minute: some thousand pages. What a test does is undone.
pytestmark = [pytest.mark.slow, pytest.mark.django_db]

# Words of another language that stand on these pages with right, and why.
ALLOWED = frozenset(
    {
        *("english", "svenska", "dansk"),  # what a language calls itself
        *("as", "said", "good", "lager", "till", "the", "test", "kassa"),  # what people have typed
        *("web", "erp"),  # what a source is called
        *("order", "completed"),  # a fact's name, as every tracking plan has it
        *("any", "number"),  # kinds of JSON, as a plan's file has them
        *("sv", "da", "en"),  # the code of a text's language
    }
)

Fault = tuple[str, str, str, str]  # language, word, what was said, where
As = Callable[[Role], Client]


@pytest.fixture(scope="module")
def kinds(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    """One of each, which all tests here look at.

    What a template shows must have been given to it, too: see tests/strict.py.
    """
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        address(patch)
        patch.setenv("SPINDEL_SHOP_URL", "http://shop.example/shop")
        patch.setenv("SPINDEL_STRIPE_KEY", "sk_test")
        patch.setenv("SPINDEL_STRIPE_WEBHOOK_SECRET", "whsec_test")
        strict(patch)
        try:
            furnish()
            made = cast(source("web", "web", "web"))
            assert levels.verify() == []
            yield made
        finally:
            emptying.empty()


@pytest.fixture(scope="module")
def as_role(kinds: Cast) -> As:
    return cache(log_in)


@pytest.fixture(scope="module")
def street(kinds: Cast) -> Iterator[Street]:
    with opened() as street:
        yield street


# --- a walk ---------------------------------------------------------------------------------------


class Seen(NamedTuple):
    """A page that was asked for: what it answered, or the error, and its foreign words."""

    path: str
    status: object
    faults: list[Fault]
    is_page: bool = True


@pytest.fixture(scope="module")
def in_console(kinds: Cast, as_role: As) -> list[Seen]:
    """The console and the tablet."""
    admin = as_role(Role.ADMIN)
    admin.post("/store/choose/", {"place": "vallgatan"})
    return list(_walk(admin, list(_addresses(kinds))))


@pytest.fixture(scope="module")
def outside(kinds: Cast) -> list[Seen]:
    """Pages behind a link."""
    codes = [links.code("order", one.pk) for one in kinds.orders.values() if one.identifier_id]
    bought = [f"/o/{code}/{part}" for code in codes for part in ("", "receipt/")]
    offered = [f"/q/{links.code('quote', one.pk)}/" for one in kinds.quotes.values()]
    printed = [f"/o/{code}/receipt.pdf" for code in codes[::4]]
    return list(_walk(Client(), [bought + offered, printed]))


def _walk(client: Client, kinds: Collection[list[str]]) -> Iterator[Seen]:
    """The first of each kind of page in every language; of many the others in one of them, in
    which a text that nobody has translated is seen.
    """
    not_again: set[str] = set()  # says nothing in words
    for language in LANGUAGES:
        client.get("/account/", headers={"Accept-Language": language})  # tells what waits elsewhere
        for paths in kinds:
            for number, path in enumerate(paths):
                if path in not_again or (number >= 3 and language != ("sv", "da")[number % 2]):
                    continue
                seen = _look(client, path, language)
                yield seen
                if not seen.is_page:
                    not_again.add(path)
                if seen.status == 405:  # so is the next
                    not_again.update(paths)


def _look(client: Client, path: str, language: str) -> Seen:
    asked = f"{path}?in={language}" if path[:3] in ("/o/", "/q/") else path
    try:
        answer = client.get(asked, headers={"Accept-Language": language})
        if answer.streaming:
            b"".join(answer)
    except Exception as error:  # whatever it is, it is said with its address
        return Seen(path, repr(error), [])
    if answer.streaming or not _is_page(answer.headers):
        return Seen(path, answer.status_code, [], is_page=False)
    said = answer.content.decode()
    if path.endswith("/preview/"):  # as the customer sees it, in the customer's language
        said = ""
    return Seen(path, answer.status_code, list(_faults(said, language, path)))


def _is_page(headers: Mapping[str, str]) -> bool:
    return headers.get("Content-Type", "").startswith("text/html")


def _faults(html: str, language: str, where: str) -> Iterator[Fault]:
    for word, around in not_in(html, language, ALLOWED):
        yield language, word, around, where


def _wrong(seen: Iterable[Seen], right: Collection[int]) -> dict[str, object]:
    return {one.path: one.status for one in seen if one.status not in right}


def _none(faults: Iterable[Fault]) -> None:
    found = sorted(
        {f"{language}: {word}, in “{said}”, {where}" for language, word, said, where in faults}
    )
    assert not found, "\n".join(found)


def _none_seen(seen: Iterable[Seen]) -> None:
    _none(fault for one in seen for fault in one.faults)


# --- ours -----------------------------------------------------------------------------------------


def test_every_page_of_the_console_and_the_tablet_opens(in_console: list[Seen]) -> None:
    assert _wrong(in_console, (200, 301, 302, 403, 404, 405, 410)) == {}
    assert sum(one.status == 200 for one in in_console) > 500


def test_the_console_and_the_tablet_speak_their_readers_language_alone(
    in_console: list[Seen],
) -> None:
    _none_seen(in_console)


def test_every_order_opens_for_whoever_sees_no_contact(kinds: Cast, as_role: As) -> None:
    paths = [reverse("order", args=[one.pk]) for one in list(kinds.orders.values())[::3]]
    analyst = as_role(Role.ANALYST)
    assert _wrong([_look(analyst, one, "en") for one in ("/orders/", *paths)], {200}) == {}


def test_every_page_behind_a_link_opens(outside: list[Seen]) -> None:
    assert _wrong(outside, {200}) == {}


def test_pages_behind_a_link_speak_their_readers_language_alone(outside: list[Seen]) -> None:
    _none_seen(outside)


def _pages(kinds: Cast) -> dict[str, Iterable[object]]:
    """By how an address begins, what there is of it."""
    orders, quotes, customers = kinds.orders.values(), kinds.quotes.values(), kinds.customers
    products = Product.objects.values_list("pk", flat=True)
    places = Place.objects.values_list("pk", flat=True)
    numbers = Return.objects.values_list("number", flat=True)
    known = [one.pk for one in orders if one.identifier_id is not None]
    return {
        "/carts/of/<id:id>/": customers.values(),
        "/content/of/<id:id>/": customers.values(),
        "/customers/<id:id>/": customers.values(),
        "/holds/of/<id:id>/": customers.values(),
        "/orders/of/<id:id>/": customers.values(),
        "/privacy/customers/<id:id>/": customers.values(),
        "/quotes/of/<id:id>/": customers.values(),
        "/store/customers/<id:id>/": customers.values(),
        "/orders/<id:id>/": [one.pk for one in orders],
        "/store/orders/<number:number>/": [one.number for one in orders],
        "/store/returns/<number:number>/": numbers,
        "/store/holds/<id:id>/": [one.pk for one in kinds.holds.values()],
        "/quotes/<id:id>/": [one.pk for one in quotes],
        "/o/<str:code>/": [links.code("order", one) for one in known],
        "/q/<str:code>/": [links.code("quote", one.pk) for one in quotes],
        "/holds/at/<id:id>/": places,
        "/places/<id:id>/": places,
        "/products/<id:id>/": products,
        "/stock/products/<id:id>/": products,
        "/store/products/<id:id>/": products,
    }


def _addresses(kinds: Cast) -> Iterator[list[str]]:
    """Every address, with everything that it can be of; a few of what customers open by a link."""
    of = _pages(kinds)
    for path in routes():
        begins = next((one for one in of if path.startswith(one)), None)
        if begins is None:
            yield [example(path)]
            continue
        part = re.search("<.*?>", begins)
        assert part
        rest = path.removeprefix(begins)
        values = [
            quote(str(one).replace("~", "~0").replace("/", "~1"), safe=":") for one in of[begins]
        ]
        if path.endswith(".pdf") or begins in ("/o/<str:code>/", "/q/<str:code>/"):
            values = values[:3]
        yield [begins.replace(part[0], one) + (example(rest) if rest else "") for one in values]


# --- machines -------------------------------------------------------------------------------------


def test_whatever_machines_ask_is_answered(kinds: Cast) -> None:
    secret = create_token("all", list(Scope), None)[1]
    parts = {
        "/api/orders/{": [one.number for one in kinds.orders.values()],
        "/api/quotes/{": [one.number for one in kinds.quotes.values()],
        "/api/returns/{": Return.objects.values_list("number", flat=True),
        "/api/customers/{": kinds.customers.values(),
    }
    wrong: dict[str, object] = {}
    for method, path, (asked,) in operations():
        if method != "GET":
            continue
        values = next((some for begins, some in parts.items() if path.startswith(begins)), ["1"])
        keys = [secret] if isinstance(asked, needs) else kinds.shoppers.values()
        for value, key in itertools.product(values, keys):
            address = re.sub(r"\{[^}]+\}", quote(str(value), safe=""), path)
            answer = Client().get(address, headers={"Authorization": f"Bearer {key}"})
            if answer.status_code not in (200, 400, 401, 404, 422):
                wrong[address] = answer.status_code
    assert wrong == {}


def test_what_machines_are_told_in_words_is_in_the_language_of_the_session(kinds: Cast) -> None:
    _none(_of_words_for_shops(kinds))


def _of_words_for_shops(kinds: Cast) -> Iterator[Fault]:
    """Whatever is called `…text` is for people to read."""
    for name, key in kinds.shoppers.items():
        client = Client(headers={"Authorization": f"Bearer {key}"})
        language = client.get("/api/shop/session").json().get("language", "sv")
        for path in ("orders", "purchases", "holds", "cart", "wishes"):
            for text in _texts(client.get(f"/api/shop/{path}").json()):
                for word in foreign(text, language) - ALLOWED:
                    yield language, word, text, f"{name}: {path}"


def _texts(told: object) -> Iterator[str]:
    if isinstance(told, list):
        yield from chain.from_iterable(map(_texts, told))
    elif isinstance(told, dict):
        for name, value in told.items():
            if name.endswith("text") and isinstance(value, str):
                yield value
            else:
                yield from _texts(value)


# --- letters --------------------------------------------------------------------------------------


def test_mails_and_receipts_speak_their_readers_language_alone(kinds: Cast) -> None:
    _none(_of_letters())


def _of_letters() -> Iterator[Fault]:
    noted = [Noted(*row) for row in Notice.objects.values_list("kind", "about", "amount")]
    assert len(noted) > 40
    for language in LANGUAGES:
        Order.objects.update(language=language)
        Quote.objects.update(language=language)
        for mail in mailing.mails(noted):
            yield from _faults(mail.html, mail.language, f"mail {mail.purpose}")
            yield from _faults(escape(f"{mail.subject}\n{mail.text}"), mail.language, "its text")
        for one in Quote.objects.all():
            letter = quote_mail.write(quotes.view(one, language))
            yield from _faults(letter.html, language, "mail of a quote")
        for order in Order.objects.all():
            receipt = receipts.of(orders.view(order, language))
            with translation.override(language):
                yield from _faults(escape(receipt_pdf.title(receipt)), language, "receipt")


# --- the shop -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def in_shop(street: Street, kinds: Cast) -> list[Seen]:
    """The shop, as each kind of shopper sees it; with an error where she must see a page."""
    hers = [order.number for order in kinds.orders.values() if kinds.is_annas(order)]
    assert len(hers) > 40
    few = [*hers[:2], "R00000000000"]
    shoppers = {**kinds.shoppers, "whose session is over": "sh_" + "x" * 40, "nobody": ""}
    found = []
    for name, key in shoppers.items():
        numbers = hers if name == "logged in" else few
        for language in LANGUAGES:
            come = _came(street, key, language)
            for path in _of_the_shop(numbers if language != "en" else numbers[:3]):
                answer = come.get(path)
                number = path.removeprefix("/shop/orders/").replace("%2F", "/").replace("%20", " ")
                must_be_seen = name == "logged in" and number in hers
                wrong = answer.status_code == 404 and must_be_seen
                where = f"{name}: {path}"
                said = answer.text if _is_page(answer.headers) else ""
                status = "not there" if wrong else answer.status_code
                found.append(Seen(where, status, list(_faults(said, language, where))))
    return found


def test_every_page_of_the_shop_opens_for_each_kind_of_shopper(in_shop: list[Seen]) -> None:
    assert _wrong(in_shop, (200, 404)) == {}


def test_the_shop_speaks_its_readers_language_alone(in_shop: list[Seen]) -> None:
    _none_seen(in_shop)


def _of_the_shop(numbers: Iterable[str]) -> Iterator[str]:
    """Every page of the shop; those of orders for each."""
    for one in _routes():
        if one.methods is None or "GET" not in one.methods or one.path.endswith("/live"):
            continue
        part = re.search(r"\{(\w+)(:\w+)?\}", one.path)
        values = {
            None: [""],
            "number": numbers if "/orders/" in one.path else ["vinga", "kiruna", "nothing"],
            "code": ["x"],
            "name": ["shop.css", "vinga-white.svg"],
        }[part[1] if part else None]
        for value in values:
            yield one.path.replace(part[0], quote(value, safe="")) if part else one.path


def _came(street: Street, key: str, language: str) -> Shopper:
    found = street.shopper(language)
    if key:
        found.client.cookies.set("shop_session", key, domain="shop.example", path="/shop/")
    found.post("/shop/prefer", {"language": language})
    return found


def test_what_was_exchanged_leads_there_and_back_with_both_sizes(
    street: Street, kinds: Cast
) -> None:
    order = kinds.orders["over the counter: exchanged"]
    new = Return.objects.get(order=order).exchange
    assert new
    anna, told = _came(street, kinds.shoppers["logged in"], "en"), "Vinga: 38 → 39"
    for one, other in ((order, new), (new, order)):
        page = unescape(anna.get(f"/shop/orders/{one.number}").text)
        assert f'<a href="/shop/orders/{other.number}">{told}</a>' in page
        page = Client().get(f"/o/{links.code('order', one.pk)}/?in=en").content.decode()
        assert told in page
    assert told in unescape(anna.get("/shop/my").text)


def test_what_other_systems_have_told_of_stands_among_the_orders(
    street: Street, kinds: Cast, as_role: As
) -> None:
    page = _came(street, kinds.shoppers["logged in"], "sv").get("/shop/my").text
    agent = as_role(Role.AGENT)
    for number in ("NO-1", "NO-2", "NO-3", "NO-4", "NO-5"):
        assert number in page
        found = agent.get(reverse("orders"), {"q": number}).content.decode()
        assert f'class="order-number small muted">{number}' in found
    assert "Köpt i Vallgatan" in page
    assert "NO-1" not in _came(street, kinds.shoppers["unknown"], "en").get("/shop/my").text
