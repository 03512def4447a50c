"""Goods come back over any counter: for their money, or for other goods.

Locks are taken in one order: the key, the order, all levels at once, payments. So of two stores
that take the same pair back the second finds that it came back already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import F

from spindel.catalogue.models import Place
from spindel.commerce.common import notices, numbers
from spindel.commerce.common.facts import major
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.orders import actions as orders
from spindel.commerce.orders import balance as orders_balance
from spindel.commerce.orders import fees, payment_due, payment_links, placement, returnable
from spindel.commerce.orders.balance import Way
from spindel.commerce.orders.history import (
    NoOrder,
    TooMany,
    happened,
    lock,
    products_of,
    tell_refund,
)
from spindel.commerce.orders.models import (
    Order,
    OrderEvent,
    OrderLine,
    Return,
    ReturnLine,
    ReturnPolicy,
    ReturnRequest,
)
from spindel.commerce.orders.placement import allocation
from spindel.commerce.orders.placement.draft import (
    Dearer,
    Draft,
    Item,
    check_items,
    goes_now,
    with_receipt,
)
from spindel.commerce.orders.placement.goods import sold
from spindel.commerce.orders.placement.holds import holds_of
from spindel.commerce.orders.returnable_rules import Policy
from spindel.commerce.returns import open_requests
from spindel.commerce.returns import reading as returns
from spindel.commerce.returns.facts import ItemExchanged, ItemReturned
from spindel.commerce.returns.reading import Reckoned
from spindel.commerce.stock import ledger
from spindel.commerce.stock.models import Movement
from spindel.kit import idempotency
from spindel.kit.actions import action
from spindel.kit.idempotency import Request
from spindel.kit.money import share
from spindel.kit.refusal import Refusal
from spindel.offers import uses
from spindel.staff import audit
from spindel.staff.actors import Actor
from spindel.staff.models import User
from spindel.staff.permissions import may
from spindel.timeline.recording import record

Condition = ReturnLine.Condition
Kind = OrderEvent.Kind

_MOST_LINES = 100


class AgainstPolicy(Refusal):
    """The policy says no. `why` says what is in the way, by line: keys of reading.WHY."""

    code = "against_policy"

    def __init__(self, why: Mapping[int, str]) -> None:
        super().__init__()
        self.why = dict(why)


class Differs(Dearer):
    """She pays or gets back something else than she was told; what she gets is below zero."""

    code = "differs"


class MayNotOverrule(Refusal):
    """Whoever asks may not take back what the policy says no to."""


@dataclass(frozen=True, slots=True)
class Back:
    """So many of the order's line with this number, in what condition, and why."""

    line: int
    quantity: int
    condition: str = Condition.GOOD
    reason: str = ""


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What is handed in over a counter.

    `shown_by` is an identifier of whoever shows the receipt: one that was nobody's is hers then.
    `overrule` says why they are taken although the policy says no, which whoever does it must be
    allowed to. `started` is the number of what was started from home, which this takes in: in time,
    if it was started in time.
    """

    lines: Sequence[Back]
    shown_by: int | None = None
    overrule: str = ""
    started: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is given for it, and what is asked for that.

    `pay_by` says how the rest is paid, if there is any. `contact` and `address`, in their normal
    forms, are who gets it and where, if not as before. `difference` is what she was told: above
    zero to pay, below to get back.
    """

    items: Sequence[Item]
    pay_by: str = "till"
    contact: Mapping[str, str] | None = None
    address: Mapping[str, str] | None = None
    difference: int | None = None


@dataclass(frozen=True, slots=True)
class _Counter:
    """Over which counter it comes, what was handed in there, and for which request."""

    place: Place
    actor: Actor
    back: HandedIn
    key: UUID
    content: UUID


@dataclass(frozen=True, slots=True)
class _Given:
    """What is given for it: money by these ways; and goods, `credited` of which it has paid for."""

    ways: Sequence[Way]
    order: Order | None = None
    credited: int = 0


@dataclass(frozen=True, slots=True)
class _Started:
    """What was started from home of the order: `this` is what is taken in now, if any of it is."""

    this: ReturnRequest | None
    all: Sequence[ReturnRequest]

    @property
    def at(self) -> datetime | None:
        """As of when the policy is asked."""
        return self.this.counts_as_of if self.this else None


@dataclass(frozen=True, slots=True)
class _Taken:
    """Goods that come back: so many pieces of the line, from number `start` on."""

    line: OrderLine
    start: int
    quantity: int
    condition: str
    reason: str

    @property
    def value(self) -> int:
        return share(self.line.total, self.line.quantity, self.start, self.quantity)

    def part(self, start: int, quantity: int) -> _Taken:
        """Some of them, from the one with this number on."""
        return replace(self, start=self.start + start, quantity=quantity)


# --- for money ------------------------------------------------------------------------------------


@action(records="Item Returned")
def take_back(order_id: int, back: HandedIn, actor: Actor, request: Request) -> Return:
    """Take goods back: into the stock of the actor's place; their money goes the way it came.

    The same request again answers the same return. Raises NoOrder, TooMany, AgainstPolicy,
    MayNotOverrule, Refusal, KeyReused, and recording.Gone.
    """
    back = replace(back, overrule=back.overrule.strip()[:300])
    content = idempotency.fingerprint(
        *(order_id, back.lines, actor.place, actor.channel, back.shown_by, back.overrule),
        back.started,
    )
    counter = _Counter(_place(actor.place), actor, back, request.id, content)
    if done := idempotency.before(Return.objects.all(), counter.key, content):
        return done
    order = lock(order_id)
    started = _started(order, counter)
    taken, overruled = _checked(order, counter, started)
    _claim(order, counter)
    number = numbers.new("B")
    coming = open_requests.levels(started.all)
    ledger.lock({(one.line.variant_id, counter.place.pk) for one in taken} | coming)
    _into_stock(taken, counter, number)
    _count(taken)
    value = sum(one.value for one in taken) + fees.fall_away(order, "returned")
    given = _Given(orders_balance.give_back(order, value))
    if not (
        order.lines.filter(quantity__gt=F("cancelled") + F("returned")).exists()
        or fees.has_exchanged(order)
    ):
        uses.give_back(order.number, returned=True)
    made = _write(order, taken, counter, number, overruled, given)
    _settle_started(started, made, counter)
    _story(order, Kind.RETURNED, made, taken, counter, given)
    notices.note(notices.Kind.REFUNDED, made.pk)
    for one in taken:
        _tell_return(order, one, counter)
    _tell_money(order, taken, given.ways, counter)
    return made


# --- for other goods ------------------------------------------------------------------------------


@action(records="Item Exchanged")
def exchange(
    order_id: int, back: HandedIn, wanted: Wanted, actor: Actor, request: Request
) -> Return:
    """Take goods back and give others for them: from here, another store, or by mail.

    What is wanted is an order of its own, `exchange` of what is answered. What came back pays for
    it; the rest is to be paid, or goes back the way it came. By card: she is mailed the link to
    pay, and what she wants is kept until then; if she does not, all of it is money back. What is
    held for her of the new goods is used up. As `take_back` otherwise; raises rules.NotEnough and
    Differs besides.
    """
    back = replace(back, overrule=back.overrule.strip()[:300])
    content = idempotency.fingerprint(
        *(order_id, back.lines, actor.place, actor.channel, back.shown_by, back.overrule),
        *(wanted.items, wanted.pay_by, wanted.contact, wanted.address, wanted.difference),
        back.started,
    )
    counter = _Counter(_place(actor.place), actor, back, request.id, content)
    found = Order.objects.filter(pk=order_id).first()
    if found is None:
        raise NoOrder
    draft = Draft(
        request=request.part("exchange"),
        actor=actor,
        items=[replace(one, amount=None) for one in wanted.items],
        whose=found.identifier_id,
        market=found.market,
        currency=found.currency,
        anywhere=True,
        language=found.language,
        pay_by=wanted.pay_by,
        contact=_reached(wanted) or found.contact,
        address=wanted.address or found.address,
        proved=found.proved,
    )
    draft = with_receipt(draft)
    if done := idempotency.before(Return.objects.all(), counter.key, content):
        return done
    _check_wanted(draft)
    order = lock(order_id)
    started = _started(order, counter)
    taken, overruled = _checked(order, counter, started)
    reckoned = returns.reckon(order, _summed(back.lines), draft.items)
    balance = reckoned.balance
    if wanted.difference not in (None, balance.to_pay - balance.to_refund):
        raise Differs(balance.to_pay - balance.to_refund, order.currency)
    _claim(order, counter)
    draft = replace(draft, items=reckoned.items, credit=balance.credited)
    draft = replace(draft, holds=[*holds_of(draft), *_kept_for(started, draft)])
    number = numbers.new("B")
    # Others exchange the other way round: all levels at once, in their one order.
    coming = open_requests.levels(started.all)
    here = {(one.line.variant_id, counter.place.pk) for one in taken}
    ledger.lock(here | allocation.levels(draft) | coming)
    _into_stock(taken, counter, number)
    new = placement.write(draft, sold(draft, reckoned.goods))
    _count(taken)
    given = _Given(orders_balance.give_back(order, balance.to_refund), new, balance.credited)
    made = _write(order, taken, counter, number, overruled, given)
    _settle_started(started, made, counter)
    if wanted.pay_by == "invoice" and any(one.delivered for one in new.lines.all()):
        orders_balance.capture(new)
    payment_links.ask_to_pay(new, draft.request)
    _story(order, Kind.EXCHANGED, made, taken, counter, given)
    if new.state != Order.State.AWAITING_PAYMENT:  # else she is told when it is paid
        notices.note(notices.Kind.EXCHANGED, made.pk)
    _tell_exchange(order, new, taken, reckoned, counter)
    _tell_money(order, taken, given.ways, counter)
    return made


def _reached(wanted: Wanted) -> Mapping[str, str] | None:
    contact = wanted.contact
    return contact if contact and any(contact.values()) else None


def _check_wanted(draft: Draft) -> None:
    """Raises Refusal for what can't be given for what came back."""
    check_items(draft.items)
    if any(goes_now(one) and one.place != draft.actor.place for one in draft.items):
        raise Refusal("goods_from_here")
    if draft.pay_by not in ("till", "store", "invoice", "card"):
        raise Refusal("exchange_payment")
    payment_due.check(draft.pay_by, draft.contact.get("email", ""))
    for one in draft.items:
        fetched = one.fulfilment == Fulfilment.PICK_UP and one.place is not None
        if fetched and not _place(one.place).hands_over:
            raise Refusal("nothing_collected_there")


# --- what both do ---------------------------------------------------------------------------------


def _place(id: int | None) -> Place:
    found = Place.objects.filter(pk=id or 0, closed_at=None).first()
    if found is None:
        raise Refusal("no_such_store")
    return found


def _summed(lines: Sequence[Back]) -> dict[int, int]:
    sums: Counter[int] = Counter()
    for one in lines:
        if one.quantity < 1:
            raise Refusal("no_quantity")
        sums[one.line] += one.quantity
    return dict(sums)


def _started(order: Order, counter: _Counter) -> _Started:
    """What was started of the order, which is locked. Raises Refusal for a number that is none."""
    open_ = open_requests.open_of(order)
    this = next((one for one in open_ if one.number == counter.back.started), None)
    if counter.back.started and this is None:
        raise Refusal("return_not_under_way")
    return _Started(this, open_)


def _kept_for(started: _Started, draft: Draft) -> list[int]:
    """What is held for what is taken in now, where it is what they get."""
    this = started.this
    if this is None or this.hold_id is None:
        return []
    return [this.hold_id] if this.wanted_id in {one.variant for one in draft.items} else []


def _settle_started(started: _Started, back: Return, counter: _Counter) -> None:
    """What was taken in is done. What was started of goods that are not out any more is over."""
    if started.this is not None:
        started.this.taken = back
        open_requests.end(started.this, ReturnRequest.State.RECEIVED, counter.actor.by)
    left = [one for one in started.all if one is not started.this]
    lines = back.order.lines.annotate(out=F("delivered") - F("returned"))
    out = dict(lines.values_list("pk", "out"))
    for one in left[::-1]:  # the newest is the first to go
        coming = open_requests.coming(left)
        if any(coming[line.order_line_id] > out[line.order_line_id] for line in one.lines.all()):
            left.remove(one)
            open_requests.end(one, ReturnRequest.State.OVERTAKEN, counter.actor.by)


def _checked(order: Order, counter: _Counter, started: _Started) -> tuple[list[_Taken], str]:
    """What comes back of the order, which is locked; and why, if the policy is overruled."""
    lines = counter.back.lines
    if not 0 < len(lines) <= _MOST_LINES:
        raise Refusal("nothing_comes_back")
    if any(one.condition not in Condition.values for one in lines):
        raise Refusal("no_condition")
    there = {one.line: one for one in order.lines.all()}
    sums = _summed(lines)
    if sums.keys() - there.keys():
        raise TooMany("no_such_line")
    said = returnable.cans([there[one] for one in sums], {order.pk: order.placed_at}, started.at)
    against: dict[int, str] = {}
    for number, many in sums.items():
        line = there[number]
        can = said[line.pk]
        if not line.delivered:
            raise Refusal("not_handed_over")
        if many > can.takeable.open:
            raise TooMany("not_out")
        if many > can.takeable.can:
            against[number] = can.takeable.why or "too_late"
        elif not can.policy.damaged and _has_damaged(lines, number):
            against[number] = "damaged"
    if against:
        _may_overrule(order, against, counter)
    taken = []
    out = {number: there[number].returned for number in sums}
    for one in lines:
        reason = one.reason.strip()[:40]
        taken.append(_Taken(there[one.line], out[one.line], one.quantity, one.condition, reason))
        out[one.line] += one.quantity
    return taken, counter.back.overrule if against else ""


def _has_damaged(lines: Sequence[Back], number: int) -> bool:
    return any(one.line == number and one.condition == Condition.DAMAGED for one in lines)


def _may_overrule(order: Order, against: Mapping[int, str], counter: _Counter) -> None:
    if not counter.back.overrule:
        raise AgainstPolicy(against)
    user = User.objects.filter(pk=counter.actor.user or 0).first()
    if user is None or not may(user, "returns.overrule"):
        raise MayNotOverrule("may_not_overrule")
    detail = {"name": order.number, "why": sorted(set(against.values()))}
    audit.note(user, "return.overruled", detail=detail)


def _claim(order: Order, counter: _Counter) -> None:
    """A receipt that was nobody's is hers who shows it; another's comes back all the same."""
    if counter.back.shown_by is not None and order.identifier_id is not None:
        with suppress(orders.SomebodyElses):
            orders.claim(order.number, counter.back.shown_by, counter.actor)


def _into_stock(taken: Sequence[_Taken], counter: _Counter, number: str) -> None:
    """Goods are in the place from now on. Damaged ones came, and are gone again: both is told."""
    named = idempotency.key("return", number)
    told: list[ledger.Told] = []
    for one in taken:
        steps = [(Movement.Kind.RETURN, one.quantity)]
        if one.condition == Condition.DAMAGED:
            steps.append((Movement.Kind.DAMAGE, -one.quantity))
        for kind, many in steps:
            variant, place = one.line.variant_id, counter.place.pk
            told.append(ledger.Told(named, len(told), variant, place, kind, many, None))
    ledger.post(told, counter.actor.by)


def _count(taken: Sequence[_Taken]) -> None:
    for one in taken:
        one.line.returned += one.quantity
        one.line.save(update_fields=["returned"])


def _write(
    order: Order,
    taken: Sequence[_Taken],
    counter: _Counter,
    number: str,
    overruled: str,
    given: _Given,
) -> Return:
    back = Return.objects.create(
        number=number,
        key=counter.key,
        content=counter.content,
        order=order,
        exchange=given.order,
        identifier_id=order.identifier_id,
        place=counter.place,
        channel=counter.actor.channel,
        by=counter.actor.by,
        refund=given.credited + sum(one.amount for one in given.ways),
        credited=given.credited,
        overruled=overruled,
    )
    ReturnLine.objects.bulk_create(
        ReturnLine(
            back=back,
            order_line=one.line,
            quantity=one.quantity,
            condition=one.condition,
            reason=one.reason,
            amount=one.value,
        )
        for one in taken
    )
    return back


def _story(
    order: Order,
    kind: OrderEvent.Kind,
    back: Return,
    taken: Sequence[_Taken],
    counter: _Counter,
    given: _Given,
) -> None:
    reasons = dict.fromkeys(one.reason for one in taken if one.reason)
    happened(
        order,
        kind,
        counter.actor.by,
        back.overruled or ", ".join(reasons),
        number=back.number,
        store=counter.place.name,
        lines=[[one.line.line, one.quantity] for one in taken],
        ways=[[one.provider, one.amount] for one in given.ways],
        exchange=given.order.number if given.order else "",
    )


# --- what is told ---------------------------------------------------------------------------------


def _tell_return(order: Order, one: _Taken, counter: _Counter) -> None:
    if order.identifier_id is None:
        return
    fact = ItemReturned(
        order_id=order.number,
        store=counter.place.code,
        store_name=counter.place.name,
        product_id=one.line.product,
        sku=one.line.sku,
        name=one.line.name,
        variant=one.line.options,
        quantity=one.quantity,
        price=major(one.value // one.quantity, order.currency),
        currency=order.currency,
        condition=str(one.condition),
        reason=one.reason,
    )
    record(fact, order.identifier_id, counter.actor.channel)


def _tell_money(
    order: Order, taken: Sequence[_Taken], ways: Sequence[Way], counter: _Counter
) -> None:
    # What was paid to another system is paid back there, which tells of it.
    money = sum(one.amount for one in ways if one.provider != "elsewhere")
    if money:
        products = products_of(order, [(one.line, one.quantity) for one in taken])
        tell_refund(order, money, products, counter.actor.channel)


def _tell_exchange(
    order: Order, new: Order, taken: Sequence[_Taken], reckoned: Reckoned, counter: _Counter
) -> None:
    """One fact for each that was exchanged for another; what nothing was given for came back."""
    if order.identifier_id is None:
        return
    for one, item in _pairs(taken, reckoned):
        if item is None:
            _tell_return(order, one, counter)
            continue
        goods, amount = reckoned.goods[item.variant], item.amount or 0
        fact = ItemExchanged(
            order_id=order.number,
            new_order_id=new.number,
            store=counter.place.code,
            store_name=counter.place.name,
            product_id=goods.product,
            sku=goods.sku,
            name=goods.name,
            variant=goods.options,
            returned_product_id=one.line.product,
            returned_sku=one.line.sku,
            returned_name=one.line.name,
            returned_variant=one.line.options,
            quantity=one.quantity,
            value=major(one.value, order.currency),
            difference=major(one.quantity * amount - one.value, order.currency),
            currency=order.currency,
            condition=str(one.condition),
            reason=one.reason,
        )
        record(fact, order.identifier_id, counter.actor.channel)


def _pairs(taken: Sequence[_Taken], reckoned: Reckoned) -> list[tuple[_Taken, Item | None]]:
    """What of that which came back was exchanged for which, as many; those of a product with each
    other.
    """
    back = [one.quantity for one in taken]
    out = [one.quantity for one in reckoned.items]
    found: list[tuple[_Taken, Item | None]] = []
    for same in (True, False):
        for i, one in enumerate(taken):
            for j, item in enumerate(reckoned.items):
                alike = reckoned.goods[item.variant].product == one.line.product
                many = min(back[i], out[j])
                if many and (alike or not same):
                    found.append((one.part(one.quantity - back[i], many), item))
                    back[i] -= many
                    out[j] -= many
    rest = zip(taken, back, strict=True)
    found += [(one.part(one.quantity - left, left), None) for one, left in rest if left]
    return found


# --- the policy -----------------------------------------------------------------------------------

_NOBODYS = "How long goods of a kind are taken back is no customer’s."


@action(silent=_NOBODYS)
def set_policy(category: str, days: int, damaged: bool, by: User | str) -> None:
    """Take goods of the category back for so many days, 0 for not at all; "": all others.

    Raises Refusal.
    """
    if not 0 <= days <= 3_650:
        raise Refusal("policy_days")
    category = " > ".join(part.strip() for part in category.split(">")).strip()[:200]
    ReturnPolicy.objects.update_or_create(
        category=category, defaults={"days": days, "damaged": damaged}
    )
    detail = {"kind": category or "*", "days": days, "damaged": damaged}
    audit.note(by, "return.policy_changed", detail=detail)


@action(silent=_NOBODYS)
def replace_policy(policies: Mapping[str, Policy], by: User | str) -> None:
    """Have these be the whole policy, by category. Raises Refusal."""
    for category in ReturnPolicy.objects.exclude(category__in=policies).values_list(
        "category", flat=True
    ):
        drop_policy(category, by)
    for category, one in policies.items():
        set_policy(category, one.days, one.damaged, by)


@action(silent=_NOBODYS)
def drop_policy(category: str, by: User | str) -> None:
    """Have goods of the category taken back as all others. Where it has none: nothing."""
    if ReturnPolicy.objects.filter(category=category).delete()[0]:
        audit.note(by, "return.policy_changed", detail={"kind": category, "days": None})
