"""Which answers to a customer were not as they should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from spindel.kit import sql
from spindel.kit.register import Holding, Subject, rows_naming_her, told

_HERS = rows_naming_her("consistency_difference", "since")
_TELL = f"""
SELECT since, until, face, what, sku, market, said, should FROM consistency_difference
WHERE id IN ({_HERS}) ORDER BY since, id
"""  # noqa: S608  # put together from constants


def _tell(who: Subject) -> Iterator[Mapping[str, object]]:
    names = ("at", "until", "face", "what", "sku", "market", "said", "should")
    return told(_TELL, names, who.parameters)


def _forget(who: Subject, limit: int | None) -> int:
    statement = f"DELETE FROM consistency_difference WHERE id IN ({_HERS})"  # noqa: S608  # the same
    return sql.run(statement, who.parameters)


HOLDINGS = (
    Holding(
        name=_("Answers that differed"),
        tables=("consistency_difference",),
        tell=_tell,
        forget=_forget,
        rank=4,
    ),
)
FREE = {"consistency_auditrun": "how often faces were asked, not about whom"}
