"""What messages hold about a customer: the mail that was sent to her."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from spindel.kit import sql
from spindel.kit.register import Holding, Subject, rows_naming_her

# For her, or to an address that is hers alone.
_HERS = f"""
({rows_naming_her("messages_mail", "made_at")}
UNION
SELECT id FROM messages_mail WHERE normal_form = ANY(%(addresses)s::text[]))
"""  # noqa: S608  # put together from constants
_TELL = f"""
SELECT subject, made_at, "to", purpose, done_at FROM messages_mail
WHERE id IN {_HERS} ORDER BY made_at, id
"""  # noqa: S608  # put together from constants
_FORGET = f"DELETE FROM messages_mail WHERE id IN {_HERS}"  # noqa: S608  # the same
_TOLD = ("name", "at", "to", "purpose", "sent_at")


def _parameters(who: Subject) -> dict[str, object]:
    addresses = [value for kind, value in who.keys if kind == "email"]
    return {**who.parameters, "addresses": addresses}


def _tell(who: Subject) -> Iterator[Mapping[str, object]]:
    for row in sql.rows(_TELL, _parameters(who)):
        yield dict(zip(_TOLD, row, strict=True))


def _forget(who: Subject, limit: int | None) -> int:
    return sql.run(_FORGET, _parameters(who))


HOLDINGS = (
    Holding(name=_("Mail to the customer"), tables=("messages_mail",), tell=_tell, forget=_forget),
)
FREE: Mapping[str, str] = {}
