"""The page where a marketer says an offer: a sentence that is filled in, with what it would touch.

All of it is one form, kept nowhere before it is saved. While one works it is sent for what it comes
to; without scripts its buttons do the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from spindel.catalogue import reading
from spindel.catalogue.models import Place
from spindel.identity.shown import staff
from spindel.kit.folding import fold
from spindel.kit.refusal import Refusal
from spindel.kit.saying import in_words
from spindel.kit.templatetags.look import locale
from spindel.offers import actions, audiences, estimates, forms, goods_search, listing, wording
from spindel.offers.forms import BackForm, NewQuery, TermsForm, Where
from spindel.offers.listing import OfferView
from spindel.offers.models import Offer
from spindel.offers.terms import Benefit, Terms, of
from spindel.offers.views import kept
from spindel.staff.permissions import requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires("offers.manage")
def new(request: HttpRequest) -> HttpResponse:
    """Say a new one: from nothing, or as another says."""
    where = _where()
    if request.method == "POST":
        return _edited(request, *_typed(request, where), None)
    old = listing.offer(NewQuery(request.GET).values["copy"])
    clock = next(iter(where.clocks))
    begun = forms.told(of(old.terms), clock) if old else forms.nothing(clock)
    benefit = of(old.terms).benefit if old else None
    return _edited(request, TermsForm(initial=begun, where=where), benefit, None)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("offers.manage")
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """Have one say something else."""
    found = listing.offer(key)
    if found is None:
        raise Http404
    if found.state == Offer.State.ENDED:
        messages.error(request, _("It has ended. Copy it to a new one."))
        return redirect("offer", key)
    where = _where()
    if request.method == "POST":
        return _edited(request, *_typed(request, where), found)
    terms = of(found.terms)
    begun = forms.told(terms, _clock_of(terms, where)) | {"seen": found.version}
    return _edited(request, TermsForm(initial=begun, where=where), terms.benefit, found)


@require_POST
@requires("offers.manage")
def go_back(request: HttpRequest, key: str) -> HttpResponse:
    """Have it say again what a version of it said; of one that customers have, it is said first
    what that changes for them.
    """
    form, found = BackForm(request.POST), listing.offer(key)
    if not form.is_valid() or found is None:
        raise Http404
    number, why = form.cleaned_data["number"], form.cleaned_data["why"]
    why = why or _("As version %(number)s again") % {"number": number}
    old = next((one for one in listing.versions(key) if one.number == number), None)
    change = _change(found, of(old.terms)) if old else None
    if change is not None and not form.cleaned_data["sure"]:
        context = {"key": key, "number": number, "seen": found.version, "why": why}
        context |= {"name": of(found.terms).name(_language()), "change": change} | kept(key)
        return render(request, "offers/back.html", context)
    by, seen = staff(request).email, form.cleaned_data["seen"]
    try:
        actions.go_back(key, number, by=by, why=why, seen=seen)
    except Refusal as no:
        messages.error(request, in_words(no))
    else:
        messages.success(request, _("It says again what version %(n)s said.") % {"n": number})
    return redirect("offer", key)


# --- filling it in --------------------------------------------------------------------------------


def _where() -> Where:
    markets = reading.countries()
    currencies = [one for one in map(reading.currency_of, markets) if one]
    zones = Place.objects.filter(closed_at=None).order_by("pk").values_list("time_zone", flat=True)
    clocks = [settings.TIME_ZONE, *zones[:500]]
    languages = [code for code, _label in settings.LANGUAGES]
    languages.sort(key=lambda code: code != _language())
    return Where(
        languages,
        markets,
        audiences.named(),
        list(dict.fromkeys(currencies)) or ["SEK"],
        list(dict.fromkeys(clocks)),
    )


def _clock_of(terms: Terms, where: Where) -> str:
    """By whose clock its times are shown: that of its market, where it has one alone."""
    if len(terms.markets) == 1:
        place = Place.objects.filter(country__in=terms.markets, closed_at=None).first()
        if place is not None:
            return place.time_zone
    return next(iter(where.clocks))


_SAVES = ("save", "give", "sure")


def _typed(request: HttpRequest, where: Where) -> tuple[TermsForm, Benefit | None]:
    """What was sent, to be saved or to go on with; and what it gives, where that is said."""
    sent = TermsForm(request.POST, where=where)
    sent.is_valid()
    form = sent if sent.button in _SAVES else TermsForm(initial=sent.typed, where=where)
    return form, sent.gives


def _edited(
    request: HttpRequest, form: TermsForm, benefit: Benefit | None, before: OfferView | None
) -> HttpResponse:
    """The form, after what its button asks for; or the offer, once it is saved."""
    problem, change = "", None
    if not form.is_bound:
        _do(form)
    if form.is_bound and form.is_valid() and form.terms is not None:
        change = _change(before, form.terms)
        if change is None or form.button == "sure":
            try:
                return redirect("offer", _save(request, form, form.terms, before))
            except Refusal as no:
                problem = in_words(no)
    elif form.is_bound:
        problem = _("Something is not right yet: it says what, below.")
    context: dict[str, object] = {
        "form": form,
        "before": before,
        "problem": problem,
        "change": change,
        "found": _found(form),
        "picked": _picked(form),
        "estimate": estimates.estimate(
            form.goods, benefit, [one for one, chosen in form.groups if chosen]
        ),
        "days": _weekdays(),
        "here": reverse("offer-edit", args=[before.key]) if before else reverse("offer-new"),
    }
    if change is not None and before is not None:
        context |= kept(before.key)
    status = 409 if problem else 200
    return render(request, "offers/editor.html", context, status=status)


def _do(form: TermsForm) -> None:
    """Put in or take out what the button names: "add:brands:Vinga"."""
    what, _colon, rest = form.button.partition(":")
    name, _colon, value = rest.partition(":")
    if name in form.picks and what == "add":
        form.put_in(name, value)
    elif name in form.picks and what == "remove":
        form.take_out(name, value)


def _save(request: HttpRequest, form: TermsForm, terms: Terms, before: OfferView | None) -> str:
    """Keep it, and give it if it was sent for that; answers its key. Raises Refusal."""
    typed, by = form.cleaned_data, staff(request).email
    key = before.key if before else typed["key"] or _key_of(terms)
    seen = typed["seen"] or 0
    actions.keep(key, terms, by=by, why=typed["why"], seen=seen if before else 0)
    if form.button == "give" and before is None:
        actions.set_state(key, Offer.State.LIVE, by, typed["why"])
        messages.success(request, _("It is given now, in every channel."))
    elif before is None:
        messages.success(request, _("It is kept as a draft: nobody gets it yet."))
    else:
        messages.success(request, _("It is changed."))
    return key


def _key_of(terms: Terms) -> str:
    """A key made of its name."""
    plain = re.sub(r"[^a-z0-9]+", "-", fold(terms.name("en"))).strip("-")[:60].strip("-")
    return plain or f"offer-{timezone.now():%Y%m%d%H%M%S}"


@dataclass(frozen=True, slots=True)
class Change:
    """What a live offer has said until now and is to say, in words; `names` where those change."""

    until_now: list[str]
    from_now: list[str]


def _change(before: OfferView | None, terms: Terms) -> Change | None:
    """What customers would notice of it; None where they would nothing."""
    if before is None or before.state != Offer.State.LIVE or of(before.terms) == terms:
        return None
    return Change(wording.all_of(of(before.terms)), wording.all_of(terms))


# --- what is shown beside it ----------------------------------------------------------------------


def _found(form: TermsForm) -> list[goods_search.Hit]:
    return goods_search.hits(form.text, _language()) if form.text else []


def _picked(form: TermsForm) -> list[tuple[str, str, str]]:
    """What it is on and not on: the field, the value, and what people call that."""
    numbers = {*form.picks["products"], *form.picks["without_products"]}
    called = goods_search.names(numbers, _language()) if numbers else {}
    return [
        (name, value, called.get(value, value) if name.endswith("products") else value)
        for name in (*forms.PICKS, *forms.WITHOUT)
        for value in form.picks[name]
    ]


def _weekdays() -> list[tuple[int, str]]:
    names = locale().days["format"]["abbreviated"]
    return [(number, names[number - 1]) for number in range(1, 8)]


def _language() -> str:
    return (get_language() or "en")[:2]
