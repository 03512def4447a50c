"""What `spindel doctor` says of stock and payments."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import Connection

from spindel.kit.health import Finding

# --- stock ----------------------------------------------------------------------------------------


def _stock(connection: Connection) -> Iterator[Finding]:
    """Whether the levels added up when they were last proved."""
    found = connection.execute("SELECT at, levels, wrong FROM commerce_stockcheck").fetchall()
    for at, levels, wrong in found:
        text = f"stock: {wrong:,} of {levels:,} levels did not add up at {at:%Y-%m-%d %H:%M}"
        yield not wrong, text + (", see `spindel stock verify`" if wrong else "")


# --- payments -------------------------------------------------------------------------------------

# What has waited for a while, and what was given up, of that which is asked of payment providers.
_PAYMENTS = """
SELECT count(*) FILTER (WHERE failed_at IS NULL), count(*) FILTER (WHERE failed_at IS NOT NULL)
FROM commerce_paymentcommand
WHERE (failed_at IS NOT NULL AND failed_at > now() - interval '7 days')
   OR (failed_at IS NULL AND done_at IS NULL AND made_at < now() - interval '15 minutes')
"""


def _payments(connection: Connection) -> Iterator[Finding]:
    for late, failed in connection.execute(_PAYMENTS).fetchall():
        text = f"payments: {late:,} to be asked for since long, {failed:,} given up within a week"
        yield not late and not failed, text


CHECKS = (_stock, _payments)
