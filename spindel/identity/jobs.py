"""What identity does in the background besides following facts.

When a source becomes trusted, or is no more, all that it has told counts anew: the links are made
again from the messages that named them, as if it had always been so. Those whose messages are not
kept any more stay as they are.
"""

from __future__ import annotations

from collections import defaultdict

from django.db import transaction

from spindel.identity import graph, linking
from spindel.identity.followers import tell_pages
from spindel.kit import sql
from spindel.kit.background import Job
from spindel.timeline.models import Source

_PART = 200  # links a transaction: their messages are gone through

_UPTO = """
SELECT max(b_id) FROM (
    SELECT b_id FROM identity_link WHERE b_id > %s ORDER BY b_id LIMIT %s
) part
"""

# What a source has told of may be linked by others, too. Of devices only the messages say whether
# it has.
_LINKS = """
WITH part AS (
    SELECT * FROM identity_link
    WHERE b_id > %(after)s AND b_id <= %(upto)s AND rule <> 'by hand'
), told AS (
    SELECT DISTINCT b_id FROM part
    WHERE sources @> ARRAY[%(source)s::bigint] OR (rule = 'device' AND EXISTS (
        SELECT FROM timeline_fact f
        WHERE f.identifier_id = part.a_id AND f.source_id = %(source)s
          AND f.also @> ARRAY[part.b_id]))
)
SELECT DISTINCT a_id, b_id FROM part JOIN told USING (b_id)
"""

# All that was told of each two together, whichever of them the message is filed under.
_MESSAGES = """
WITH pair AS MATERIALIZED (
    SELECT * FROM unnest(%(ones)s::bigint[], %(others)s::bigint[]) AS t (one, other)
), named AS (
    SELECT f.id, array_agg(pair.other) AS also
    FROM (SELECT DISTINCT one FROM pair) person
    JOIN timeline_fact f ON f.identifier_id = person.one
    CROSS JOIN LATERAL unnest(f.also) AS beside (id)
    JOIN pair ON pair.one = f.identifier_id AND pair.other = beside.id
    GROUP BY f.id
)
SELECT f.id, f.identifier_id, named.also, f.occurred_at, f.received_at, f.source_id, s.trusted,
       f.name = 'Customer Aliased' AND s.trusted
FROM named JOIN timeline_fact f USING (id) JOIN timeline_source s ON s.id = f.source_id
"""

_DROP = """
DELETE FROM identity_link l
USING unnest(%s::bigint[], %s::bigint[]) AS named (one, other)
WHERE l.a_id = named.one AND l.b_id = named.other AND l.rule <> 'by hand'
RETURNING l.a_id, l.b_id, l.rule, l.sources::text
"""

# Who has told of it goes on having done so, where the messages are not kept any more.
_KEEP_SOURCES = """
UPDATE identity_link l SET sources = (
    SELECT array_agg(DISTINCT one ORDER BY one)
    FROM unnest(l.sources || former.sources::bigint[]) AS told (one))
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[]) AS former (a, b, rule, sources)
WHERE l.a_id = former.a AND l.b_id = former.b AND l.rule = former.rule AND l.rule <> 'device'
  AND NOT l.sources @> former.sources::bigint[]
"""

# What only links too much by the word of sources that were trusted is found again.
_NOT_SHARED = """
UPDATE identity_identifier SET shared = NULL WHERE id = ANY(%s::bigint[]) AND shared = 1
"""


@transaction.atomic
def step() -> bool:
    """Have a part of what a source has told count anew; whether there may be more."""
    if not Source.objects.filter(settled_to__isnull=False).exists():
        return False
    graph.lock()
    # Whoever changes it meanwhile waits, and has all of it begin again.
    waiting = Source.objects.select_for_update(no_key=True).filter(settled_to__isnull=False)
    source = waiting.order_by("pk").first()
    if source is None:
        return False
    after = source.settled_to or 0
    ((upto,),) = sql.rows(_UPTO, [after, _PART])
    if upto is not None:
        _tell_anew(source.pk, after, upto)
    source.settled_to = upto
    source.save(update_fields=["settled_to"])
    return True


def _tell_anew(source: int, after: int, upto: int) -> None:
    pairs = sql.rows(_LINKS, {"source": source, "after": after, "upto": upto})
    if not pairs:
        return
    ends = {end for pair in pairs for end in pair}
    sql.run(_NOT_SHARED, [sql.numbers(ends)])
    ones, others = sql.columns([*pairs, *((b, a) for a, b in pairs)])
    told = [linking.Told(*row) for row in sql.many(_MESSAGES, {"ones": ones, "others": others})]
    # Where a message says nothing, what it once linked stays, and is found when it does again.
    nodes = graph.nodes_of(ends)
    said = {(one.id, other.id) for _, one, other in linking.named(told, nodes)}
    if said:
        _link(told, said)
    changed = graph.settle(ends, again=True)
    graph.tell_of(ends, changed)
    tell_pages(changed)


def _link(told: list[linking.Told], said: set[tuple[int, int]]) -> None:
    dropped = sql.rows(_DROP, sql.columns([*said, *((b, a) for a, b in said)]))
    had: dict[int, set[int]] = defaultdict(set)
    for a, b, *_ in dropped:
        had[b].add(a)
    linking.link(told, had)
    if dropped:
        sql.run(_KEEP_SOURCES, sql.columns(dropped))


JOBS = (Job(name="identity.trust", step=step),)
