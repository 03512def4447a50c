"""What `spindel doctor` says of the background work."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import Connection

from spindel.kit.health import Finding

_FAILING = """
SELECT job, row, error, place, attempts, since, due FROM kit_failure ORDER BY since, id LIMIT 20
"""


def _jobs(connection: Connection) -> Iterator[Finding]:
    """What fails in the background."""
    failing = connection.execute(_FAILING).fetchall()
    if not failing:
        yield True, "jobs: none fails"
    for job, row, error, place, attempts, since, due in failing:
        what = f"job {job}, row {row}" if row else f"job {job}"
        text = f"{what}: failing with {error} since {since:%Y-%m-%d %H:%M}, {attempts} times"
        yield False, f"{text}, next at {due:%H:%M}; {place}"


CHECKS = (_jobs,)
