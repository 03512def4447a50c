"""Taking a customer out of who is who. `spindel.privacy` calls it as one step of forgetting her.

Between `alone` and the end of the transaction nobody appends facts, follows them or changes who is
who, so what is hers is known for certain, and nothing of hers is half-way in.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime

from django.db import connection
from django.db.models import Q

from spindel.identity import countries, customers, graph
from spindel.identity.followers import FOLLOWER, NOTIFY_CUSTOMERS, follow
from spindel.identity.models import (
    Cut,
    Forgetting,
    Forgotten,
    Identifier,
    Link,
    Lookup,
    Tenure,
    Trait,
)
from spindel.identity.rules import KINDS, normalise
from spindel.identity.tombstones import APPENDING, digest
from spindel.kit import sql, vault
from spindel.kit.clock import NEVER
from spindel.kit.register import Subject
from spindel.timeline.following import Window, enrol
from spindel.timeline.recording import OWN_SOURCE

_LONGEST_TAIL = 20_000  # facts; what is read while everybody waits


class Behind(RuntimeError):
    """Identity has too many facts to take in first."""


def alone() -> None:
    """Wait until nobody is at it, and keep everybody out to the end of the transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError("Being alone ends with a transaction.")
    graph.lock()
    sql.run("SET LOCAL lock_timeout = '5s'")  # nobody's messages wait longer for this
    graph.writing()
    sql.rows("SELECT pg_advisory_xact_lock(%s)", [APPENDING])
    # Whoever is at a row of hers goes on first: this gives up before the database would look for
    # a circle of waiting, and end somebody else's work. It is tried again.
    sql.run("SET LOCAL lock_timeout = '500ms'")


_TAIL = """
SELECT c.transaction::text, c.sequence, f.transaction::text, f.sequence
FROM timeline_cursor c
CROSS JOIN LATERAL (
    SELECT transaction, sequence FROM timeline_fact
    WHERE (transaction, sequence) > (c.transaction, c.sequence)
    ORDER BY transaction, sequence LIMIT %s
) f
WHERE c.follower = %s ORDER BY f.transaction, f.sequence
"""


def take_in_the_rest() -> None:
    """Have identity take in what has come since it last did, so that all that is hers is known.

    Its cursor stays: the follower comes to the same facts again, and finds nothing new. Call it
    when `alone`. Raises Behind.
    """
    enrol(FOLLOWER)
    tail = sql.rows(_TAIL, [_LONGEST_TAIL + 1, FOLLOWER.name])
    if len(tail) > _LONGEST_TAIL:
        raise Behind
    if tail:
        start, end = tail[0][:2], tail[-1][2:]
        follow(Window((int(start[0]), start[1]), (int(end[0]), end[1]), len(tail)))


def subject(customer: int) -> Subject:
    """All that the living customer may be known by. Raises customers.NotFound."""
    customer = customers.living(customer)
    spans = customers.spans(customer)
    mine = _hers_alone(customer, [identifier for identifier, _, _ in spans])
    keys = Identifier.objects.filter(pk__in=mine).values_list("kind", "value")
    return Subject(customer, tuple(spans), frozenset(keys))


def _hers_alone(customer: int, identifiers: Collection[int]) -> set[int]:
    """Those that were never anybody else's; a device may have been."""
    shared = Tenure.objects.filter(identifier__in=identifiers).exclude(customer=customer)
    return set(identifiers) - set(shared.values_list("identifier_id", flat=True))


# --- tombstones -----------------------------------------------------------------------------------


def bury(who: Subject, now: datetime, erasure: int, *, for_good: bool) -> None:
    """Leave tombstones: messages about what happened to her before now are turned away.

    `for_good`: messages about what happens later, too, but not those of a device alone, which may
    be somebody else's tomorrow.
    """
    forgetting = Forgetting.objects.select_for_update().first()
    if forgetting is None:
        sealed = vault.seal(secrets.token_hex(32))
        forgetting = Forgetting.objects.create(epoch=0, key=sealed)
    Forgetting.objects.update(epoch=forgetting.epoch + 1)
    key = bytes.fromhex(vault.unseal(forgetting.key))
    named = Identifier.objects.in_bulk([identifier for identifier, _, _ in who.spans])
    stones = []
    for identifier, since, until in who.spans:
        one = named[identifier]
        stays = for_good and not KINDS[one.kind].device
        end = NEVER if stays else min(until, now)
        if since < end:
            stones.append(
                Forgotten(
                    digest=digest(key, (one.kind, one.value)),
                    since=since,
                    until=end,
                    erasure=erasure,
                )
            )
    Forgotten.objects.bulk_create(stones)


def erasures_of(kind: str, value: str) -> list[int]:
    """Which erasures an identifier, in its normal form, was forgotten by."""
    forgetting = Forgetting.objects.first()
    if forgetting is None:
        return []
    key = bytes.fromhex(vault.unseal(forgetting.key))
    found = Forgotten.objects.filter(digest=digest(key, (kind, value)))
    return sorted(set(found.values_list("erasure", flat=True)))


def let_in_again(erasure: int, now: datetime) -> int:
    """From now on her messages are taken in again, where they were turned away for good."""
    changed = Forgotten.objects.filter(erasure=erasure, until=NEVER).update(until=now)
    if changed:
        forgetting = Forgetting.objects.select_for_update().get()
        Forgetting.objects.update(epoch=forgetting.epoch + 1)
    return changed


# --- rows -----------------------------------------------------------------------------------------

_SHORTEN_TRAITS = """
UPDATE identity_trait SET first_at = %(until)s
WHERE identifier_id = %(id)s AND first_at >= %(since)s AND first_at < %(until)s
  AND last_at >= %(until)s
"""


_ERASE = (
    # First: whoever is just recording something about her has locked her identifier, and is
    # waited for here. What hangs on it follows before the commit, when foreign keys are checked.
    "DELETE FROM identity_identifier WHERE id = ANY(%(mine)s)",
    "DELETE FROM identity_link WHERE a_id = ANY(%(mine)s) OR b_id = ANY(%(mine)s)",
    "DELETE FROM identity_cut WHERE a_id = ANY(%(mine)s) OR b_id = ANY(%(mine)s)",
    "DELETE FROM identity_trait WHERE identifier_id = ANY(%(mine)s)",
    "DELETE FROM identity_lookup WHERE identifier_id = ANY(%(mine)s)",
    "DELETE FROM identity_tenure WHERE identifier_id = ANY(%(mine)s) OR customer_id = %(customer)s",
    # Those of identifiers that stay are needed again when the device goes to somebody else.
    "DELETE FROM identity_customer WHERE id = ANY(%(mine)s)",
)


def erase(who: Subject) -> tuple[list[int], list[int]]:
    """Take her identifiers, and all that hangs on them, out of identity, when `alone`.

    Answers her identifiers' ids, and those that messages once named beside them, though they are
    other people's: those messages are still to be gone through.
    """
    held = {identifier for identifier, _, _ in who.spans}
    mine = sorted(_hers_alone(who.customer, held))
    near = _near(mine)
    for statement in _ERASE:
        sql.run(statement, {"mine": mine, "customer": who.customer})
    _erase_from_devices([span for span in who.spans if span[0] not in mine])
    _erase_what_others_say(near, who)
    changed = graph.settle(held.difference(mine).union(_not_shared(near)), again=True)
    sql.notify(NOTIFY_CUSTOMERS, " ".join(map(str, sorted({*changed, who.customer})[:400])))
    return mine, near


def _near(mine: list[int]) -> list[int]:
    """What evidence names beside hers, without its being hers."""
    pairs = [
        *Link.objects.filter(Q(a__in=mine) | Q(b__in=mine)).values_list("a_id", "b_id"),
        *Cut.objects.filter(Q(a__in=mine) | Q(b__in=mine)).values_list("a_id", "b_id"),
    ]
    return sorted({end for pair in pairs for end in pair} - set(mine))


def _not_shared(identifiers: list[int]) -> list[int]:
    return list(
        Identifier.objects.filter(pk__in=identifiers, shared=None).values_list("pk", flat=True)
    )


def _erase_from_devices(spans: list[tuple[int, datetime, datetime]]) -> None:
    """Of devices that others had, too: what was said while they were hers."""
    for identifier, since, until in spans:
        times = {"id": identifier, "since": since, "until": until}
        Trait.objects.filter(identifier=identifier, last_at__gte=since, last_at__lt=until).delete()
        sql.run(_SHORTEN_TRAITS, times)
        Lookup.objects.filter(
            identifier=identifier, occurred_at__gte=since, occurred_at__lt=until
        ).delete()


def _erase_what_others_say(near: list[int], who: Subject) -> None:
    """Her address or number as somebody else's trait, because a message named both."""
    told = Trait.objects.filter(identifier__in=near, name__in=("email", "phone", "card"))
    for trait in told.select_related("source"):
        # What was put right by hand was typed in one of the shop's countries.
        by_hand = trait.source.slug == OWN_SOURCE
        for country in countries.known() if by_hand else [trait.source.country]:
            if (trait.name, normalise(trait.name, str(trait.value), country)) in who.keys:
                trait.delete()
                break
