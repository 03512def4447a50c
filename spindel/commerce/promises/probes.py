"""How the agent's panel is asked what goods cost a customer: where something is promised to her."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from spindel.catalogue import marks
from spindel.catalogue.probing import Answer, Asker, Probe, Question, text
from spindel.identity import serving


def _agent(asker: Asker, asked: Question) -> Mapping[str, Answer] | None:
    """In the customer's own market; of each product the cheapest size alone is told."""
    if asked.customer is None:
        return None
    found: dict[str, Answer] = {}
    path = reverse("promise-new", args=[asked.customer])
    for number in sorted({one.product.number for one in asked.goods}):
        request = asker.request(path, {"product": number}, asked.market.language)
        serving.choose(request, asked.customer, asked.identifier)
        for sku, said in marks.answers(text(asker.answer(request)), asked.market):
            found[sku] = Answer(said.total, None, None, said.name)
    return found


PROBES = (Probe("agent", _("Agent’s panel"), _agent, knows=True, whole=False, channel="service"),)
