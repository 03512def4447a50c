"""Products, in the box in the header."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from spindel.catalogue import reading
from spindel.catalogue.searching import search
from spindel.catalogue.views import called
from spindel.identity.found import FEW, Hit, Search
from spindel.identity.shown import Found
from spindel.kit.options import options_text


def _products(request: HttpRequest, text: str, people: Sequence[Found]) -> Iterator[Hit]:
    found = search(text, {}, FEW)
    for one in reading.in_given_order(found.ids):
        meant = found.meant.get(one.pk)
        named = options_text(meant.options) if meant else ""
        parts = (named, one.brand, *one.categories[:1], one.number)
        about = " · ".join(part for part in parts if part)
        yield Hit(reverse("product", args=[one.pk]), "package", called(one), about)


SEARCHES = (Search("products", _("Products"), "catalogue.see", _products, rank=3),)
