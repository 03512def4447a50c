"""What `spindel doctor` says of followers: how far behind the facts they are."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import Connection

from spindel.kit.health import Finding

_LAG = 60  # seconds; more is worth a look
_LAGS = """
SELECT c.follower, c.error, c.failed_at,
       coalesce(extract(epoch FROM now() - (
            SELECT f.received_at FROM timeline_fact f
            WHERE (f.transaction, f.sequence) > (c.transaction, c.sequence)
            ORDER BY f.transaction, f.sequence LIMIT 1)), 0)
FROM timeline_cursor c ORDER BY c.follower
"""


def _followers(connection: Connection) -> Iterator[Finding]:
    for follower, error, failed_at, seconds in connection.execute(_LAGS).fetchall():
        text = f"follower {follower}: {float(seconds):.1f} s behind"
        if error:
            text += f", failing with {error} since {failed_at:%Y-%m-%d %H:%M}"
        yield seconds <= _LAG and not error, text


CHECKS = (_followers,)
COUNTS = {
    "facts": "SELECT reltuples::bigint FROM pg_class WHERE oid = 'timeline_fact'::regclass",
    "sources": "SELECT count(*) FROM timeline_source",
}
