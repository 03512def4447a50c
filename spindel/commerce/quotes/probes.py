"""How a quote is asked what goods cost whoever it is for: the page that puts one together."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from spindel.catalogue import marks
from spindel.catalogue.probing import Answer, Asker, Probe, Query, Question, text
from spindel.identity import serving


def _quote(asker: Asker, asked: Question) -> Mapping[str, Answer] | None:
    """In the customer's own market; None where another one was asked for."""
    found: dict[str, Answer] = {}
    for one in asked.goods:
        query: Query = {"variant": one.pk}
        if asked.customer is not None:
            query = {**query, "customer": asked.customer}
        request = asker.request(reverse("quote-new"), query, asked.market.language)
        request.META["HTTP_HX_REQUEST"] = "true"  # its lines alone, without the shell around them
        if asked.customer is not None:
            serving.choose(request, asked.customer, asked.identifier)
        for sku, said in marks.answers(text(asker.answer(request)), asked.market):
            found[sku] = Answer(said.total, None, said.sendable, said.name)
    return found or None


PROBES = (Probe("quote", _("Quote"), _quote, knows=True, channel="phone"),)
