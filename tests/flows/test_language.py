"""Every page, mail and receipt speaks its reader's language, and no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import chain

import pytest
from django.test import Client
from django.utils import translation

from spindel.commerce.common import links, mailing
from spindel.commerce.common.mailing import Noted
from spindel.commerce.common.models import Notice
from spindel.commerce.orders import reading as orders
from spindel.commerce.orders import receipt_pdf, receipts
from spindel.commerce.orders.models import Order
from spindel.commerce.quotes import quote_mail
from spindel.commerce.quotes import reading as quotes
from spindel.commerce.quotes.models import Quote
from spindel.staff.models import Role
from tests.console.conftest import as_role
from tests.demo.storefront import Street, opened
from tests.flows.test_every_kind import _addresses, _admin, _came, _of_the_shop, kinds
from tests.kinds import Cast
from tests.languages import LANGUAGES, foreign, not_in
from tests.strict import strict

__all__ = ["as_role", "kinds", "strict"]

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


@pytest.mark.slow  # as long as the test of all kinds, with which it shares the cast
def test_every_face_speaks_its_readers_language_alone(
    kinds: Cast, as_role: As, subtests: pytest.Subtests
) -> None:
    with subtests.test("the console and the tablet"):
        admin = _admin(as_role)
        _none(_of_pages(admin, list(_addresses(kinds))))
    with subtests.test("pages behind a link"):
        _none(_of_pages(Client(), [_outside(kinds)]))
    with subtests.test("mails and receipts"):
        _none(_of_letters(kinds))
    with opened() as street, subtests.test("the shop"):
        _none(_of_shop(street, kinds))
    with subtests.test("what machines are told in words"):
        _none(_of_words_for_shops(kinds))


def _faults(html: str, language: str, where: str) -> Iterator[Fault]:
    for word, around in not_in(html, language, ALLOWED):
        yield language, word, around, where


def _of_pages(client: Client, kinds: Sequence[list[str]]) -> Iterator[Fault]:
    """The first of each kind of page in every language; of many the others in two of them, in
    which a text that nobody has translated is seen.
    """
    for language in LANGUAGES:
        headers = {"Accept-Language": language}
        client.get("/account/", headers=headers)  # has said what was left to be said in another
        for paths in kinds:
            for number, path in enumerate(paths):
                if path.endswith(
                    "/preview/"
                ):  # as the customer sees it, in the customer's language
                    continue
                if number >= 3 and language != ("sv", "da")[number % 2]:
                    continue
                asked = f"{path}?in={language}" if path[:3] in ("/o/", "/q/") else path
                answer = client.get(asked, headers=headers)
                if not answer.streaming and _is_page(answer.headers):
                    yield from _faults(answer.content.decode(), language, path)


def _is_page(headers: Mapping[str, str]) -> bool:
    return headers.get("Content-Type", "").startswith("text/html")


def _outside(kinds: Cast) -> list[str]:
    codes = [links.code("order", one.pk) for one in kinds.orders.values() if one.identifier_id]
    bought = [f"/o/{code}/{part}" for code in codes for part in ("", "receipt/")]
    return bought + [f"/q/{links.code('quote', one.pk)}/" for one in kinds.quotes.values()]


def _none(faults: Iterable[Fault]) -> None:
    found = sorted(
        {f"{language}: {word}, in “{said}”, {where}" for language, word, said, where in faults}
    )
    assert not found, "\n".join(found)


# --- letters --------------------------------------------------------------------------------------


def _of_letters(kinds: Cast) -> Iterator[Fault]:
    noted = [Noted(*row) for row in Notice.objects.values_list("kind", "about", "amount")]
    assert len(noted) > 40
    for language in LANGUAGES:
        Order.objects.update(language=language)
        Quote.objects.update(language=language)
        for one in mailing.mails(noted):
            yield from _faults(one.html, one.language, f"mail {one.purpose}")
            yield from _faults(escape(f"{one.subject}\n{one.text}"), one.language, "its text")
        for quote in Quote.objects.all():
            letter = quote_mail.write(quotes.view(quote, language))
            yield from _faults(letter.html, language, "mail of a quote")
        for order in Order.objects.all():
            receipt = receipts.of(orders.view(order, language))
            with translation.override(language):
                yield from _faults(escape(receipt_pdf.title(receipt)), language, "receipt")


# --- the shop -------------------------------------------------------------------------------------


def _of_shop(street: Street, kinds: Cast) -> Iterator[Fault]:
    hers = [order.number for order in kinds.orders.values() if kinds.is_annas(order)]
    for name, key in {**kinds.shoppers, "nobody": ""}.items():
        numbers = hers if name == "logged in" else hers[:2]
        for language in LANGUAGES:
            come = _came(street, key, language)
            come.post("/shop/prefer", {"language": language})
            for path in _of_the_shop(numbers if language != "en" else numbers[:3]):
                answer = come.get(path)
                if _is_page(answer.headers):
                    yield from _faults(answer.text, language, f"{name}: {path}")


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
