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


# A device may have been hers while she filled the cart, and be somebody else's now.
_MISPLACED = """
SELECT c.id, owner.customer_id, i.kind IN ('anonymous_id', 'device')
FROM commerce_cart c
JOIN identity_identifier i ON i.id = c.identifier_id
CROSS JOIN LATERAL (
    SELECT customer_id FROM identity_tenure
    WHERE identifier_id = i.id
      AND (since <= c.changed_at OR i.kind NOT IN ('anonymous_id', 'device'))
    ORDER BY since DESC LIMIT 1
) owner
WHERE c.customer_id = ANY(%s) AND c.state = 'open' AND owner.customer_id <> c.customer_id
ORDER BY c.id
"""

# Nobody has two: of several the first that was begun.
_GIVE_TO_OWNERS = """
UPDATE commerce_cart c SET customer_id = given.owner
FROM (
    SELECT DISTINCT ON (owner) id, owner FROM unnest(%s::bigint[], %s::bigint[]) AS t (id, owner)
    ORDER BY owner, id
) given
WHERE c.id = given.id AND c.state = 'open' AND NOT EXISTS (
    SELECT FROM commerce_cart other WHERE other.customer_id = given.owner AND other.state = 'open')
"""

# The last first, as they came one upon the other.
_TO_TAKE_OUT = """
SELECT m.id FROM commerce_cart c
JOIN commerce_cartmerge m ON m.into_id = c.id AND m.apart_at IS NULL
JOIN commerce_cart other ON other.id = m.origin_id AND other.merged_into_id = c.id
    AND other.state = 'merged'
CROSS JOIN LATERAL (
    SELECT customer_id FROM identity_tenure WHERE identifier_id = c.identifier_id
    ORDER BY since DESC LIMIT 1
) hers
CROSS JOIN LATERAL (
    SELECT customer_id FROM identity_tenure WHERE identifier_id = other.identifier_id
    ORDER BY since DESC LIMIT 1
) theirs
WHERE c.customer_id = ANY(%s) AND c.state = 'open' AND hers.customer_id <> theirs.customer_id
ORDER BY m.id DESC
"""


def give_back(changed: Collection[int]) -> None:
    """Give each of these customers the cart that is hers, now that it has changed who is who."""
    brought = [merge for (merge,) in sql.rows(_TO_TAKE_OUT, [list(changed)])]
    misplaced = sql.rows(_MISPLACED, [list(changed)])
    if misplaced:
        opening.lock([cart for cart, _, _ in misplaced])
        Cart.objects.filter(
            pk__in=[cart for cart, _, _ in misplaced], state=Cart.State.OPEN
        ).update(customer=None)
        owned = [(cart, owner) for cart, owner, device in misplaced if not device]
        if owned:
            sql.run(_GIVE_TO_OWNERS, sql.columns(owned))
    for merge in brought:
        _take_out(CartMerge.objects.select_related("into", "origin").get(pk=merge))


def _take_out(merge: CartMerge) -> None:
    """Give back what came into a cart from that of somebody who is somebody else again."""
    cart, other = merge.into, merge.origin
    assert cart.identifier_id is not None
    assert other.identifier_id is not None
    theirs = whose.living(other.identifier_id)
    if theirs is None:
        return
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
