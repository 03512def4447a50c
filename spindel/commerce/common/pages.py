"""What the pages of commerce have in common: who asks, for whom, and what is said after."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from spindel.catalogue.models import Place, Variant
from spindel.catalogue.wording import in_language, in_order
from spindel.commerce.common.forms import KeyForm
from spindel.commerce.common.rules import NotEnough
from spindel.identity import serving
from spindel.identity.shown import Opened, staff
from spindel.kit import pictures, saying
from spindel.kit.forms import first_error
from spindel.kit.idempotency import Request
from spindel.kit.options import options_text
from spindel.kit.refusal import Refusal
from spindel.kit.saying import NotThere
from spindel.staff.actors import Actor
from spindel.staff.models import Role
from spindel.timeline.models import Channel


def opened(request: HttpRequest, customer: int) -> Opened:
    """The customer, on record as seen; 404 where there is none. Raises LookHerUpFirst."""
    return serving.open_customer(request, customer)


def actor(request: HttpRequest, place: int | None = None) -> Actor:
    """Who serves the customer, and where: a clerk at a counter, others as customer service."""
    user = staff(request)
    channel = Channel.STORE if user.role == Role.CLERK else Channel.SERVICE
    return Actor(str(user), user.pk, channel, place)


def by(request: HttpRequest) -> str:
    """Who does it, as orders and holds say it."""
    return actor(request).by


def fresh_key() -> str:
    """What tells the form that is shown now from every other: sent twice, it counts once."""
    return str(uuid.uuid4())


def key(request: HttpRequest) -> str:
    """The key of the form that was sent; one that has none counts each time."""
    return KeyForm(request.POST).values["key"] or fresh_key()


def sent(request: HttpRequest, key_of_form: str = "") -> Request:
    """Which request it is that somebody here has sent: each person's keys are her own."""
    return Request(f"user {staff(request).pk}", key_of_form or key(request))


def is_part(request: HttpRequest) -> bool:
    """Whether a page asks for a part of itself."""
    return request.headers.get("HX-Request") == "true"


def moment(text: str) -> datetime:
    """A moment in an address that was given out here; 404 for anything else."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error
    if at.tzinfo is None:
        raise Http404
    return at


# --- goods in words -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Goods:
    """A variant as pages show it."""

    variant: int
    product: int
    sku: str
    name: str
    options: str
    picture: str


def options_of(variant: Variant) -> str:
    """Its size and so on, in words: "38, black"."""
    return options_text(variant.options)


def goods(request: HttpRequest, variant: Variant, language: str) -> Goods:
    """The variant, its product joined, in words of the language."""
    product = variant.product
    return Goods(
        variant.pk,
        product.pk,
        variant.sku,
        in_language(product.names, language, product.number),
        options_of(variant),
        pictures.shown([*variant.pictures, *product.pictures], request),
    )


def by_colour(variants: Iterable[Variant]) -> list[tuple[str, list[tuple[Variant, str]]]]:
    """The variants to choose from, each with its size: those of a colour, and so on, together."""
    groups: dict[str, list[tuple[Variant, str]]] = {}
    for one in variants:
        size = str(one.options.get("size", ""))
        rest = options_text({name: value for name, value in one.options.items() if name != "size"})
        group, label = (rest, size) if size else ("", rest or one.sku)
        groups.setdefault(group, []).append((one, label))
    return [
        (group, sorted(some, key=lambda one: in_order(one[1]))) for group, some in groups.items()
    ]


# --- what is said after ---------------------------------------------------------------------------


@dataclass(slots=True)
class Said:
    """What became of it; `undo` is where to take it back, with these fields."""

    text: str = ""
    bad: bool = False
    undo: str = ""
    fields: dict[str, object] = field(default_factory=dict)
    target: str = ""


Filled = TypeVar("Filled", bound=forms.Form)


class Wrong(Exception):
    """It could not be done; says why, to a person."""


def checked(form: Filled) -> Filled:
    """The form, once what was typed is right. Raises Wrong, of the first thing that is not."""
    if not form.is_valid():
        raise Wrong(first_error(form))
    return form


@contextmanager
def in_words() -> Iterator[None]:
    """What is refused within, as something to say. Raises Wrong, and NotThere as it is."""
    try:
        yield
    except NotThere:
        raise
    except Refusal as no:
        raise Wrong(saying.in_words(no)) from no


def called(variant: Variant) -> str:
    """The variant in a few words: "Vinga, 38, black"."""
    language = (get_language() or "en")[:2]
    name = in_language(variant.product.names, language, variant.product.number)
    options = options_of(variant)
    return f"{name}, {options}" if options else name


@saying.in_words.register
def _lacking(error: NotEnough) -> str:
    """What is there of that which there is too little of: two of it by name."""
    named = Variant.objects.select_related("product").in_bulk([x.variant for x in error.available])
    places = Place.objects.in_bulk([one.place for one in error.available if one.place])
    told = []
    for one in error.available[:2]:
        variant = named.get(one.variant)
        what = called(variant) if variant else "…"
        place = places.get(one.place)
        told.append(
            _("%(what)s: %(count)s left in %(place)s")
            % {"what": what, "count": one.quantity, "place": place.name}
            if place
            else _("%(what)s: %(count)s left to send") % {"what": what, "count": one.quantity}
        )
    if not told:
        return _("There is not enough, so nothing was done.")
    return _("There is not enough, so nothing was done. %(what)s.") % {"what": "; ".join(told)}


def after(
    request: HttpRequest,
    her: Opened,
    template: str,
    context: Mapping[str, object],
    said: Said,
) -> HttpResponse:
    """The panel as it is now, with what was said; without scripts, her page."""
    if is_part(request):
        return render(request, template, {**context, "said": said})
    if said.text:
        (messages.error if said.bad else messages.success)(request, said.text)
    return redirect("customer", her.id)
