"""Taking apart what had become one cart: line by line, what was not touched since.

The lines are those of carts that the caller has locked; so no edit is lost.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db.models import F
from django.utils import timezone

from spindel.commerce.carts import ownership
from spindel.commerce.carts.facts import CartTakenApart
from spindel.commerce.carts.models import Cart, CartMerge
from spindel.kit import sql
from spindel.timeline.recording import record_all

State = tuple[int, bool]  # how many, and whether they wait
_Change = tuple[int, int, State, State | None]  # a cart, a variant, what its line is and will be


def _met(had: State | None, brought: State) -> State:
    """What a line became, as `ownership.copy_lines` does it."""
    return brought if had is None else (max(had[0], brought[0]), had[1] and brought[1])


def _states(merge: CartMerge, *, keep: bool) -> Iterable[tuple[int, State, State | None]]:
    """Of each variant that was brought: what it became, and what it is when taken apart.

    With `keep` what only the other cart had waits; else it is out.
    """
    had = {variant: (quantity, saved) for variant, quantity, saved in merge.had}
    for variant, quantity, saved in merge.brought:
        became = _met(had.get(variant), (quantity, saved))
        yield variant, became, had.get(variant, (quantity, True) if keep else None)


def separate(merges: Collection[CartMerge], *, keep: bool) -> None:
    """Make the lines that the other carts brought what they were before; no cart that they came
    into is named twice.
    """
    _turn(
        [
            (merge.into_id, variant, one, apart)
            for merge in merges
            for variant, one, apart in _states(merge, keep=keep)
        ]
    )
    _touch([merge.into_id for merge in merges])


def join(merge: CartMerge) -> None:
    """Make the lines what they were before they were taken apart."""
    _turn(
        [
            (merge.into_id, variant, apart, one)
            for variant, one, apart in _states(merge, keep=True)
            if apart is not None
        ]
    )
    _touch([merge.into_id])


_OUT = """
DELETE FROM carts_cartline l
USING unnest(%s::bigint[], %s::bigint[], %s::int[], %s::boolean[])
      AS gone (cart, variant, quantity, saved)
WHERE l.cart_id = gone.cart AND l.variant_id = gone.variant
  AND (l.quantity, l.saved) = (gone.quantity, gone.saved)
"""

_OTHERWISE = """
UPDATE carts_cartline l SET quantity = turned.quantity, saved = turned.saved
FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::boolean[], %s::int[], %s::boolean[])
     AS turned (cart, variant, had, waited, quantity, saved)
WHERE l.cart_id = turned.cart AND l.variant_id = turned.variant
  AND (l.quantity, l.saved) = (turned.had, turned.waited)
"""


def _turn(changes: Sequence[_Change]) -> None:
    """Give lines of carts, if they are still in one state, another."""
    out = [(cart, variant, *before) for cart, variant, before, after in changes if after is None]
    if out:
        sql.run(_OUT, sql.columns(out))
    otherwise = [
        (cart, variant, *before, *after) for cart, variant, before, after in changes if after
    ]
    if otherwise:
        sql.run(_OTHERWISE, sql.columns(otherwise))


def _touch(ids: Sequence[int]) -> None:
    Cart.objects.filter(pk__in=ids).update(
        version=F("version") + 1, changed_at=timezone.now(), abandoned_at=None
    )


# --- when one customer becomes two again ----------------------------------------------------------


# A device may have been hers while she filled the cart, and be somebody else's now.
_MISPLACED = """
SELECT c.id, owner.customer_id, i.kind IN ('anonymous_id', 'device')
FROM carts_cart c
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
UPDATE carts_cart c SET customer_id = given.owner
FROM (
    SELECT DISTINCT ON (owner) id, owner FROM unnest(%s::bigint[], %s::bigint[]) AS t (id, owner)
    ORDER BY owner, id
) given
WHERE c.id = given.id AND c.state = 'open' AND NOT EXISTS (
    SELECT FROM carts_cart other WHERE other.customer_id = given.owner AND other.state = 'open')
"""

# With whose the other cart is now; the last first, as they came one upon the other.
_TO_TAKE_OUT = """
SELECT m.id, theirs.customer_id FROM carts_cart c
JOIN carts_cartmerge m ON m.into_id = c.id AND m.apart_at IS NULL
JOIN carts_cart other ON other.id = m.origin_id AND other.merged_into_id = c.id
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
    brought: dict[int, int] = dict(sql.rows(_TO_TAKE_OUT, [list(changed)]))
    misplaced = sql.rows(_MISPLACED, [list(changed)])
    if misplaced:
        ownership.lock([cart for cart, _, _ in misplaced])
        Cart.objects.filter(
            pk__in=[cart for cart, _, _ in misplaced], state=Cart.State.OPEN
        ).update(customer=None)
        owned = [(cart, owner) for cart, owner, device in misplaced if not device]
        if owned:
            sql.run(_GIVE_TO_OWNERS, sql.columns(owned))
    if brought:
        _take_out(brought)


_Waiting = list[tuple[CartMerge, int]]


def _take_out(brought: Mapping[int, int]) -> None:
    """Give back what came into carts from those of people who are somebody else again, who are
    given by what is to be undone: of everybody's one at a time.
    """
    found = CartMerge.objects.select_related("into", "origin").in_bulk(list(brought))
    waiting = [(found[merge], customer) for merge, customer in brought.items()]
    ownership.lock({cart for one, _ in waiting for cart in (one.into_id, one.origin_id)})
    while waiting:
        turn = _next_of_each(waiting)
        merges = [merge for merge, _ in turn]
        done = {merge.pk for merge in merges}
        waiting = [(merge, customer) for merge, customer in waiting if merge.pk not in done]
        separate(merges, keep=False)
        CartMerge.objects.filter(pk__in=done).update(apart_at=timezone.now())
        _reopen({merge.origin_id: customer for merge, customer in turn})
        record_all(
            (CartTakenApart(cart_id=merge.into_id, merged=merge.origin_id, by=""), who)
            for merge in merges
            for who in (merge.into.identifier_id, merge.origin.identifier_id)
            if who is not None
        )


def _next_of_each(waiting: _Waiting) -> _Waiting:
    """Those that meet neither in a cart nor in a customer who has one back."""
    turn: _Waiting = []
    carts: set[int] = set()
    customers: set[int] = set()
    for merge, customer in waiting:
        if merge.into_id not in carts and customer not in customers:
            turn.append((merge, customer))
        carts.add(merge.into_id)
        customers.add(customer)
    return turn


# Where she has one by now it is hers in that.
_REOPEN = """
UPDATE carts_cart c SET state = 'open', merged_into_id = NULL,
    customer_id = CASE WHEN hers.id IS NULL THEN given.customer END
FROM unnest(%s::bigint[], %s::bigint[]) AS given (id, customer)
LEFT JOIN carts_cart hers ON hers.customer_id = given.customer AND hers.state = 'open'
WHERE c.id = given.id
RETURNING c.id, hers.id
"""


def _reopen(owners: Mapping[int, int]) -> None:
    """Have carts that were parts of others be open again, each its customer's; where she has one by
    now, in that. No customer is named twice.
    """
    opened = sql.rows(_REOPEN, sql.columns(list(owners.items())))
    _touch(list(owners))
    if met := [(cart, hers) for cart, hers in opened if hers is not None]:
        ownership.merge(met)
