"""What is done to offers: said, given and stopped, with codes for those who are to have one."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db.models import Sum
from django.db.models.functions import Coalesce, Now

from spindel.catalogue.reading import currency_of
from spindel.kit import sql
from spindel.kit.actions import action
from spindel.kit.refusal import Refusal
from spindel.offers import codes, lists, shown
from spindel.offers.edition import changed
from spindel.offers.models import (
    DeliveryFee,
    Offer,
    OfferCode,
    OfferLimit,
    OfferShowing,
    OfferStateChange,
    OfferUse,
    OfferVersion,
)
from spindel.offers.terms import Terms, encode, of
from spindel.staff import audit

SILENT = "An offer is nobody's; its versions say who has changed it, when and why."


@action(silent=SILENT)
def keep(key: str, terms: Terms, *, by: str, why: str = "", seen: int | None = None) -> Offer:
    """Have the offer of this key say these terms: a draft, if there is none yet. Each change is a
    version; the same terms again are none.

    `seen` is the version that whoever changes it has before her; 0: she makes a new one. Raises
    Refusal where there is another by now.
    """
    told = json.loads(encode(terms))
    Offer.objects.bulk_create([Offer(key=key)], ignore_conflicts=True)  # or another request has
    offer = Offer.objects.select_for_update(no_key=True).get(key=key)
    last = offer.versions.filter(number=offer.version).first()
    if last is not None:
        _check_seen(offer, seen)
        if of(last.terms) == terms:
            return offer
        if offer.state == Offer.State.LIVE:
            shown.keep_promises(offer, by)
        offer.version += 1
        offer.save(update_fields=["version"])
    OfferVersion.objects.create(offer=offer, number=offer.version, terms=told, by=by, why=why)
    audit.note(by, "offer.changed", detail={"name": key})
    _limit(offer, terms)
    changed()
    return offer


def _check_seen(offer: Offer, seen: int | None) -> None:
    if seen == 0:
        raise Refusal("offer_exists", name=offer.key)
    if seen is not None and seen != offer.version:
        raise Refusal("offer_changed")


@action(silent=SILENT)
def go_back(key: str, number: int, *, by: str, why: str, seen: int | None = None) -> Offer:
    """Have the offer say again what a version of it said: as a new version. Raises Refusal."""
    version = OfferVersion.objects.filter(offer__key=key, number=number).first()
    if version is None:
        raise Refusal("no_such_offer")
    return keep(key, of(version.terms), by=by, why=why, seen=seen)


@action(silent=SILENT)
def set_state(
    key: str, state: Offer.State, by: str, why: str = "", seen: int | None = None
) -> Offer:
    """Have the offer be given, wait or end. One that has ended stays so. Who was shown one that is
    stopped before its time keeps it. `seen` is as with `keep`. Raises Refusal.
    """
    offer = _locked(key)
    _check_seen(offer, seen)
    if offer.state == state:
        return offer
    if offer.state == Offer.State.ENDED:
        raise Refusal("offer_ended")
    if state == Offer.State.DRAFT:
        raise Refusal("offer_was_given")
    if offer.state == Offer.State.LIVE:
        shown.keep_promises(offer, by)
    offer.state = state
    offer.save(update_fields=["state"])
    OfferStateChange.objects.create(offer=offer, state=state, by=by, why=why)
    audit.note(by, f"offer.{state}", detail={"name": key})
    changed()
    return offer


@action(silent=SILENT)
def show(key: str, to: str, *, by: str) -> None:
    """Say that the offer was sent to all who are on the list: they keep what it says now. Again it
    changes nothing. Raises Refusal.
    """
    offer, sent_to = _locked(key), lists.one(to)
    if offer.state != Offer.State.LIVE:
        raise Refusal("offer_not_given")
    OfferShowing.objects.get_or_create(
        offer=offer, version=offer.version, list=sent_to, defaults={"by": by}
    )


def _locked(key: str) -> Offer:
    offer = Offer.objects.select_for_update(no_key=True).filter(key=key).first()
    if offer is None:
        raise Refusal("no_such_offer")
    return offer


def _limit(offer: Offer, terms: Terms) -> None:
    """Keep what is left of the offer, of what its terms allow in all."""
    limits = dict(terms.budget)
    if terms.most_uses is not None:
        limits[""] = terms.most_uses
    kept = OfferLimit.objects.select_for_update().filter(offer=offer).order_by("currency")
    for one in kept:
        if one.currency not in limits:
            one.delete()
    counting = OfferUse.objects.filter(offer=offer, promise=None, returned_at=None)
    for currency, most in sorted(limits.items()):
        spent = counting.filter(currency=currency) if currency else counting
        given = (
            spent.aggregate(all=Coalesce(Sum("amount"), 0))["all"] if currency else spent.count()
        )
        OfferLimit.objects.update_or_create(
            offer=offer, currency=currency, defaults={"left": max(0, most - given)}
        )


# --- codes ----------------------------------------------------------------------------------------


@action(silent=SILENT)
def add_code(key: str, typed: str, uses_left: int | None = None, by: str = "") -> OfferCode:
    """Give the offer a code that anybody may be told, such as SUMMER10. The same again changes how
    often it can be used, and has it count again if it was revoked. Raises Refusal.
    """
    offer, code = _locked(key), codes.read(typed)
    if len(code) < codes.LEAST_CODE:
        raise Refusal("bad_code", least=codes.LEAST_CODE, most=codes.MOST_CODE)
    made, is_new = OfferCode.objects.get_or_create(
        digest=codes.digest(code), defaults={"offer": offer, "text": code, "uses_left": uses_left}
    )
    if made.offer_id != offer.pk:
        raise Refusal("code_taken")
    if made.uses_left != uses_left or made.revoked_at is not None:
        made.uses_left, made.revoked_at = uses_left, None
        made.save(update_fields=["uses_left", "revoked_at"])
        is_new = True
    if is_new:
        audit.note(by, "offer.code_added", detail={"name": key})
    return made


@action(silent=SILENT)
def revoke_code(key: str, typed: str, by: str) -> None:
    """Have a code of the offer count no more; orders that have it keep it. Raises Refusal."""
    offer, digest = _locked(key), codes.digest(codes.read(typed))
    mine = OfferCode.objects.filter(offer=offer, digest=digest)
    if not mine.exists():
        raise Refusal("no_such_code")
    if mine.filter(revoked_at=None).update(revoked_at=Now()):
        audit.note(by, "offer.code_revoked", detail={"name": key})


@action(silent=SILENT)
def revoke_single_codes(key: str, by: str) -> int:
    """Have none of the offer's codes for one use each count any more; how many those are."""
    offer = _locked(key)
    many = OfferCode.objects.filter(offer=offer, text="", revoked_at=None).update(revoked_at=Now())
    if many:
        audit.note(by, "offer.codes_revoked", detail={"name": key, "many": many})
    return many


MOST_AT_ONCE = 1_000_000

_PUT = """
INSERT INTO offers_offercode (digest, offer_id, text, uses_left)
SELECT digest, %(offer)s, '', 1 FROM unnest(%(digests)s::bytea[]) AS digest
ON CONFLICT (digest) DO NOTHING
"""
_BATCH = 10_000


@action(silent=SILENT)
def make_codes(key: str, many: int, by: str) -> Sequence[str]:
    """So many codes that can each be used once. They are answered this once: nobody can read them
    afterwards. Raises Refusal.
    """
    offer = _locked(key)
    if not 1 <= many <= MOST_AT_ONCE:
        raise Refusal("too_many_codes", most=MOST_AT_ONCE)
    made: set[str] = set()
    while len(made) < many:  # two alike are as good as impossible, and would be one too few
        some = {codes.new() for _ in range(min(_BATCH, many - len(made)))} - made
        put = sql.run(_PUT, {"offer": offer.pk, "digests": [codes.digest(one) for one in some]})
        if put == len(some):
            made |= some
    audit.note(by, "offer.codes_made", detail={"name": key, "many": many})
    return sorted(made)


# --- delivery -------------------------------------------------------------------------------------

_FREE = "What delivery costs is said to everybody; the log says who has changed it."


@action(silent=_FREE)
def keep_fee(fee: DeliveryFee, by: str) -> None:
    """Have goods of so much or more come for so much, from now on. Raises Refusal."""
    _check_fee(fee)
    DeliveryFee.objects.update_or_create(
        market=fee.market,
        currency=fee.currency,
        method=fee.method,
        worth=fee.worth,
        defaults={"amount": fee.amount, "vat_rate": fee.vat_rate},
    )
    _fees_changed(by)


@action(silent=_FREE)
def drop_fee(id: int, by: str) -> None:
    """Charge it no more. Where there is none: nothing."""
    if DeliveryFee.objects.filter(pk=id).delete()[0]:
        _fees_changed(by)


@action(silent=_FREE)
def replace_fees(fees: Sequence[DeliveryFee], by: str) -> None:
    """Have these be all the fees. Raises Refusal."""
    if len({(one.market, one.currency, one.method, one.worth) for one in fees}) < len(fees):
        raise Refusal("fee_twice")
    for one in fees:
        _check_fee(one)
    sql.run("LOCK TABLE offers_deliveryfee IN SHARE ROW EXCLUSIVE MODE")  # others replace them, too
    DeliveryFee.objects.all().delete()
    DeliveryFee.objects.bulk_create(fees)
    _fees_changed(by)


def _check_fee(fee: DeliveryFee) -> None:
    if currency_of(fee.market) != fee.currency:
        raise Refusal("fee_market")


def _fees_changed(by: str) -> None:
    audit.note(by, "delivery.fees_changed")
    changed()
