"""What a content says: where it is shown, to whom, when, in which words and pictures. One schema
for the database, the API and forms.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta, Struct

from spindel.offers.terms import Goods

_Names: TypeAlias = Annotated[frozenset[Annotated[str, Meta(max_length=200)]], Meta(max_length=500)]
# A page of the shop, or of anywhere; nothing that a browser would run.
_ADDRESS = r"^(https?://[^\s\\\x00]+|/|/[^\s/\\\x00][^\s\\\x00]*)$"
Address: TypeAlias = Annotated[str, Meta(max_length=500, pattern=_ADDRESS)]


class Placement(StrEnum):
    """A place where something can be shown, in whichever channel it is."""

    START = "start"  # the page that the shop begins with
    PRODUCT = "product"  # a product's page
    APP = "app"  # a card in the app
    MAIL = "mail"  # a slot in a mail
    TILL = "till"  # the display that she sees at the till
    AGENT = "agent"  # beside her in the console, for whoever talks to her


class Screen(StrEnum):
    """What it is shown on. It chooses the picture, and never what is shown."""

    PHONE = "phone"
    LAPTOP = "laptop"
    TABLET = "tablet"
    TILL = "till"


class Part(StrEnum):
    """What a screen may leave out; the title is always there."""

    TEXT = "text"
    PICTURE = "picture"
    LINK = "link"


class Words(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What it says in a language. `alt` is for whoever doesn't see the picture."""

    title: Annotated[str, Meta(min_length=1, max_length=120)]
    text: Annotated[str, Meta(max_length=500)] = ""
    link: Address | None = None
    alt: Annotated[str, Meta(max_length=300)] = ""


class Picture(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a picture lies, as a product's does; its size in pixels, so that room is kept for it
    before it has come.
    """

    url: Address
    width: Annotated[int, Meta(ge=1, le=10_000)]
    height: Annotated[int, Meta(ge=1, le=10_000)]


class OnScreen(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How it looks on a screen: its picture there, and what is left out."""

    picture: Picture | None = None
    without: frozenset[Part] = frozenset()

    @property
    def leaves_out(self) -> frozenset[Part]:
        """What is not to be seen there; a picture that it hasn't got, too."""
        return self.without if self.picture else self.without | {Part.PICTURE}


class Says(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """All that decides where a content is shown and to whom, and what is seen then.

    `offer` is the key of the offer that it is about: it is shown to whom that offer holds for.
    `goods` are what it is about, where that is less than all, or than what the offer is on.
    Of two the one of the lower `priority` comes first, as with offers.
    """

    placements: Annotated[frozenset[Placement], Meta(min_length=1)]
    words: Annotated[
        dict[Annotated[str, Meta(pattern="^[a-z]{2}$")], Words], Meta(min_length=1, max_length=20)
    ]
    screens: dict[Screen, OnScreen] = msgspec.field(default_factory=dict)
    offer: Annotated[str, Meta(pattern="^([a-z0-9][a-z0-9-]{0,79})?$")] = ""
    audience: _Names = frozenset()
    markets: Annotated[
        frozenset[Annotated[str, Meta(pattern="^[A-Z]{2}$")]], Meta(max_length=60)
    ] = frozenset()
    since: Annotated[datetime, Meta(tz=True)] | None = None
    until: Annotated[datetime, Meta(tz=True)] | None = None
    priority: Annotated[int, Meta(ge=0, le=1_000)] = 100
    goods: Goods = Goods()

    def __post_init__(self) -> None:
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise ValueError("it ends before it begins")

    def in_language(self, language: str) -> Words:
        """What it says in the language, or in what there is."""
        return self.words.get(language) or next(iter(self.words.values()))

    def on(self, screen: Screen) -> OnScreen:
        """How it looks there; where nothing is said of the screen, without a picture."""
        return self.screens.get(screen) or OnScreen()


def of(told: object) -> Says:
    """What JSON that was read says. Raises msgspec.ValidationError where that is no content."""
    return msgspec.convert(told, Says)


decode = msgspec.json.Decoder(Says).decode
encode = msgspec.json.Encoder(order="deterministic").encode
