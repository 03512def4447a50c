"""How the catalogue's faces are asked what goods cost: its API, its product feed, the console."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from spindel.catalogue import marks
from spindel.catalogue.probing import Answer, Asker, Probe, Question, text
from spindel.kit.money import parse_price

_API = "/api/catalogue"


def _api(asker: Asker, asked: Question) -> Mapping[str, Answer]:
    market = asked.market
    found = {}
    query = {"market": market.market}
    for number in sorted({one.product.number for one in asked.goods}):
        path = f"{_API}/products/{number}"
        told = json.loads(text(asker.called(path, query, market.language)))
        for variant in told.get("variants", ()):
            for price in variant["prices"]:
                offers = [_named(one["names"], market.language) for one in price["discounts"]]
                name = _named(told["names"], market.language)
                found[variant["sku"]] = Answer(price["total"], tuple(offers), name=name)
    return found


def _named(names: Mapping[str, str], language: str) -> str:
    return names.get(language) or next(iter(names.values()), "")


def _feed(asker: Asker, asked: Question) -> Mapping[str, Answer]:
    market = asked.market
    kept = asker.kept.get(("feed", market))
    if kept is None:
        query = {"market": market.market, "language": market.language}
        told = text(asker.called(f"{_API}/feed", query, market.language))
        kept = asker.kept["feed", market] = dict(
            map(_row, csv.DictReader(told.splitlines(), delimiter="\t"))
        )
    found: dict[str, Answer] = kept
    return {one.sku: found[one.sku] for one in asked.goods if one.sku in found}


def _row(row: Mapping[str, str]) -> tuple[str, Answer]:
    total, _currency = parse_price(row["sale_price"] or row["price"])
    return row["id"], Answer(total, None, row["availability"] == "in_stock", row["title"])


def _console(asker: Asker, asked: Question) -> Mapping[str, Answer]:
    found: dict[str, Answer] = {}
    for product in sorted({one.product_id for one in asked.goods}):
        path = reverse("product", args=[product])
        page = asker.page(path, {}, asked.market.language)
        found |= dict(marks.answers(page, asked.market))
    return found


PROBES = (
    Probe("catalogue", _("API: catalogue"), _api),
    Probe("feed", _("Product feed"), _feed),
    Probe("console", _("Console: product page"), _console),
)
