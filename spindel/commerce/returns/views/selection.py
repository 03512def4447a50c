"""What comes back, and for what, as it was chosen on a page: at a counter, or from far away.

What is chosen stands in the page's address, so that what it comes to is shown before it is done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from spindel.catalogue.grids import Grid, grid
from spindel.catalogue.models import Place, Variant
from spindel.commerce.common import contacts, goods, visibility
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.common.pages import Wrong
from spindel.commerce.orders import prefill
from spindel.commerce.orders.models import Order, ReturnRequest
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.payments import providers
from spindel.commerce.returns import reading as returns
from spindel.commerce.returns.actions import AgainstPolicy, Back, Differs
from spindel.commerce.returns.forms import ChoiceForm
from spindel.commerce.returns.reading import Purchase
from spindel.commerce.stock import nearby
from spindel.commerce.stock.models import Hold
from spindel.commerce.stock.reading import levels as reading_levels
from spindel.commerce.stock.reading.levels import Stock
from spindel.identity.shown import Opened
from spindel.kit import ids, saying
from spindel.kit.options import options_text
from spindel.kit.templatetags.look import minor_words
from spindel.staff.models import User
from spindel.timeline import phrases

HERE, SHIP = "here", "ship"
MONEY = "money"
_MOST_SIZES = 60


@dataclass(frozen=True, slots=True)
class Choice:
    """Which lines come back, how many of each, how they are and why; and for what, if for goods.

    `how` is HERE, a store's code, or SHIP. `money`: its price goes back. Where neither that nor
    goods were chosen, nobody has said yet.
    """

    backs: dict[int, int]
    condition: str
    reason: str
    wanted: Variant | None
    how: str
    money: bool

    @property
    def what(self) -> str:
        """For what, as the field `for` says it; empty: not said yet."""
        return MONEY if self.money else str(self.wanted.pk) if self.wanted else ""

    @property
    def many(self) -> int:
        """How many come back in all."""
        return sum(self.backs.values())

    def coming(self, ways: list[Way]) -> Choice:
        """The same, in one of the ways that it can come."""
        how = next((one.how for one in ways if one.chosen), ways[0].how if ways else "")
        return replace(self, how=how)

    def lines(self) -> list[Back]:
        """What comes back, as it is done."""
        return [Back(line, many, self.condition, self.reason) for line, many in self.backs.items()]

    def items(self, here: Place) -> list[Item]:
        """What she gets instead. Raises Http404 for a store that is not there."""
        if self.wanted is None:
            return []
        if self.how == SHIP:
            return [Item(self.wanted.pk, self.many)]
        if self.how == HERE:
            return [Item(self.wanted.pk, self.many, Fulfilment.HAND_OVER, here.pk)]
        place = get_object_or_404(Place, code=self.how)
        return [Item(self.wanted.pk, self.many, Fulfilment.PICK_UP, place.pk)]

    @property
    def by_link(self) -> bool:
        """Whether she may pay the difference by card from a link: what is not handed over now."""
        return self.how != HERE and providers.named("card").is_open()


@dataclass(frozen=True, slots=True)
class Size:
    """What she can have instead, and how many are here and elsewhere."""

    variant: int
    sku: str
    label: str
    here: int
    elsewhere: int
    chosen: bool
    options: dict[str, str]

    @property
    def there(self) -> int:
        """How many there are in all places."""
        return self.here + self.elsewhere

    @property
    def size(self) -> str:
        """Its size alone, where it has one; for those of one colour."""
        return self.options.get("size", "") or self.label


@dataclass(frozen=True, slots=True)
class Way:
    """How she gets it: a code of Choice.how, and in words."""

    how: str
    label: str
    chosen: bool


def reached(order: Order, email: str) -> dict[str, str] | None:
    """Who gets the new goods: whoever had the others, by the address that was typed; None without
    one.
    """
    return contacts.contact({**order.contact, "email": email}) if email else None


def choice_of(form: ChoiceForm, purchase: Purchase) -> Choice:
    """What the address or the form says; where there is but one thing to choose, that."""
    open_ = {one.line: one.open for one in purchase.lines if one.open}
    ticked = form.ticked()
    backs = {line: min(many, open_[line]) for line, many in ticked.items() if line in open_}
    if not backs and not form.values["chosen"] and len(open_) == 1:
        backs = dict.fromkeys(open_, 1)
    return _choice(form, backs)


def whole(form: ChoiceForm) -> Choice:
    """What the form says in full, whatever has become of the order: another try is the same."""
    return _choice(form, dict(form.values["back"]))


def _choice(form: ChoiceForm, backs: dict[int, int]) -> Choice:
    said = form.values
    wanted = Variant.objects.select_related("product").filter(pk=ids.read(said["for_"])).first()
    return Choice(
        backs,
        said["condition"] or "good",
        said["reason"],
        wanted,
        said["how"],
        said["for_"] == MONEY,
    )


def reasons() -> list[tuple[str, str]]:
    """Why goods mostly come back, with words for it."""
    return [(one, str(phrases.reasons().get(one, one))) for one in returns.REASONS]


def whys() -> dict[str, str]:
    """What may be in the way, in words."""
    return {code: str(text) for code, text in returns.WHY.items()}


# --- what she can have instead --------------------------------------------------------------------


def levels(variants: Sequence[int], kept: Hold | None) -> list[Stock]:
    """What there is of the variants where; what is `kept` for this very exchange is there."""
    return [
        replace(one, held=one.held - kept.quantity)
        if kept and (one.variant, one.place) == (kept.variant_id, kept.place_id)
        else one
        for one in reading_levels.levels(variants)
    ]


def started(form: ChoiceForm, order: Order) -> ReturnRequest | None:
    """What was started from home that the address or the form names, while it is to come."""
    found = order.return_requests.filter(number=form.values["request"])
    return found.select_related("hold").filter(state=ReturnRequest.State.OPEN).first()


def kept_for(request: ReturnRequest | None) -> Hold | None:
    """What is held for it."""
    hold = request.hold if request else None
    return hold if hold and hold.state == Hold.State.ACTIVE else None


def sizes(purchase: Purchase, choice: Choice, here: Place, kept: Hold | None = None) -> list[Size]:
    """The sizes and colours of the goods that come back."""
    lines = [one.variant for one in purchase.lines if one.line in choice.backs]
    same = Variant.objects.filter(
        product__variants__in=lines, removed_at=None, product__removed_at=None
    ).distinct()
    in_order = same.select_related("product").order_by("product", "position", "pk")
    variants = list(in_order[:_MOST_SIZES])
    there: dict[int, int] = {}
    elsewhere: dict[int, int] = {}
    for one in levels([variant.pk for variant in variants], kept):
        counted = there if one.place == here.pk else elsewhere
        counted[one.variant] = counted.get(one.variant, 0) + max(0, one.available)
    return [
        Size(
            one.pk,
            one.sku,
            goods.options(one) or one.sku,
            there.get(one.pk, 0),
            elsewhere.get(one.pk, 0),
            choice.wanted is not None and choice.wanted.pk == one.pk,
            _options(one),
        )
        for one in variants
    ]


_FEW = 6  # sizes that are shown at once


@dataclass(frozen=True, slots=True)
class Fitting:
    """What she can have of the same model: near her size in her colour first; and all there are,
    by colour and size, where that is more.
    """

    near: list[Size]
    all: Grid[Size] | None


def fitting(found: Sequence[Size], own: Variant, reason: str) -> Fitting:
    """The sizes in the order in which she is likely to want them.

    Nearest to hers first, in the direction that the reason names; of what is faulty the same again,
    which is last otherwise. What there is none of comes after what there is.
    """
    mine = _options(own)
    scale = list(dict.fromkeys(one.options.get("size", "") for one in found))

    def far(one: Size) -> tuple[bool, bool, int, bool]:
        steps = _steps(scale, mine.get("size", ""), one.options.get("size", ""))
        same = one.variant == own.pk
        wrong_way = steps < 0 if reason != "too large" else steps > 0
        return (
            same and reason != "faulty",
            not one.here and not one.elsewhere,
            abs(steps),
            wrong_way,
        )

    hers = [one for one in found if _but_size(one.options) == _but_size(mine)]
    near = sorted(hers, key=far)[:_FEW]
    return Fitting(near, grid(found) if len(found) > len(near) else None)


def _options(variant: Variant) -> dict[str, str]:
    return {name: str(value) for name, value in variant.options.items()}


def _but_size(options: Mapping[str, str]) -> str:
    return options_text({name: value for name, value in options.items() if name != "size"})


def _steps(scale: Sequence[str], one: str, other: str) -> int:
    """How many sizes the other is above the one; far where one of them is none of the scale."""
    if one not in scale or other not in scale:
        return len(scale)
    return scale.index(other) - scale.index(one)


def reason_of(found: Sequence[Size], own: Variant, wanted: Variant | None) -> str:
    """Why it comes back, where the exchange says so itself: for a larger size it was too small."""
    if wanted is None or wanted.product_id != own.product_id:
        return ""
    scale = list(dict.fromkeys(one.options.get("size", "") for one in found))
    size, other = _options(own).get("size", ""), _options(wanted).get("size", "")
    if size == other or size not in scale or other not in scale:
        return ""
    return "too small" if _steps(scale, size, other) > 0 else "too large"


def came_back(purchase: Purchase, choice: Choice) -> Variant | None:
    """The first of what comes back."""
    found = [one.variant for one in purchase.lines if one.line in choice.backs]
    return Variant.objects.select_related("product").get(pk=found[0]) if found else None


def ways(
    choice: Choice, here: Place, most: int, *, counter: bool, kept: Hold | None = None
) -> list[Way]:
    """How she can get what she wants instead: over this counter, in so many stores, by mail.

    At a counter the soonest first; else by mail first.
    """
    if choice.wanted is None:
        return []
    enough = [one for one in levels([choice.wanted.pk], kept) if one.available >= choice.many]
    found: list[tuple[str, str]] = []
    if counter and any(one.place == here.pk for one in enough):
        found.append((HERE, _("From here, now")))
    for one in nearby.stores_with(choice.wanted.pk, here, enough):
        if one.place.pk != here.pk or not counter:
            found.append((one.place.code, _("Fetch in %(s)s") % {"s": one.place.name}))
    found = found[: most + counter]
    senders = set(Place.objects.filter(ships=True, closed_at=None).values_list("pk", flat=True))
    if sum(one.available for one in enough if one.place in senders) >= choice.many:
        found.insert(len(found) if counter else 0, (SHIP, _("By mail")))
    asked = choice.how if choice.how in {how for how, _label in found} else ""
    asked = asked or (found[0][0] if found else "")
    return [Way(how, label, how == asked) for how, label in found]


# --- where it is sent -----------------------------------------------------------------------------


def home(user: User, purchase: Purchase, market: str) -> dict[str, str]:
    """Where whoever has bought it lives, as far as is certain and the person may know."""
    if purchase.customer is None or not visibility.sees_contact(user, purchase.customer):
        return {}
    known = prefill.of(Opened(user, purchase.customer), market).certain
    return {name: known[name] for name in contacts.ADDRESS}


# --- what stands against it -----------------------------------------------------------------------


def is_against(purchase: Purchase, choice: Choice) -> bool:
    """Whether the policy says no to any of it."""
    return any(
        choice.backs.get(one.line, 0) > one.can
        or (one.line in choice.backs and choice.condition == "damaged" and not one.damaged)
        for one in purchase.lines
    )


def against(wrong: Wrong) -> str:
    """Why the policy says no, line by line, where it does; else what was wrong."""
    cause = wrong.__cause__
    if not isinstance(cause, AgainstPolicy):
        return str(wrong)
    said = {str(returns.WHY[code]) for code in cause.why.values() if code in returns.WHY}
    return ". ".join([_("The policy for returns says no"), *sorted(said)]) + "."


@saying.in_words.register
def _differs(no: Differs) -> str:
    price = minor_words(abs(no.total), no.currency)
    if no.total > 0:
        return _("A price has changed: now the customer pays %(price)s on top.") % {"price": price}
    return _("A price has changed: now the customer gets %(price)s back.") % {"price": price}
