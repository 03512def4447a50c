"""Lists of customers, for whom an offer can be."""

from __future__ import annotations

from collections.abc import Sequence

from spindel.identity.rules import NOWHERE
from spindel.identity.searching import parse_identifier
from spindel.kit import sql
from spindel.kit.actions import action
from spindel.kit.refusal import Refusal
from spindel.offers.models import CustomerList
from spindel.staff import audit

MOST_AT_ONCE = 1_000

_SILENT = "A list is nobody's; who is on it sees it by the offers that are for it."


@action(silent=_SILENT)
def keep(key: str, name: str, *, by: str) -> CustomerList:
    """Have a list of this key be called so."""
    kept, made = CustomerList.objects.update_or_create(key=key, defaults={"name": name})
    if made:
        audit.note(by, "list.made", detail={"name": name})
    return kept


_ADD = """
INSERT INTO offers_listedcustomer (list_id, identifier_id)
SELECT %(list)s, i.id FROM unnest(%(kinds)s::text[], %(values)s::text[]) AS named (kind, value)
JOIN identity_identifier i ON i.kind = named.kind AND i.value = named.value
ORDER BY i.id
ON CONFLICT (identifier_id, list_id) DO NOTHING
"""
# Whoever leaves is off it under whatever she is known by.
_REMOVE = """
DELETE FROM offers_listedcustomer WHERE list_id = %(list)s AND identifier_id IN (
    SELECT held.identifier_id
    FROM unnest(%(kinds)s::text[], %(values)s::text[]) AS named (kind, value)
    JOIN identity_identifier i ON i.kind = named.kind AND i.value = named.value
    CROSS JOIN LATERAL (
        SELECT customer_id FROM identity_tenure WHERE identifier_id = i.id
        ORDER BY since DESC LIMIT 1
    ) now
    JOIN identity_tenure held ON held.customer_id = now.customer_id
)
"""


@action(silent=_SILENT)
def change(
    key: str, *, add: Sequence[tuple[str, str]] = (), remove: Sequence[tuple[str, str]] = ()
) -> None:
    """Put those on the list who have these identifiers (kind, value), and take others off. Of whom
    nothing is known yet, is on no list. Raises Refusal.
    """
    kept = one(key)
    for statement, named in ((_ADD, add), (_REMOVE, remove)):
        keys = [parse_identifier(f"{kind}:{value}", NOWHERE) for kind, value in named]
        if None in keys:
            raise Refusal("bad_listed")
        kinds, values = sql.columns([one for one in keys if one]) or ([], [])
        if kinds:
            sql.run(statement, {"list": kept.pk, "kinds": kinds, "values": values})


def one(key: str) -> CustomerList:
    """The list of this key. Raises Refusal."""
    found = CustomerList.objects.filter(key=key).first()
    if found is None:
        raise Refusal("no_such_list")
    return found


_CUSTOMERS = """
SELECT count(DISTINCT (
    SELECT customer_id FROM identity_tenure t WHERE t.identifier_id = c.identifier_id
    ORDER BY since DESC LIMIT 1
)) FROM offers_listedcustomer c WHERE c.list_id = %(list)s
"""


def customers(list: CustomerList) -> int:
    """How many customers are on it."""
    ((many,),) = sql.rows(_CUSTOMERS, {"list": list.pk})
    return int(many)
