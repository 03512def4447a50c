"""Which offers a customer has used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from spindel.kit import sql
from spindel.kit.register import Holding, Subject, rows_naming_her, told

_USES = rows_naming_her("offers_offeruse", "at")
_TELL = f"""
SELECT u.at, o.key, u."order", u.currency, u.amount, u.returned_at
FROM offers_offeruse u JOIN offers_offer o ON o.id = u.offer_id
WHERE u.id IN ({_USES}) ORDER BY u.at, u.id
"""  # noqa: S608  # put together from constants


def _tell(who: Subject) -> Iterator[Mapping[str, object]]:
    names = ("at", "name", "order", "currency", "amount", "returned_at")
    return told(_TELL, names, who.parameters)


def _forget(who: Subject, limit: int | None) -> int:
    return sql.run(
        f"UPDATE offers_offeruse SET identifier_id = NULL WHERE id IN ({_USES})",  # noqa: S608  # the same
        who.parameters,
    )


HOLDINGS = (
    Holding(
        name=_("Offers that were used"),
        tables=("offers_offeruse",),
        tell=_tell,
        forget=_forget,
        kept=_("How often an offer was used stays, without a name: it says what is left of it."),
        rank=4,
    ),
)
FREE = {
    "offers_edition": "when offers were changed last",
    "offers_offer": "what is offered, not to whom",
    "offers_offerversion": "what was offered, and who here had it so",
    "offers_offerstatechange": "who here gave or stopped an offer, and why",
    "offers_offercode": "codes, not who has them",
    "offers_offerlimit": "what is left of offers",
}
