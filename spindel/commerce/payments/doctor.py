"""What `spindel doctor` says of payments."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import Connection

from spindel.kit.health import Finding

# What has waited for a while, and what was given up, of that which is asked of payment providers.
_PAYMENTS = """
SELECT count(*) FILTER (WHERE failed_at IS NULL), count(*) FILTER (WHERE failed_at IS NOT NULL)
FROM payments_paymentcommand
WHERE (failed_at IS NOT NULL AND failed_at > now() - interval '7 days')
   OR (failed_at IS NULL AND done_at IS NULL AND made_at < now() - interval '15 minutes')
"""


def _payments(connection: Connection) -> Iterator[Finding]:
    for late, failed in connection.execute(_PAYMENTS).fetchall():
        text = f"payments: {late:,} to be asked for since long, {failed:,} given up within a week"
        yield not late and not failed, text


CHECKS = (_payments,)
