"""How the store's tablet is asked what goods cost whoever is served: its product page."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from spindel.catalogue import marks, posts
from spindel.catalogue.models import Place
from spindel.catalogue.probing import Answer, Asker, Probe, Question, text
from spindel.identity import serving
from spindel.store.views import desk


def _tablet(asker: Asker, asked: Question) -> Mapping[str, Answer] | None:
    """In a store of the market; None where there is none."""
    key = ("store", asked.market.market)
    if key not in asker.kept:
        asker.kept[key] = _a_store_in(asked.market.market)
    store: str = asker.kept[key]
    if not store:
        return None
    found: dict[str, Answer] = {}
    for one in asked.goods:
        path = reverse("store-product", args=[one.product_id])
        request = asker.request(path, {"variant": one.pk}, asked.market.language)
        request.COOKIES[posts.COOKIE] = store
        if asked.customer is not None:
            serving.choose(request, asked.customer, asked.identifier)
            desk.serve_from_now_on(request, store, asked.customer)
        found |= dict(marks.answers(text(asker.answer(request)), asked.market))
    return found


def _a_store_in(market: str) -> str:
    stores = Place.objects.filter(closed_at=None, country=market).order_by("kind", "pk")
    return stores.values_list("code", flat=True).first() or ""


PROBES = (Probe("tablet", _("Store tablet"), _tablet, knows=True, channel="store"),)
