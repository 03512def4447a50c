"""What `spindel doctor` says of stock."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import Connection

from spindel.kit.health import Finding


def _stock(connection: Connection) -> Iterator[Finding]:
    """Whether the levels added up when they were last proved."""
    found = connection.execute("SELECT at, levels, wrong FROM stock_stockcheck").fetchall()
    for at, levels, wrong in found:
        text = f"stock: {wrong:,} of {levels:,} levels did not add up at {at:%Y-%m-%d %H:%M}"
        yield not wrong, text + (", see `spindel stock verify`" if wrong else "")


CHECKS = (_stock,)
