"""What is promised to customers: given, withdrawn, and ended when its time is up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from spindel.catalogue.markets import Market
from spindel.catalogue.models import Product
from spindel.catalogue.wording import in_language
from spindel.identity import identifiers
from spindel.identity.ownership import Under
from spindel.kit import idempotency, sql
from spindel.kit.actions import action
from spindel.kit.idempotency import KeyReused, Request
from spindel.kit.money import to_major
from spindel.kit.refusal import Refusal
from spindel.offers import pieces
from spindel.offers.facts import OfferPromised, PromiseLapsed, PromiseWithdrawn
from spindel.offers.mandates import Mandate
from spindel.offers.models import PricePromise
from spindel.offers.promising import promise
from spindel.offers.terms import (
    WHOLE,
    AmountOff,
    AmountOffEach,
    Benefit,
    FixedPrice,
    Goods,
    PercentOff,
    Stacking,
    Terms,
    decode,
    of,
)
from spindel.staff.actors import Actor
from spindel.timeline.recording import record, record_all

Source, State = PricePromise.Source, PricePromise.State

NAMES = {"en": "Promised to you", "sv": "Utlovat till dig", "da": "Lovet dig"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody here wants to promise: on which products (by number; none: on all that she
    buys), until when, and why.
    """

    benefit: Benefit
    products: Sequence[str] = ()
    until: datetime
    why: str = ""


@action(records="Offer Promised")
def promise_price(
    who: Under, wanted: Wanted, market: Market, mandate: Mandate, *, actor: Actor, request: Request
) -> PricePromise:
    """Promise her what is wanted, for one order; from now on every channel gives it: an amount off
    on top of what else she gets, a price or a rate where it is better. The same request again
    answers the same promise. Raises Refusal for more than the mandate allows, KeyReused, and
    recording.Gone.
    """
    asked = idempotency.fingerprint(wanted, market, actor.channel, actor.place)
    idempotency.lock(request.id)
    identifiers.stay([who])
    reference = str(request.id)
    if done := PricePromise.objects.filter(source=Source.PERSONAL, reference=reference).first():
        idempotency.check(done.content, asked)
        if done.identifier_id not in identifiers.proven(who):
            raise KeyReused
        return done
    _check(wanted, market, mandate, actor)
    on = frozenset(wanted.products)
    stacking = Stacking.TOGETHER if isinstance(wanted.benefit, AmountOff) else Stacking.BEST
    terms = Terms(
        names=NAMES,
        benefit=wanted.benefit,
        goods=Goods(products=on),
        stacking=stacking,
        cap=mandate.percent * 100 if stacking == Stacking.TOGETHER else None,
        priority=0,
    )
    made = promise(
        who,
        terms,
        until=wanted.until,
        source=Source.PERSONAL,
        reference=reference,
        actor=actor,
        why=wanted.why,
        content=asked,
    )
    record(_told(made, terms, market), who, actor.channel)
    return made


def _told(made: PricePromise, terms: Terms, market: Market) -> OfferPromised:
    benefit, currency = terms.benefit, market.currency
    price = benefit.amounts[currency] if isinstance(benefit, FixedPrice) else None
    off = benefit.amounts[currency] if isinstance(benefit, AmountOff | AmountOffEach) else None
    found = Product.objects.filter(number__in=terms.goods.products).order_by("number")
    return OfferPromised(
        promise_id=made.pk,
        name=terms.name("en"),
        until=made.until.isoformat(),
        price=None if price is None else float(to_major(price, currency)),
        percent=benefit.rate / 100 if isinstance(benefit, PercentOff) else None,
        discount=None if off is None else float(to_major(off, currency)),
        currency=currency,
        products=[
            {"product_id": one.number, "name": in_language(one.names, "en", one.number)}
            for one in found
        ],
        why=made.why,
    )


# --- how much may be promised ---------------------------------------------------------------------


def _check(wanted: Wanted, market: Market, mandate: Mandate, actor: Actor) -> None:
    """Raises Refusal."""
    now = timezone.now()
    if wanted.until <= now:
        raise Refusal("promise_over")
    if wanted.until > now + mandate.longest:
        raise Refusal("promise_too_long", days=mandate.longest.days)
    if actor.user is not None and _given_lately(actor.by) >= mandate.a_day:
        raise Refusal("promises_enough", most=mandate.a_day)
    _check_benefit(wanted, market, mandate)


def _given_lately(by: str) -> int:
    since = timezone.now() - timedelta(days=1)
    return PricePromise.objects.filter(source=Source.PERSONAL, by=by, made_at__gte=since).count()


def _check_benefit(wanted: Wanted, market: Market, mandate: Mandate) -> None:
    benefit, currency = wanted.benefit, market.currency
    if not isinstance(benefit, PercentOff | AmountOff | AmountOffEach | FixedPrice):
        raise Refusal("not_promised_so")
    if not isinstance(benefit, PercentOff) and currency not in benefit.amounts:
        raise Refusal("not_promised_so")
    if isinstance(benefit, FixedPrice | AmountOffEach) and not wanted.products:
        raise Refusal("promise_of_what")
    most = mandate.amounts.get(currency)
    if isinstance(benefit, PercentOff) and benefit.rate > mandate.percent * 100:
        raise Refusal("promise_too_much", percent=mandate.percent)
    if isinstance(benefit, AmountOff):
        if mandate.amounts and most is None:
            raise Refusal("not_promised_so")
        if most is not None and benefit.amounts[currency] > most:
            raise Refusal("promise_too_large")
    costs = pieces.view(market, None, products=wanted.products) if wanted.products else []
    if {one.product for one in costs} != set(wanted.products):
        raise Refusal("no_goods")
    for one in costs:
        off = one.total - _less(benefit, one.total, currency)
        if off * 100 > one.total * mandate.percent:
            raise Refusal("promise_too_much", percent=mandate.percent)
        if most is not None and off > most:
            raise Refusal("promise_too_large")


def _less(benefit: Benefit, cost: int, currency: str) -> int:
    if isinstance(benefit, PercentOff):
        return cost - cost * benefit.rate // WHOLE
    if isinstance(benefit, FixedPrice):
        return min(cost, benefit.amounts[currency])
    assert isinstance(benefit, AmountOff | AmountOffEach)
    return max(0, cost - benefit.amounts[currency])


# --- what becomes of it ---------------------------------------------------------------------------


@action(records="Promise Withdrawn")
def withdraw(id: int, actor: Actor) -> PricePromise:
    """Take back a promise that is open, as one does who has mistyped. Taken back again it stays so.
    Raises Refusal.
    """
    found = PricePromise.objects.select_for_update().filter(pk=id).first()
    if found is None or found.source != Source.PERSONAL:
        raise Refusal("no_such_price_promise")
    if found.state == State.WITHDRAWN:
        return found
    if found.state != State.OPEN:
        raise Refusal("promise_settled")
    found.state, found.changed_at = State.WITHDRAWN, timezone.now()
    found.save(update_fields=["state", "changed_at"])
    if found.identifier_id is not None:
        said = PromiseWithdrawn(promise_id=found.pk, name=of(found.terms).name("en"))
        record(said, found.identifier_id, actor.channel)
    return found


_LAPSE = """
WITH due AS (
    SELECT id FROM offers_pricepromise
    WHERE state = 'open' AND until <= statement_timestamp()
    ORDER BY until LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
UPDATE offers_pricepromise p
SET state = CASE WHEN EXISTS (
        SELECT FROM offers_offeruse u WHERE u.promise_id = p.id AND u.returned_at IS NULL
    ) THEN 'kept' ELSE 'lapsed' END, changed_at = statement_timestamp()
FROM due WHERE p.id = due.id
RETURNING p.id, p.state, p.source, p.identifier_id, p.terms::text
"""
_BATCH = 500


@action(records="Promise Lapsed")
def lapse() -> bool:
    """End some promises whose time is up; whether there may be more. What she was only shown is
    ended without a word.
    """
    ended = sql.rows(_LAPSE, {"most": _BATCH})
    record_all(
        (PromiseLapsed(promise_id=id, name=decode(terms).name("en")), identifier)
        for id, state, source, identifier, terms in ended
        if state == State.LAPSED and source != Source.SHOWN and identifier is not None
    )
    return len(ended) == _BATCH
