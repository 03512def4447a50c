"""Taking apart what had become one cart: line by line, what was not touched since.

The lines are those of carts that the caller has locked; so no edit is lost.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from django.db.models import F
from django.utils import timezone

from spindel.commerce import opening, whose
from spindel.commerce.facts import CartTakenApart
from spindel.commerce.models import Cart, CartLine, CartMerge
from spindel.commerce.reading import carts
from spindel.identity.models import Identifier
from spindel.identity.rules import KINDS
from spindel.kit import sql
from spindel.timeline.recording import record

State = tuple[int, bool]  # how many, and whether they wait


def _met(had: State | None, brought: State) -> State:
    """What a line became, as `opening.copy_lines` does it."""
    return brought if had is None else (max(had[0], brought[0]), had[1] and brought[1])


def _states(merge: CartMerge, *, keep: bool) -> dict[int, tuple[State, State | None]]:
    """Of each variant that was brought: what it became, and what it is when taken apart.

    With `keep` what only the other cart had waits; else it is out.
    """
    had = {variant: (quantity, saved) for variant, quantity, saved in merge.had}
    return {
        variant: (
            _met(had.get(variant), (quantity, saved)),
            had.get(variant, (quantity, True) if keep else None),
        )
        for variant, quantity, saved in merge.brought
    }


def separate(merge: CartMerge, *, keep: bool) -> None:
    """Make the lines that the other cart brought what they were before."""
    states = _states(merge, keep=keep)
    _turn(merge.into_id, ((variant, one, apart) for variant, (one, apart) in states.items()))


def join(merge: CartMerge) -> None:
    """Make the lines what they were before they were taken apart."""
    states = _states(merge, keep=True)
    _turn(
        merge.into_id,
        ((variant, apart, one) for variant, (one, apart) in states.items() if apart is not None),
    )


def _turn(cart: int, changes: Iterable[tuple[int, State, State | None]]) -> None:
    """Give lines of the cart, if they are still in one state, another."""
    there = {one.variant_id: one for one in CartLine.objects.filter(cart=cart)}
    for variant, before, after in changes:
        line = there.get(variant)
        if line is None or (line.quantity, line.saved) != before:
            continue
        if after is None:
            line.delete()
        else:
            line.quantity, line.saved = after
            line.save(update_fields=["quantity", "saved"])
    _touch([cart])


def _touch(ids: Sequence[int]) -> None:
    Cart.objects.filter(pk__in=ids).update(
        version=F("version") + 1, changed_at=timezone.now(), abandoned_at=None
    )


# --- when one customer becomes two again ----------------------------------------------------------


def give_back(changed: Collection[int]) -> None:
    """Give each of these customers the cart that is hers, now that it has changed who is who."""
    for cart in Cart.objects.filter(customer__in=list(changed), state=Cart.State.OPEN):
        _give_to_owner(cart)
        if cart.identifier_id is not None:
            _take_out_others(cart)


# A device may have been hers while she filled the cart, and be somebody else's now.
_OWNER = """
SELECT customer_id FROM identity_tenure
WHERE identifier_id = %(identifier)s AND (since <= %(at)s OR NOT %(device)s)
ORDER BY since DESC LIMIT 1
"""


def _give_to_owner(cart: Cart) -> None:
    """Have it be nobody's but whose it was filled for."""
    kind = Identifier.objects.filter(pk=cart.identifier_id or 0).values_list("kind", flat=True)
    found = kind.first()
    if found is None:
        return
    device = KINDS[found].device
    words = {"identifier": cart.identifier_id, "at": cart.changed_at, "device": device}
    row = sql.row(_OWNER, words)
    if row is None or row[0] == cart.customer_id:
        return
    opening.lock([cart.pk])
    hers = None if device or carts.open_of(row[0]) is not None else row[0]
    Cart.objects.filter(pk=cart.pk, state=Cart.State.OPEN).update(customer=hers)


def _take_out_others(cart: Cart) -> None:
    """Give back what came into it from the cart of somebody who is somebody else again."""
    assert cart.identifier_id is not None
    merges = CartMerge.objects.filter(
        into=cart, apart_at=None, origin__state=Cart.State.MERGED, origin__merged_into=cart
    ).select_related("origin")
    owner = whose.living(cart.identifier_id)
    for merge in merges.order_by("-pk"):  # the last first, as they came one upon the other
        other = merge.origin
        if other.identifier_id is None:
            continue
        theirs = whose.living(other.identifier_id)
        if theirs is None or theirs == owner:
            continue
        opening.lock([cart.pk, other.pk])
        separate(merge, keep=False)
        CartMerge.objects.filter(pk=merge.pk).update(apart_at=timezone.now())
        _reopen(other, theirs)
        fact = CartTakenApart(cart_id=cart.pk, merged=other.pk, by="")
        for identifier in (cart.identifier_id, other.identifier_id):
            record(fact, identifier)


def _reopen(cart: Cart, customer: int) -> None:
    """Have a cart that was a part of another be open again; where she has one by now, in that."""
    there = carts.open_of(customer)
    Cart.objects.filter(pk=cart.pk).update(
        state=Cart.State.OPEN, merged_into=None, customer=None if there else customer
    )
    _touch([cart.pk])
    if there is not None:
        opening.merge(cart.pk, there.pk)
