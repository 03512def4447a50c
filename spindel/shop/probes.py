"""How a shop is asked what goods cost: as an app asks for a shopper, and on its own pages."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from urllib.parse import quote

import httpx
from django.utils.translation import gettext_lazy as _

from spindel.catalogue import marks
from spindel.catalogue.markets import Market
from spindel.catalogue.probing import Answer, Asker, Probe, Question, Unanswered, text
from spindel.kit import environment
from spindel.kit.fetching import cut_at
from spindel.kit.money import parse_amount
from spindel.shoppers import actions as shoppers

_PATIENCE = 10.0  # seconds for a page
_LONGEST = 4_000_000  # characters of a page


def _api(asker: Asker, asked: Question) -> Mapping[str, Answer]:
    market, key = asked.market, ""
    query: dict[str, str | int | list[str]] = {"sku": [one.sku for one in asked.goods]}
    path = "/api/shop/prices"
    if asked.identifier is None:
        path, query = (
            f"{path}/anybody",
            query | {"market": market.market, "language": market.language},
        )
    else:
        key = shoppers.let_in(browser=None, market=market, proved=asked.identifier)
    told = json.loads(text(asker.called(path, query, market.language, key)))
    return {
        one["sku"]: Answer(one["total"], tuple(off["name"] for off in one["discounts"]))
        for one in told["items"]
    }


# --- the pages of the web shop --------------------------------------------------------------------


def _page(asker: Asker, asked: Question) -> Mapping[str, Answer] | None:
    pages = _pages(asker, asked)
    if pages is None:
        return None
    return {sku: said for page in pages for sku, said in marks.answers(page, asked.market)}


def _engines(asker: Asker, asked: Question) -> Mapping[str, Answer] | None:
    pages = _pages(asker, asked)
    if pages is None:
        return None
    return {sku: said for page in pages for sku, said in linked(page, asked.market)}


def _pages(asker: Asker, asked: Question) -> list[str] | None:
    """The shop's pages of the goods, as anybody sees them, an empty one of what has none; None
    where it is not said where they are. Raises Unanswered.
    """
    template = _templates().get(asked.market.market)
    if template is None:
        return None
    found = []
    for one in asked.goods:
        address = template.replace("{number}", quote(one.product.number, safe=""))
        address = address.replace("{sku}", quote(one.sku, safe=""))
        key = ("web", address, asked.market.language)
        if key not in asker.kept:
            asker.kept[key] = _fetched(address, asked.market.language)
        found.append(asker.kept[key])
    return found


def _templates() -> dict[str, str]:
    """The addresses of products' pages, by market."""
    told = environment.value("SPINDEL_SHOP_PAGES").split()
    return dict(one.split("=", 1) for one in told if "=" in one)


def _fetched(address: str, language: str) -> str:
    """The page; an empty one where there is none. Raises Unanswered."""
    headers = {"Accept-Language": language, "User-Agent": "Spindel audit"}
    until = time.monotonic() + _PATIENCE
    read = ""
    try:
        with (
            cut_at(until) as watched,
            httpx.Client(headers=headers, timeout=_PATIENCE) as client,
            client.stream("GET", address, extensions={"trace": watched}) as answer,
        ):
            if answer.status_code in _NO_PAGE:
                return ""
            if answer.status_code != 200:
                raise Unanswered(f"status {answer.status_code}")
            for part in answer.iter_text():
                read += part
                if len(read) > _LONGEST:
                    raise Unanswered("too large")
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise Unanswered(type(error).__name__) from None
    if time.monotonic() > until:  # what was cut may look like the end
        raise Unanswered("too slow")
    return read


_NO_PAGE = (404, 410)  # of this product; the web shop is there


_LINKED = re.compile(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', re.S)


def linked(page: str, market: Market) -> Iterator[tuple[str, Answer]]:
    """What a page tells search engines (JSON-LD, https://schema.org/Product), by SKU."""
    for told in _LINKED.findall(page):
        yield from _of_json(told, market)


def _of_json(text: str, market: Market) -> list[tuple[str, Answer]]:
    try:
        told = json.loads(text)
        offers = told["offers"]
        name = str(told["name"])
        return [
            (
                str(one["sku"]),
                Answer(
                    parse_amount(str(one["price"]), market.currency),
                    None,
                    str(one["availability"]).rpartition("/")[2] in _SENT,
                    name,
                ),
            )
            for one in (offers if isinstance(offers, list) else [offers])
            if one.get("priceCurrency") == market.currency
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


_SENT = ("InStock", "LimitedAvailability", "OnlineOnly")

PROBES = (
    Probe("shop-api", _("API: shop and app"), _api, knows=True, channel="app"),
    Probe("web", _("Web shop: page"), _page, channel="web", by_http=True),
    Probe("json-ld", _("Web shop: for search engines"), _engines, channel="web", by_http=True),
)
