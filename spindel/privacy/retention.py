"""How long each kind of fact is kept, and taking away what is older."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from spindel.kit import sql
from spindel.privacy.models import Retention
from spindel.timeline.diary import Kind, facts_of

OTHER = "other"
EVERY = timedelta(hours=24)

# Until somebody decides otherwise. What somebody looked at says much about her and soon little
# about what she wants; what she bought may be asked for as long as the books are kept.
DEFAULTS: dict[str, int | None] = {
    "browsing": 760,
    "buying": None,
    "talking": 1_095,
    "mail": 760,
    "notes": 1_095,
    "identity": None,
    OTHER: 1_095,
}
assert DEFAULTS.keys() == {*Kind.values, OTHER}


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of fact, how long it is kept (None: for ever), and what that has taken away."""

    kind: str
    label: object  # lazily translated
    days: int | None
    removed: int
    applied_at: datetime | None


def rules() -> list[Rule]:
    """How long each kind of fact is kept."""
    told = Retention.objects.in_bulk()
    labels = dict(Kind.choices) | {OTHER: _("Anything else")}
    found = []
    for kind, label in labels.items():
        one = told.get(kind)
        days = one.days if one else DEFAULTS[kind]
        found.append(
            Rule(
                kind,
                label,
                days,
                one.removed if one else 0,
                one.applied_at if one else None,
            )
        )
    return found


_STEP = 20_000  # facts looked at in a transaction

_WALK = """
WITH seen AS (
    SELECT transaction, sequence, id, name, occurred_at FROM timeline_fact
    WHERE (transaction, sequence) > (%(transaction)s::xid8, %(sequence)s)
    ORDER BY transaction, sequence LIMIT %(limit)s
), old AS (
    SELECT seen.id, coalesce(known.kind, %(other)s) AS kind
    FROM seen
    LEFT JOIN unnest(%(names)s::text[], %(kinds)s::text[]) AS known (name, kind) USING (name)
    JOIN unnest(%(due)s::text[], %(before)s::timestamptz[]) AS rule (kind, before)
      ON rule.kind = coalesce(known.kind, %(other)s) AND seen.occurred_at < rule.before
), gone AS (
    DELETE FROM timeline_fact f USING old WHERE f.id = old.id RETURNING old.kind
)
SELECT (SELECT transaction::text FROM seen ORDER BY transaction DESC, sequence DESC LIMIT 1),
       (SELECT sequence FROM seen ORDER BY transaction DESC, sequence DESC LIMIT 1),
       (SELECT count(*) FROM seen),
       (SELECT coalesce(jsonb_object_agg(kind, count), '{}')::text
        FROM (SELECT kind, count(*) FROM gone GROUP BY kind) counted)
"""


def apply() -> bool:
    """Where it is time, walk through the facts once and take away the old ones; whether it did.

    In short transactions, as followers wait for those that are open. Facts lie in the order in
    which they came; late and imported ones are why the walk goes to the end.
    """
    now = timezone.now()
    if not _is_due(now):
        return False
    due = {rule.kind: now - timedelta(days=rule.days) for rule in rules() if rule.days}
    names = [(name, kind.value) for kind in Kind for name in facts_of(kind)]
    parameters: dict[str, object] = {
        "other": OTHER,
        "names": [name for name, _ in names],
        "kinds": [kind for _, kind in names],
        "due": list(due),
        "before": list(due.values()),
        "limit": _STEP,
    }
    removed = dict.fromkeys(due, 0)
    at: tuple[str, int] = ("0", 0)
    while True:
        with transaction.atomic():
            row = sql.row(_WALK, parameters | {"transaction": at[0], "sequence": at[1]})
        assert row is not None
        for kind, count in json.loads(row[3]).items():
            removed[kind] += count
        if row[2] < _STEP:
            break
        at = row[0], row[1]
    _applied(removed, now)
    return True


def _is_due(now: datetime) -> bool:
    return any(
        rule.days and (rule.applied_at is None or now - rule.applied_at >= EVERY)
        for rule in rules()
    )


def _applied(removed: dict[str, int], now: datetime) -> None:
    with transaction.atomic():
        for kind, count in removed.items():
            one, _made = Retention.objects.select_for_update().get_or_create(
                kind=kind, defaults={"days": DEFAULTS[kind]}
            )
            one.removed += count
            one.applied_at = now
            one.save(update_fields=["removed", "applied_at"])
