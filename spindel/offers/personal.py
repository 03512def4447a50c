"""Which offers a customer has used, what she was promised, and on which lists she is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from spindel.kit import sql
from spindel.kit.register import Holding, Subject, rows_naming_her, told

_USES = rows_naming_her("offers_offeruse", "at")
_TELL = f"""
SELECT u.at, coalesce(o.key, 'promise'), u."order", u.currency, u.amount, u.returned_at
FROM offers_offeruse u LEFT JOIN offers_offer o ON o.id = u.offer_id
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


_PROMISES = rows_naming_her("offers_pricepromise", "made_at")
_TELL_PROMISES = f"""
SELECT made_at, terms->'names'->>'en', terms->'benefit', until, state, channel, why
FROM offers_pricepromise WHERE id IN ({_PROMISES}) ORDER BY made_at, id
"""  # noqa: S608  # put together from constants


def _tell_promises(who: Subject) -> Iterator[Mapping[str, object]]:
    names = ("at", "name", "benefit", "until", "state", "channel", "why")
    return told(_TELL_PROMISES, names, who.parameters)


def _forget_promises(who: Subject, limit: int | None) -> int:
    return sql.run(
        "UPDATE offers_pricepromise SET identifier_id = NULL, why = ''"  # noqa: S608  # the same
        f" WHERE id IN ({_PROMISES})",
        who.parameters,
    )


_LISTED = rows_naming_her("offers_listedcustomer", "added_at")
_TELL_LISTED = f"""
SELECT c.added_at, l.name FROM offers_listedcustomer c
JOIN offers_customerlist l ON l.id = c.list_id WHERE c.id IN ({_LISTED}) ORDER BY c.id
"""  # noqa: S608  # put together from constants


def _tell_listed(who: Subject) -> Iterator[Mapping[str, object]]:
    return told(_TELL_LISTED, ("at", "list"), who.parameters)


def _forget_listed(who: Subject, limit: int | None) -> int:
    return sql.run(
        f"DELETE FROM offers_listedcustomer WHERE id IN ({_LISTED})",  # noqa: S608  # the same
        who.parameters,
    )


HOLDINGS = (
    Holding(
        name=_("What was promised"),
        tables=("offers_pricepromise",),
        tell=_tell_promises,
        forget=_forget_promises,
        kept=_("What was promised stays, without a name: orders say what they have cost by it."),
        rank=4,
    ),
    Holding(
        name=_("Lists of customers"),
        tables=("offers_listedcustomer",),
        tell=_tell_listed,
        forget=_forget_listed,
        rank=4,
    ),
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
    "offers_deliveryfee": "what delivery costs, for everybody",
    "offers_offer": "what is offered, not to whom",
    "offers_offerversion": "what was offered, and who here had it so",
    "offers_offerstatechange": "who here gave or stopped an offer, and why",
    "offers_offercode": "codes, not who has them",
    "offers_offerlimit": "what is left of offers",
    "offers_customerlist": "what lists there are, not who is on them",
    "offers_offershowing": "to which lists an offer was sent",
}
