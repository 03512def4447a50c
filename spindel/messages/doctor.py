"""What `spindel doctor` says of mail."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import Connection

from spindel.kit.health import Finding

_LAG = 900  # seconds; a server that wants it later is asked again within minutes
_MAILS = """
SELECT count(*) FILTER (WHERE failed_at IS NULL), count(*) FILTER (WHERE failed_at IS NOT NULL),
       coalesce(extract(epoch FROM now() - min(made_at) FILTER (WHERE failed_at IS NULL)), 0)
FROM messages_mail
WHERE done_at IS NULL AND (failed_at IS NULL OR failed_at > now() - interval '1 day')
"""


def _mails(connection: Connection) -> Iterator[Finding]:
    for waiting, failed, seconds in connection.execute(_MAILS).fetchall():
        text = f"mail: {waiting:,} waiting, {failed:,} given up within a day"
        if waiting:
            text += f", the oldest since {float(seconds) / 60:.0f} min"
        yield seconds <= _LAG, text


CHECKS = (_mails,)
