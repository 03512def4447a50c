"""What the collector has done on the clock: counts are summed, and what is old goes."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, transaction

from spindel.kit.background import Job

REJECTS_KEPT = 1_000  # a source
REJECTS_KEPT_DAYS = 30
HOURS_KEPT = 30  # days, of what is counted by the hour

_DROP_REJECTS = """
DELETE FROM collect_reject WHERE id IN (
    SELECT id FROM (
        SELECT id, received_at,
               row_number() OVER (PARTITION BY source_id ORDER BY id DESC) AS place
        FROM collect_reject
    ) placed WHERE place > %s OR received_at < now() - make_interval(days => %s)
)
"""

# Rows of past days: no collector writes to them any more.
_FOLD_TALLIES = """
WITH gone AS (
    DELETE FROM collect_tally
    WHERE minute < now() - interval '1 day'
      AND (process <> 0 OR minute <> date_trunc('hour', minute))
    RETURNING source_id, outcome, date_trunc('hour', minute) AS hour, count
)
INSERT INTO collect_tally (source_id, outcome, minute, process, count)
SELECT source_id, outcome, hour, 0, sum(count) FROM gone GROUP BY source_id, outcome, hour
ON CONFLICT (source_id, outcome, minute, process)
DO UPDATE SET count = collect_tally.count + excluded.count
"""

_DROP_BY_HOUR = (
    "DELETE FROM collect_violation WHERE hour < now() - make_interval(days => %s)",
    "DELETE FROM collect_mending WHERE hour < now() - make_interval(days => %s)",
)

_DROP_RECORDED = "DELETE FROM collect_recorded WHERE minute < now() - interval '2 days'"

_HOUSEKEEPING = 0x5350494F  # the advisory lock of whoever is at it


def housekeeping() -> bool:
    """Keep what pages show and sums need, and put the rest away.

    One process at a time; the others have nothing to do meanwhile.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_HOUSEKEEPING])
        row = cursor.fetchone()
        if row is None or not row[0]:
            return False
        cursor.execute(_DROP_REJECTS, [REJECTS_KEPT, REJECTS_KEPT_DAYS])
        cursor.execute(_FOLD_TALLIES)
        cursor.execute(_DROP_RECORDED)
        for statement in _DROP_BY_HOUR:
            cursor.execute(statement, [HOURS_KEPT])
    return False


JOBS = (Job(name="collect.put_away", step=housekeeping, every=timedelta(minutes=5)),)
