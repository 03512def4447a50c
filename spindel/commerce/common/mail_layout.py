"""How mails to customers look: one layout, as text and as HTML, that every kind of them fills."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.template.loader import render_to_string
from django.utils import translation

from spindel.catalogue import hours
from spindel.catalogue.models import Place
from spindel.commerce.common.seller import seller
from spindel.messages.actions import Outgoing

LONGEST_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it is to be sent."""

    name: str
    subject: str
    text: str
    html: str

    def mail(
        self,
        to: str,
        *,
        language: str,
        purpose: str,
        key: uuid.UUID,
        identifier: int | None,
        ends_at: datetime | None = None,
        attached: tuple[str, bytes] | None = None,
    ) -> Outgoing:
        """It, to this address; the rest as in `Outgoing`. `attached` is a file, by its name."""
        named, content = attached or ("", None)
        return Outgoing(
            to=to,
            name=self.name,
            subject=self.subject,
            text=self.text,
            html=self.html,
            language=language,
            purpose=purpose,
            key=key,
            identifier=identifier,
            ends_at=ends_at,
            attached=content,
            attached_as=named,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """So many of something, in words; `aside` stands below its price."""

    quantity: int
    name: str
    options: str = ""
    price: str = ""
    aside: str = ""


@dataclass(frozen=True, slots=True)
class Goods:
    """Goods, and what they come to: words and an amount, the first of them in bold."""

    rows: Sequence[Row]
    title: str = ""
    sums: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Store:
    """A store that she goes to: where it is, and when it is open in the next weeks."""

    name: str
    address: str
    week: Sequence[tuple[str, str]]
    ahead: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What stands in a mail, in its language, from the top to the bottom.

    `said` are paragraphs below the goods, `note` is what somebody has written to her, `small` is in
    smaller letters below the button, and `about` says at the foot what it is about.
    """

    subject: str
    name: str
    lead: str
    title: str = ""
    goods: Sequence[Goods] = ()
    note: str = ""
    said: Sequence[str] = ()
    stores: Sequence[Store] = ()
    button: str = ""
    url: str = ""
    small: Sequence[str] = ()
    about: str = ""
    links: Sequence[tuple[str, str]] = ()


def written(content: Content, language: str) -> Letter:
    """The mail."""
    words = {"mail": content, "language": language, "seller": seller()}
    with translation.override(language):
        return Letter(
            content.name,
            line_of(content.subject)[:LONGEST_SUBJECT],
            render_to_string("common/mail/letter.txt", words),
            render_to_string("common/mail/letter.html", words),
        )


def store(place: Place) -> Store:
    """The store, in the language that is active."""
    opening = place.opening
    town = " ".join(one for one in (place.postcode, place.city) if one)
    address = ", ".join(one for one in (place.street, town) if one)
    return Store(place.name, address, hours.week(opening), hours.ahead(opening))


def called(name: str) -> str:
    """What she is called in a mail. What looks like an address on the web is no name."""
    line = line_of(name)[:100]
    return "" if "://" in line or "www." in line.lower() else line


def line_of(text: str) -> str:
    """The text as one line."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())
