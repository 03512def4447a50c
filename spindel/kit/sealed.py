"""Where sealed texts stand in the database, and sealing them anew after the key was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, models

from spindel.kit import sql, vault

if TYPE_CHECKING:
    _TextField = models.TextField[str, str]
else:
    _TextField = models.TextField

# The columns that may hold sealed texts: those of every SealedField, and what `register` adds.
_columns: set[tuple[str, str]] = set()


def register(table: str, column: str) -> None:
    """Make it known that the column, a text or JSON, may hold sealed texts."""
    _columns.add((table, column))


class SealedField(_TextField):
    """A text that is sealed in the database and plain in Python."""

    def contribute_to_class(self, cls: type[models.Model], name: str, *args: bool) -> None:
        super().contribute_to_class(cls, name, *args)
        register(cls._meta.db_table, self.column or name)

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        return None if value is None else vault.unseal(value)

    def get_prep_value(self, value: str | None) -> str | None:
        return None if value is None else vault.seal(value)


_TYPE = """
SELECT format_type(atttypid, NULL) FROM pg_attribute
WHERE attrelid = %s::regclass AND attname = %s
"""
_READ = """
SELECT ctid::text, {column}::text FROM {table} WHERE {column}::text LIKE %s
"""
_UPDATE = """
UPDATE {table} SET {column} = %s::{type} WHERE ctid = %s::tid AND {column}::text = %s
"""


def reseal() -> int:
    """Seal with the newest key whatever is sealed with another; how many rows that were.

    Safe to run twice, and beside programs that write: a row that changes meanwhile is left to the
    next run. Raises vault.CantUnseal when something is sealed with a key that is gone.
    """
    return sum(_reseal(table, column) for table, column in sorted(_columns))


def _reseal(table: str, column: str) -> int:
    quote = connection.ops.quote_name
    (type_,) = sql.row(_TYPE, [table, column]) or ("text",)
    names = {"table": quote(table), "column": quote(column), "type": type_}
    found = sql.rows(_READ.format(**names), [f"%{vault.PREFIX}%"])
    update = _UPDATE.format(**names)
    return sum(sql.run(update, [vault.reseal(text), place, text]) for place, text in found)
