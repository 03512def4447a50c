"""What is certainly one person's, and under which identifier something is written for a customer.

Who is who is a good guess, made of what anybody has said. What is written for a customer is shown
to whoever proves to have its identifier; so it must not be chosen among those that are only thought
to be hers (decision 0015). Writers choose here, and nowhere else.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import NewType

from django.db import transaction

from spindel.identity import customers, graph
from spindel.identity.models import Identifier, Tenure
from spindel.identity.rules import KINDS, OUR_SYSTEM
from spindel.kit import sql
from spindel.kit.clock import BEGINNING

# Along links that a trusted source has told of, first or later, within one customer; of one that a
# person has made Spindel itself has told, where it was certain whom she linked. A public write key
# can link an address to anybody; what it says is good for a picture, not for a key.
_PROVEN = """
WITH RECURSIVE reach (root, id) AS (
    SELECT id, id FROM unnest(%s::bigint[]) AS asked (id)
  UNION
    SELECT reach.root, near.id FROM reach
    CROSS JOIN LATERAL (
        SELECT b_id AS id, rule, sources FROM identity_link
        WHERE a_id = reach.id AND rule <> 'device'
        UNION ALL
        SELECT a_id, rule, sources FROM identity_link
        WHERE b_id = reach.id AND rule <> 'device'
    ) near
    JOIN identity_identifier i ON i.id = near.id
        AND (near.rule = 'by hand' OR i.shared IS NULL OR i.shared > 1)
    WHERE i.kind NOT IN ('anonymous_id', 'device')
      AND EXISTS (
          SELECT FROM timeline_source s WHERE s.id = ANY(near.sources) AND s.trusted)
)
SELECT reach.root, array_agg(reach.id) FROM reach
JOIN identity_tenure t ON t.identifier_id = reach.id AND t.since = '1900-01-01Z'
JOIN identity_tenure hers ON hers.identifier_id = reach.root AND hers.since = '1900-01-01Z'
WHERE t.customer_id = hers.customer_id
GROUP BY reach.root
"""


def proven_each(identifiers: Collection[int]) -> dict[int, set[int]]:
    """Of each identifier those that are certainly of whoever has proved to have it; it among
    them.
    """
    found = {one: {one} for one in identifiers}
    for one, certain in sql.rows(_PROVEN, [list(found)]) if found else ():
        found[one].update(certain)
    return found


def proven(identifier: int) -> set[int]:
    """As `proven_each`, of one."""
    return proven_each([identifier])[identifier]


# --- under which identifier something is written --------------------------------------------------


# An identifier that something may be written under for a customer, chosen here. Not every one that
# is thought to be hers is, nor is her id.
Under = NewType("Under", int)


def under(customer: int, served: int | None = None) -> Under:
    """The identifier that what is done for the living customer is written under.

    `served` is the one that she was served by: found, named or typed. Without one it is any that is
    certainly hers, where all that is known of her is certainly one person's; else one of our own,
    that people here see on her page and nobody can prove to have. Raises customers.NotFound.
    """
    return known(customer, served) or _of_our_own([customer])[customer]


def under_each(several: Collection[int]) -> dict[int, Under]:
    """As `under`, of many living customers, none of whom was served by anything."""
    found = {one: Under(hers) for one, hers in _known(_first_held(several)).items()}
    without = [one for one in several if one not in found]
    return found | _of_our_own(without) if without else found


def known(customer: int, served: int | None = None) -> Under | None:
    """As `under`, but None where one of our own would have to be made."""
    held = _first_held([customer])
    found = _served(held[customer], served) or _known(held).get(customer)
    return None if found is None else Under(found)


def _known(held: Mapping[int, Sequence[Identifier]]) -> dict[int, int]:
    """What is certainly each one's, or our own; nothing where there is neither."""
    return _ours(held) | _certain(held)


def _served(hers: Collection[Identifier], served: int | None) -> int | None:
    """The identifier, where it is a person's and hers; of a receipt, one of whoever has it."""
    people = {one.pk for one in _people(hers)}
    if served in people:
        return served
    if served not in {one.pk for one in hers if one.kind == "receipt"}:
        return None
    return min(people & proven(served), default=None) if served is not None else None


def certain(customer: int) -> int | None:
    """The identifier that says best who the living customer is, where all that is known of her is
    certainly one person's; None where it is not. Raises customers.NotFound.
    """
    return _certain(_first_held([customer])).get(customer)


def people(customer: int) -> list[set[int]]:
    """The people whom a customer may be, by the identifiers that are certainly each one's; those
    whose identifiers say best who they are first.
    """
    left = _people(_first_held([customer])[customer])
    found = []
    while left:
        one = proven(left[0].pk)
        found.append({other.pk for other in left if other.pk in one})
        left = [other for other in left if other.pk not in one]
    return found


def anchor(customer: int) -> int:
    """What is tied to the customer whoever she may be is tied to this one, which proves nothing: it
    says best who she is, so that no limit keeps what is known of her from staying together.
    """
    return _anchor(customer, _first_held([customer])[customer])


def _anchor(customer: int, held: Collection[Identifier]) -> int:
    people = _people(held)
    return people[0].pk if people else customer


def _first_held(several: Collection[int]) -> dict[int, list[Identifier]]:
    """Of each customer the identifiers that were hers first, those that say best who she is first.

    Raises customers.NotFound.
    """
    tenures = Tenure.objects.filter(customer__in=several, since=BEGINNING)
    found: dict[int, list[Identifier]] = {one: [] for one in several}
    for tenure in tenures.select_related("identifier"):
        found[tenure.customer_id].append(tenure.identifier)
    for held in found.values():
        if not held:
            raise customers.NotFound
        held.sort(key=lambda one: (KINDS[one.kind].strength, one.pk))
    return found


def _people(held: Collection[Identifier]) -> list[Identifier]:
    """Those that are a person's; nobody proves by a receipt, or by a device, who she is."""
    return [
        one
        for one in held
        if not (KINDS[one.kind].device or one.kind == "receipt" or _is_our_own(one))
    ]


def _certain(held: Mapping[int, Collection[Identifier]]) -> dict[int, int]:
    """Of those of whom it is certain who they are, what says best who each is."""
    people = {customer: _people(hers) for customer, hers in held.items()}
    proven = proven_each([several[0].pk for several in people.values() if several])
    found = {}
    for customer, hers in held.items():
        if several := people[customer]:
            if {one.pk for one in several} <= proven[several[0].pk]:
                found[customer] = several[0].pk
        else:
            found[customer] = next((one.pk for one in hers if one.kind == "receipt"), customer)
    return found


# --- one of our own -------------------------------------------------------------------------------

_OUR_OWN = f"{OUR_SYSTEM}:"


def is_our_own(kind: str, value: str) -> bool:
    """Whether the identifier is one that was made here, for somebody of whom it is not certain who
    she is. Nobody is told what it is, and no login proves it.
    """
    return kind == "external" and value.startswith(_OUR_OWN)


def _is_our_own(one: Identifier) -> bool:
    return is_our_own(one.kind, one.value)


def _ours(held: Mapping[int, Sequence[Identifier]]) -> dict[int, int]:
    """The first of our own of each of those who have one."""
    return {
        customer: one.pk
        for customer, hers in held.items()
        for one in reversed(hers)
        if _is_our_own(one)
    }


# As identity would have it: the link joins what it links, and proves nothing.
_MAKE = """
WITH wanted AS (
    SELECT * FROM unnest(%(customers)s::bigint[], %(anchors)s::bigint[], %(values)s::text[])
        AS t (customer, anchor, value)
), made AS (
    INSERT INTO identity_identifier (kind, value) SELECT 'external', value FROM wanted
    RETURNING id, value
), own AS (
    SELECT made.id, wanted.customer, wanted.anchor FROM made JOIN wanted USING (value)
), beginnings AS (
    INSERT INTO identity_customer (id) SELECT id FROM own
), tied AS (
    INSERT INTO identity_link (a_id, b_id, since, rule, by)
    SELECT anchor, id, now(), 'by hand', '' FROM own
)
INSERT INTO identity_tenure (identifier_id, since, customer_id)
SELECT id, %(beginning)s, customer FROM own
RETURNING customer_id, identifier_id
"""


@transaction.atomic
def _of_our_own(several: Collection[int]) -> dict[int, Under]:
    graph.lock()  # of two who need one at once the second finds the first's
    living = customers.living_each(several)
    held = _first_held(set(living.values()))
    found = _ours(held)
    if without := [customer for customer in held if customer not in found]:
        words = {
            "customers": without,
            "anchors": [_anchor(customer, held[customer]) for customer in without],
            "values": [f"{_OUR_OWN}{uuid.uuid4()}" for _ in without],
            "beginning": BEGINNING,
        }
        found |= dict(sql.rows(_MAKE, words))
    return {one: Under(found[customer]) for one, customer in living.items()}
