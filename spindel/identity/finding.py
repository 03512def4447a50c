"""Customers, in the box in the header."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from spindel.identity.found import FEW, Hit, Search
from spindel.identity.shown import Found
from spindel.kit.templatetags.look import kind_label


def _customers(request: HttpRequest, text: str, people: Sequence[Found]) -> Iterator[Hit]:
    for found in people[:FEW]:
        one = found.summary
        by_name = found.kind == "name"
        about = one.email or one.phone if by_name else f"{kind_label(found.kind)} {found.text}"
        yield Hit(reverse("customer", args=[one.id]), "user", one.called, about, one.last_at)


SEARCHES = (Search("customers", _("Customers"), "customers.read", _customers, rank=1),)
