"""Selling over the counter: scan, scan, paid."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from spindel.commerce.common import goods as common_goods
from spindel.commerce.common.contacts import CONTACT
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.common.goods import Goods
from spindel.commerce.common.pages import Wrong, in_words
from spindel.commerce.orders import prefill
from spindel.commerce.orders import reading as orders
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Draft, Item
from spindel.commerce.orders.placement.goods import priced, read_goods
from spindel.commerce.payments.giftcard import cards
from spindel.commerce.stock import customer_holds
from spindel.commerce.stock.models import Hold
from spindel.commerce.stock.reading import levels
from spindel.kit import idempotency
from spindel.offers import explaining
from spindel.offers.explaining import Discount
from spindel.store.forms import MOST_LINES, SaleForm, SaleLineForm
from spindel.store.views.desk import Desk, at_desk, quote_link


@dataclass(frozen=True, slots=True)
class SaleLine:
    """Goods of the sale: what one costs and all of them do, and how many the books say are here."""

    goods: Goods
    quantity: int
    amount: int | None
    total: int
    here: int
    held: bool
    discounts: list[Discount]


@require_safe
@at_desk
def sale(desk: Desk) -> HttpResponse:
    """What is about to be sold, and what it comes to."""
    lines = _lines(desk)
    sold = [one for one in lines if one.amount is not None]
    return desk.page(
        "sale.html",
        {
            "lines": lines,
            "total": sum(one.total for one in sold),
            "sold": sold,
            "short": any(_short(o) for o in lines),
            "quote": _quote(desk, sold),
        },
    )


def _quote(desk: Desk, lines: list[SaleLine]) -> str:
    """Where the same is offered instead of sold."""
    page = quote_link(desk)
    offered = [("variant", str(one.goods.variant)) for one in lines] + [
        ("quantity", str(one.quantity)) for one in lines
    ]
    rest = [(name, "") for _one in lines for name in ("price", "how")]
    return f"{page}?{urlencode([*offered, *rest, ('holds', 'yes')])}" if page and lines else ""


def _short(line: SaleLine) -> bool:
    return not line.held and line.here < line.quantity


def _lines(desk: Desk) -> list[SaleLine]:
    if not desk.sale.lines:
        return []
    variants = list(desk.sale.lines)
    goods = common_goods.goods_of(variants, desk.language)
    kept = [
        Item(one, quantity, Fulfilment.HAND_OVER, desk.place.pk)
        for one, quantity in desk.sale.lines.items()
        if one in goods
    ]
    found = read_goods(_draft(desk, kept)) if kept else {}
    costs = priced(kept, found, desk.market, desk.currency, desk.whose).lines
    here = {one.variant: one for one in levels.levels(variants) if one.place == desk.place.pk}
    held = set(Hold.objects.filter(pk__in=desk.sale.holds).values_list("variant_id", flat=True))
    return [
        SaleLine(
            goods[one.variant],
            one.quantity,
            cost.amount,
            cost.total,
            max(0, here[one.variant].available) if one.variant in here else 0,
            one.variant in held,
            explaining.discounts([cost], desk.language),
        )
        for one, cost in zip(kept, costs, strict=True)
    ]


def _draft(desk: Desk, items: list[Item]) -> Draft:
    return Draft(
        request=desk.sent,
        items=items,
        market=desk.market,
        currency=desk.currency,
        language=desk.customers_language,
        actor=desk.actor,
        pay_by="till",
        contact=contact_of(desk),
    )


def contact_of(desk: Desk) -> dict[str, str]:
    """Who is served and how she is reached, for her receipt, as far as it is certain."""
    if desk.serving is None:
        return {}
    certain = prefill.of(desk.serving.opened, desk.market).certain
    return {name: certain[name] for name in CONTACT if certain[name]}


@require_POST
@at_desk
def change(desk: Desk) -> HttpResponse:
    """Another number of something, or none."""
    undoes = "quantity" in desk.request.GET
    form = SaleLineForm(desk.request.GET if undoes else desk.request.POST)
    if not form.is_valid():
        raise Http404
    variant, quantity = form.cleaned_data["variant"], form.cleaned_data["quantity"]
    before = desk.sale.lines.get(variant, 0)
    if before and not quantity:
        desk.say(_("It is not sold."), _changed(variant, before))
    undone = undoes and len(desk.sale.lines) < MOST_LINES
    if before or (undone and common_goods.goods_of([variant], desk.language)):
        desk.sale.set(variant, quantity)
        if not quantity:
            kept = Hold.objects.filter(pk__in=desk.sale.holds, variant=variant)
            gone = set(kept.values_list("pk", flat=True))
            desk.sale.holds = [one for one in desk.sale.holds if one not in gone]
        desk.remember()
    return redirect("store-sale")


def _changed(variant: int, quantity: int) -> str:
    """The address that has so many of it sold: what a tap has changed is undone by it."""
    query = urlencode({"variant": variant, "quantity": quantity})
    return f"{reverse('store-sale-change')}?{query}"


@require_POST
@at_desk
def empty(desk: Desk) -> HttpResponse:
    """Nothing is sold after all."""
    if desk.sale.lines:
        desk.say(_("Nothing is sold."), desk.drop())
    return redirect("store")


@require_POST
@at_desk
def resume(desk: Desk, id: str) -> HttpResponse:
    """Go on with a sale that waits, for whom it was begun."""
    if desk.resume(id):
        return redirect("store-sale")
    desk.refuse(_("Look the customer up first: the sale was begun for somebody."))
    return redirect("store-people")


@require_POST
@at_desk
def pay(desk: Desk) -> HttpResponse:
    """It is paid at the till: sell what the page has shown, at the price that it has shown.

    All of it stands in the form, so that another try after a lost answer is the same sale.
    """
    told = SaleForm(desk.request.POST).values
    items = [
        Item(variant, many, Fulfilment.HAND_OVER, desk.place.pk) for variant, many in told["line"]
    ]
    draft = replace(
        _draft(desk, items),
        whose=desk.whose,
        total=told["total"],
        holds=_hers(desk, told["hold"]),
        gift_card=told["gift_card"],
        # Without what is known of her, which may be more at the next try.
        asked=idempotency.fingerprint(
            *(items, told["total"], desk.place.pk, desk.whose, told["gift_card"])
        ),
    )
    try:
        with in_words():
            check_gift_card(desk, draft.gift_card)
            order = placing.sell(draft)
    except Wrong as wrong:
        desk.refuse(str(wrong))
    else:
        desk.sold(told["sale"])
        return redirect(sold_page(desk, order))
    return redirect("store-sale")


def check_gift_card(desk: Desk, code: str) -> None:
    """Raises Refusal for a code that is none here."""
    if code:
        cards.look(code, desk.currency, desk.user.email)


def sold_page(desk: Desk, order: Order) -> str:
    """The page of an order that has just come to be; what can be undone is said there."""
    if orders.is_voidable(order, desk.place.pk):
        desk.say(_("Sold."), reverse("store-order-void", args=[order.number]))
    return f"{reverse('store-order', args=[order.number])}?sold=1"


def _hers(desk: Desk, named: list[int]) -> list[int]:
    """What is held here for whoever is served, or for somebody without a name."""
    found = Hold.objects.filter(pk__in=named, place=desk.place, order_line_id=None)
    holders = customer_holds.holders([one.pk for one in found])
    served = desk.serving.customer if desk.serving else None
    return [one.pk for one in found if holders.get(one.pk, served) == served]
