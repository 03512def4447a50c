"""What a page says that goods cost, read from the page itself.

Pages mark it: `data-sku` is about a variant, `data-total` what one piece costs, in minor units, of
the `data-market` where there are several, `data-offer` the name of an offer, `data-name` what the
goods are called, and `data-sendable` whether they can be sent. A price is taken only where what
people read there says the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from spindel.catalogue.markets import Market
from spindel.catalogue.probing import Answer
from spindel.kit.money import LOCALES, written_minor

_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr")
)
_NOT_THE_PRICE = frozenset(("s", "del", "small"))


@dataclass(slots=True)
class Mark:
    """What a page says of one variant: its words are those that stand with the price."""

    sku: str
    market: str = ""
    total: str = ""
    sendable: str = ""
    words: list[str] = field(default_factory=list)
    offers: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    """An element that is open."""

    tag: str
    mark: Mark | None = None
    is_offer: bool = False
    is_name: bool = False
    hides: bool = False


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.marks: list[Mark] = []
        self.name: str | None = None
        self._open: list[_Open] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        above = self._open[-1] if self._open else _Open("")
        one = _Open(
            tag,
            above.mark,
            "data-offer" in told,
            "data-name" in told,
            above.hides or tag in _NOT_THE_PRICE or "visually-hidden" in told.get("class", ""),
        )
        if "data-sku" in told:
            one.mark = Mark(told["data-sku"], sendable=told.get("data-sendable", ""))
            self.marks.append(one.mark)
        if "data-total" in told and one.mark is not None:
            if one.mark.total:  # of another market
                one.mark = Mark(one.mark.sku, sendable=one.mark.sendable)
                self.marks.append(one.mark)
            one.mark.total = told["data-total"]
        if "data-market" in told and one.mark is not None:
            one.mark.market = told["data-market"]
        if one.is_offer and one.mark is not None:
            one.mark.offers.append("")
        if tag not in _VOID:
            self._open.append(one)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._open:
            return
        here = self._open[-1]
        if any(one.is_name for one in self._open) and self.name is None and data.strip():
            self.name = " ".join(data.split())
        if here.mark is None:
            return
        if any(one.is_offer for one in self._open):
            here.mark.offers[-1] += data
        elif not here.hides:
            here.mark.words.append(data)


def answers(page: str, market: Market) -> Iterator[tuple[str, Answer]]:
    """What the page answers of the variants on it, by SKU, in the market."""
    reader = _Reader()
    reader.feed(page)
    for one in reader.marks:
        if one.market in ("", market.market):
            offers = tuple(" ".join(offer.split()) for offer in one.offers)
            there = {"yes": True, "no": False}.get(one.sendable)
            yield one.sku, Answer(_total(one, market), offers, there, reader.name)


def _total(one: Mark, market: Market) -> int | None:
    """What it costs, if the words that stand there say so, too."""
    if not one.total.isdecimal():
        return None
    said = "".join("".join(one.words).split())
    locale = LOCALES[market.language]
    written = written_minor(int(one.total), market.currency, locale)
    return int(one.total) if "".join(written.split()) in said else None
