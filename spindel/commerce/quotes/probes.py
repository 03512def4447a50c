"""How a quote is asked what goods cost whoever it is for: the page that puts one together."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from spindel.catalogue import marks
from spindel.catalogue.probing import Answer, Asker, Probe, Question


def _quote(asker: Asker, asked: Question) -> Mapping[str, Answer]:
    """In the customer's own market; nothing where another one was asked for."""
    found: dict[str, Answer] = {}
    for one in asked.goods:
        query: dict[str, str | int | list[str]] = {"variant": one.pk}
        if asked.customer is not None:
            query["customer"] = asked.customer
        page = asker.page(reverse("quote-new"), query, asked.market.language)
        for sku, said in marks.answers(page, asked.market):
            found[sku] = Answer(said.total, None, said.sendable, said.name)
    return found


PROBES = (Probe("quote", _("Quote"), _quote, knows=True, channel="phone"),)
