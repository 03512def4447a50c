"""As whom somebody here serves a customer: by the identifier that she was found by, or chosen.

Kept in the login's session, by identifiers alone: who has them may change. Where it is not certain
that all that is known of a customer is one person's, what is done for her is written under it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from django.http import HttpRequest

from spindel.identity import ownership, shown
from spindel.identity.shown import Found, Opened, staff
from spindel.kit import sql
from spindel.kit.clock import BEGINNING

_SESSION = "served"
_MOST = 50

_WHOSE = """
SELECT identifier_id, customer_id FROM identity_tenure WHERE identifier_id = ANY(%s) AND since = %s
"""


def open_customer(request: HttpRequest, id: int) -> Opened:
    """Open a customer, as `shown.open_customer`, to be served as whom she was found."""
    her = shown.open_customer(staff(request), id)
    return replace(her, served=served(request, her.id))


def search(
    request: HttpRequest, text: str, without: int | None = None, country: str = ""
) -> list[Found]:
    """Whom the text may mean, as `shown.search`; by what each was found is noted.

    Where that might be several people's, it is as if she was found by none.
    """
    people = shown.search(staff(request), text, without, country)
    by = {one.summary.id: one.identifiers for one in people if one.identifiers}
    if by:
        certain = ownership.proven_each([min(one) for one in by.values()])
        chosen = [min(one) for one in by.values() if one <= certain[min(one)]]
        _note(request, set(by), chosen)
    return people


def served(request: HttpRequest, customer: int) -> int | None:
    """The identifier that the customer was last found or chosen by; None where there is none."""
    return next((one for one, whose in reversed(_noted(request)) if whose == customer), None)


def choose(request: HttpRequest, customer: int, identifier: int | None) -> None:
    """Serve the customer as whoever has the identifier from now on; None: as nobody certain."""
    _note(request, {customer}, [] if identifier is None else [identifier])


@dataclass(frozen=True, slots=True)
class Person:
    """One of those whom a customer may be: an identifier to choose her by, and all that is hers."""

    identifier: int
    words: str
    chosen: bool


def people(her: Opened) -> list[Person]:
    """Whom one may serve, where it is not certain that all that is known of her is one person's."""
    found = ownership.people(her.id)
    if len(found) < 2:
        return []
    values = {row.id: row.value for row in her.profile().identifiers}
    return [
        Person(
            her.served if her.served in one else min(one),
            ", ".join(values[id] for id in sorted(one) if id in values),
            her.served in one,
        )
        for one in found
    ]


def _noted(request: HttpRequest) -> list[tuple[int, int]]:
    """What was noted, the oldest first, with whose it is today."""
    noted = request.session.get(_SESSION, [])
    customers: dict[int, int] = dict(sql.rows(_WHOSE, [noted, BEGINNING]) if noted else [])
    return [(one, customers[one]) for one in noted if one in customers]


def _note(request: HttpRequest, customers: Collection[int], chosen: list[int]) -> None:
    before = _noted(request)
    others = [one for one, whose in before if whose not in customers and one not in chosen]
    now = [*others, *chosen][-_MOST:]
    if now != [one for one, _ in before]:
        request.session[_SESSION] = now
