"""Columns that PostgreSQL has and Django has not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any  # Any: Django's own type of a foreign key's options

from django.db import models

if TYPE_CHECKING:
    _IntegerField = models.Field[int, int]
else:
    _IntegerField = models.Field


# Of what is there for good, or cleared by whoever forgets: a check would cost each row a look-up.
UNCHECKED: dict[str, Any] = {
    "on_delete": models.DO_NOTHING,
    "db_constraint": False,
    "db_index": False,
    "related_name": "+",
}


class TransactionId(_IntegerField):
    """PostgreSQL's `xid8`: the 64-bit id of the transaction that wrote the row.

    Sequence numbers are handed out before commit, so a reader that remembers the largest it saw
    skips rows that commit later. Ordered by (transaction, sequence), and read no further than
    `pg_snapshot_xmin(pg_current_snapshot())`, nothing is skipped.
    """

    def db_type(self, connection: object) -> str:
        return "xid8"

    def from_db_value(self, value: str | None, *_: object) -> int | None:
        return None if value is None else int(value)

    def get_db_prep_value(
        self, value: int | None, connection: object, prepared: bool = False
    ) -> str | None:
        return None if value is None else str(value)


class CurrentTransactionId(models.Func):
    """`pg_current_xact_id()`, as a column's default."""

    template = "pg_current_xact_id()"
    output_field = TransactionId()


class NextValue(models.Func):
    """`nextval` of a sequence, as a column's default."""

    template = "nextval('%(sequence)s')"
    output_field = models.BigIntegerField()

    def __init__(self, sequence: str) -> None:
        super().__init__(sequence=sequence)
