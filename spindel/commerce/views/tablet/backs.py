"""What comes back over this counter: for its money, or for another size from here or elsewhere.

What is chosen stands in the address, so that what it comes to is shown before anything is done.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from spindel.catalogue.models import Place, Variant
from spindel.commerce import paying, payments
from spindel.commerce.actions import asking
from spindel.commerce.actions import returns as actions
from spindel.commerce.actions.returns import AgainstPolicy, Back
from spindel.commerce.models import Fulfilment, Order, Return
from spindel.commerce.payments import starting
from spindel.commerce.reading import book, hers, returns, stock, tasks
from spindel.commerce.reading.returns import Purchase
from spindel.commerce.rules import Balance
from spindel.commerce.views.shared import Wrong, id_of, in_words, number
from spindel.commerce.views.tablet.desk import Desk, at_desk
from spindel.commerce.views.tablet.orders import order_of
from spindel.commerce.views.tablet.sale import contact_of
from spindel.commerce.writing.draft import Dearer, Item
from spindel.identity import shown
from spindel.kit.templatetags.look import minor_words
from spindel.staff.permissions import may
from spindel.timeline.models import Channel
from spindel.timeline.sentences import REASONS

_MOST_STORES = 3
_ADDRESS = ("street", "postcode", "city")


@require_safe
@at_desk
def find(desk: Desk) -> HttpResponse:
    """Find the purchase: by its receipt, its QR code, or whoever has made it, and the goods."""
    text = desk.request.GET.get("q", "").strip()[:200]
    product = desk.request.GET.get("product", "").strip()[:100]
    found = returns.find(text, lambda asked: _people(desk, asked), product)
    least = shown.least_letters(desk.user)
    typing = desk.request.headers.get("HX-Target") == "found"
    if len(found) == 1 and found[0].number == text.upper().replace(" ", "") and not typing:
        return redirect("store-return", found[0].number)
    return desk.page(
        "purchases.html" if typing else "returns.html",
        {"q": text, "product": product, "found": found, "enough": len(text) >= least},
    )


def _people(desk: Desk, text: str) -> list[int]:
    return [one.summary.id for one in shown.search(desk.user, text)]


# --- what is chosen -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """Which lines come back, how many of each, how they are and why; and for what, if for goods.

    `how` is `here`, a store's code, or `ship`.
    """

    backs: dict[int, int]
    condition: str
    reason: str
    wanted: Variant | None
    how: str

    @property
    def many(self) -> int:
        """How many come back in all."""
        return sum(self.backs.values())


@dataclass(frozen=True, slots=True)
class Size:
    """What she can have instead, and how many are here and elsewhere."""

    variant: int
    label: str
    here: int
    elsewhere: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Way:
    """How she gets it: a code of Choice.how, and in words."""

    how: str
    label: str
    chosen: bool


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def give_back(desk: Desk, number: str) -> HttpResponse:
    """Choose what comes back and for what; see what it comes to; then do it."""
    found = order_of(number)
    if desk.request.method == "POST":
        return _do(desk, found)
    return _page(desk, found)


def _page(desk: Desk, found: Order) -> HttpResponse:
    purchase = returns.purchase(found.pk)
    choice = _choice(desk.request.GET, purchase)
    context: dict[str, object] = {
        "order": found,
        "purchase": purchase,
        "choice": choice,
        "whys": {line: str(text) for line, text in returns.WHY.items()},
        "reasons": [(one, str(REASONS.get(one, one))) for one in returns.REASONS],
        "may_overrule": may(desk.user, "returns.overrule"),
    }
    if choice.backs:
        sizes = _sizes(desk, found, choice)
        ways = _ways(desk, choice)
        if ways:
            how = next((one.how for one in ways if one.chosen), ways[0].how)
            choice = Choice(choice.backs, choice.condition, choice.reason, choice.wanted, how)
        context |= {"choice": choice, "sizes": sizes, "ways": ways, "address": _ADDRESS}
        if ways or choice.wanted is None:
            balance = _balance(desk, found, choice)
            context |= {
                "by_link": _by_link(choice),
                "email": _email(desk, found, purchase),
                "balance": balance,
                "difference": balance.to_pay - balance.to_refund if balance else 0,
                "against": _is_against(purchase, choice),
            }
    return desk.page("return.html", context)


def _choice(told: QueryDict, purchase: Purchase) -> Choice:
    """What the address or the form says; where there is but one thing to choose, that."""
    open_ = {one.line: one.open for one in purchase.lines if one.open}
    backs = {}
    for text in told.getlist("line")[:100]:
        line = number(text)
        if line in open_:
            asked = number(told.get(f"many-{line}", "")) or 1
            backs[line] = min(asked, open_[line])
    if not backs and "chosen" not in told and len(open_) == 1:
        backs = dict.fromkeys(open_, 1)
    wanted = Variant.objects.select_related("product").filter(pk=id_of(told.get("for", "")))
    return Choice(
        {line: many for line, many in backs.items() if line is not None},
        "damaged" if told.get("condition") == "damaged" else "good",
        told.get("reason", "").strip()[:40],
        wanted.first(),
        told.get("how", "")[:64],
    )


def _sizes(desk: Desk, found: Order, choice: Choice) -> list[Size]:
    """The sizes and colours of the goods that come back."""
    lines = found.lines.filter(line__in=choice.backs).values_list("variant_id", flat=True)
    same = Variant.objects.filter(
        product__variants__in=list(lines), removed_at=None, product__removed_at=None
    ).distinct()
    variants = list(same.select_related("product").order_by("product", "position", "pk")[:60])
    here: dict[int, int] = {}
    elsewhere: dict[int, int] = {}
    for one in stock.levels([variant.pk for variant in variants]):
        kept = here if one.place == desk.place.pk else elsewhere
        kept[one.variant] = kept.get(one.variant, 0) + max(0, one.available)
    return [
        Size(
            one.pk,
            tasks.options(one) or one.sku,
            here.get(one.pk, 0),
            elsewhere.get(one.pk, 0),
            choice.wanted is not None and choice.wanted.pk == one.pk,
        )
        for one in variants
    ]


def _ways(desk: Desk, choice: Choice) -> list[Way]:
    """How she can get what she wants instead, the soonest first."""
    if choice.wanted is None:
        return []
    levels = [one for one in stock.levels([choice.wanted.pk]) if one.available >= choice.many]
    found: list[tuple[str, str]] = []
    if any(one.place == desk.place.pk for one in levels):
        found.append(("here", _("From here, now")))
    near = hers.stores_with(choice.wanted.pk, desk.place)
    for one in near:
        if one.place.pk != desk.place.pk and one.available >= choice.many:
            found.append((one.place.code, _("Fetch in %(s)s") % {"s": one.place.name}))
    found = found[: _MOST_STORES + 1]
    senders = set(Place.objects.filter(ships=True, closed_at=None).values_list("pk", flat=True))
    if sum(one.available for one in levels if one.place in senders) >= choice.many:
        found.append(("ship", _("By mail")))
    asked = choice.how if choice.how in {how for how, _label in found} else ""
    asked = asked or (found[0][0] if found else "")
    return [Way(how, label, how == asked) for how, label in found]


def _items(desk: Desk, choice: Choice) -> list[Item]:
    """What she gets instead. Raises Http404 for a store that is not there."""
    if choice.wanted is None:
        return []
    if choice.how == "ship":
        return [Item(choice.wanted.pk, choice.many)]
    if choice.how == "here":
        way, place = Fulfilment.HAND_OVER, desk.place
    else:
        way, place = Fulfilment.PICK_UP, get_object_or_404(Place, code=choice.how)
    return [Item(choice.wanted.pk, choice.many, way, place.pk)]


def _balance(desk: Desk, found: Order, choice: Choice) -> Balance | None:
    """What it comes to; None where it can't be done, which is said."""
    try:
        with in_words():
            return returns.reckon(found, choice.backs, _items(desk, choice)).balance
    except Wrong as wrong:
        desk.refuse(str(wrong))
        return None


def _by_link(choice: Choice) -> bool:
    """Whether she may pay the difference by card from a link: what is not handed over now."""
    return choice.how != "here" and payments.named("card").is_open()


def _email(desk: Desk, found: Order, purchase: Purchase) -> str:
    """Where the link to pay is sent, as far as the clerk may know: as the order says, else as is
    known of whoever is served.
    """
    if told := contact_of(desk).get("email"):
        return told
    sees = book.sees_contact(desk.user, purchase.customer or 0)
    return str(found.contact.get("email", "")) if sees else ""


def _is_against(purchase: Purchase, choice: Choice) -> bool:
    """Whether the policy says no to any of it."""
    return any(
        choice.backs.get(one.line, 0) > one.can
        or (one.line in choice.backs and choice.condition == "damaged" and not one.damaged)
        for one in purchase.lines
    )


# --- doing it -------------------------------------------------------------------------------------


def _do(desk: Desk, found: Order) -> HttpResponse:
    told = desk.request.POST
    choice = _choice(told, returns.purchase(found.pk)) if "back" not in told else _told(told)
    backs = [
        Back(line, many, choice.condition, choice.reason) for line, many in choice.backs.items()
    ]
    try:
        with in_words():
            made = _act(desk, found, choice, backs)
    except Dearer as now:
        desk.refuse(_differs(now.total, found.currency))
    except Wrong as wrong:
        desk.refuse(_against(wrong))
    else:
        if made.exchange is not None:
            starting.begin(made.exchange)
        return redirect("store-returned", made.number)
    query = told.copy()
    for name in _NOT_KEPT:
        query.pop(name, None)
    return redirect(f"{desk.request.path}?{query.urlencode()}")


# Of the form, in the address of another try.
_NOT_KEPT = ("csrfmiddlewaretoken", "key", "store", "customer", "difference", "back", "email")

_BACK = re.compile(r"([0-9]{1,5}):([0-9]{1,3})")


def _told(told: QueryDict) -> Choice:
    """What the form says in full, whatever has become of the order: another try is the same."""
    found = [_BACK.fullmatch(one) for one in told.getlist("back")[:100]]
    wanted = Variant.objects.select_related("product").filter(pk=id_of(told.get("for", "")))
    return Choice(
        {int(one[1]): int(one[2]) for one in found if one},
        "damaged" if told.get("condition") == "damaged" else "good",
        told.get("reason", "").strip()[:40],
        wanted.first(),
        told.get("how", "")[:64],
    )


def _act(desk: Desk, found: Order, choice: Choice, backs: list[Back]) -> Return:
    """Raises what the actions raise."""
    told = desk.request.POST
    overrule = told.get("overrule", "").strip()[:300]
    if choice.wanted is None:
        return actions.take_back(
            found.pk,
            backs,
            place=desk.place.pk,
            by=desk.by,
            user=desk.user,
            source=desk.source,
            key=desk.key,
            channel=Channel.STORE,
            shown_by=desk.whose,
            overrule=overrule,
        )
    address = {name: told.get(name, "").strip()[:200] for name in _ADDRESS}
    difference = told.get("difference", "")
    by_link = told.get("pay_by") == "card" and _by_link(choice)
    email = told.get("email", "").replace("\0", "").strip()[:254]
    return actions.exchange(
        found.pk,
        backs,
        _items(desk, choice),
        place=desk.place.pk,
        by=desk.by,
        user=desk.user,
        source=desk.source,
        key=desk.key,
        pay_by="card" if by_link else "till",
        channel=Channel.STORE,
        shown_by=desk.whose,
        overrule=overrule,
        contact={**found.contact, "email": email} if by_link and email else None,
        address={**address, "country": found.market} if all(address.values()) else None,
        difference=int(difference) if re.fullmatch(r"-?[0-9]{1,15}", difference) else None,
    )


def _against(wrong: Wrong) -> str:
    """Why the policy says no, line by line, where it does."""
    cause = wrong.__cause__
    if not isinstance(cause, AgainstPolicy):
        return str(wrong)
    whys = {str(returns.WHY[code]) for code in cause.why.values() if code in returns.WHY}
    return ". ".join([_("The policy for returns says no"), *sorted(whys)]) + "."


def _differs(difference: int, currency: str) -> str:
    price = minor_words(abs(difference), currency)
    if difference > 0:
        return _("A price has changed: now she pays %(price)s on top.") % {"price": price}
    return _("A price has changed: now she gets %(price)s back.") % {"price": price}


@require_safe
@at_desk
def returned(desk: Desk, number: str) -> HttpResponse:
    """What came back, and what is to be paid or given back now."""
    back = get_object_or_404(Return, number=number[:64])
    due = asking.due(back.exchange) if back.exchange else None
    paid = paying.payment_of(back.exchange) if back.exchange else None
    by_card = paid is not None and payments.is_awaited(paid.provider)
    told = {"told": returns.told(back), "due": due, "by_card": by_card}
    return desk.page("returned.html", told)
