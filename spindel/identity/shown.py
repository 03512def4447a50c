"""What somebody is shown of customers: no more than her role may see, and put on record.

Pages read customers here and nowhere else, so that none can forget to ask.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _

from spindel.identity import customers, errands, ownership, recent, searching, waiting
from spindel.identity.customers import IdentifierRow, Profile, Summary, TraitRow, TraitValue
from spindel.identity.searching import Hit
from spindel.identity.waiting import Unanswered
from spindel.kit import masking
from spindel.kit.pagination import Page
from spindel.staff import audit
from spindel.staff.models import User
from spindel.staff.permissions import may
from spindel.timeline import diary, phrases
from spindel.timeline.reading import ALL, FactRow, Filters

# A shift, so that a customer who comes back in the afternoon need not be looked up again.
LOOKED_UP_FOR = timedelta(hours=12)


class LookHerUpFirst(PermissionDenied):
    """The customer is shown to this person only after a search that shows her."""


def staff(request: HttpRequest) -> User:
    """Who asks; the view's `requires` has made sure that it is somebody."""
    assert isinstance(request.user, User)
    return request.user


# --- one customer ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opened:
    """A customer whom somebody has opened, which is on record; `id` is who she is today.

    `served` is the identifier that the person serves her by, as far as it is known.
    """

    user: User
    id: int
    served: int | None = None

    def known(self) -> ownership.Under | None:
        """The identifier that what is done for her is written under, as `ownership.known`."""
        return ownership.known(self.id, self.served)

    def under(self) -> ownership.Under:
        """The same; one of our own is made where it is not certain who she is."""
        return ownership.under(self.id, self.served)

    def profile(self) -> Profile:
        """All that is known of her but her facts, as far as the person may see it."""
        profile = customers.profile(self.id)
        if not _sees_contacts(self.user):
            return _masked(profile)
        return profile if _sees_links(self.user) else profile_without_codes(profile)

    def timeline(
        self,
        limit: int = 50,
        before: str | None = None,
        after: str | None = None,
        only: Filters = ALL,
    ) -> Page[FactRow]:
        """What happened, newest first, as far as the person may see it. Raises BadCursor.

        Who may not see what a fact holds does not find it by that: no `text` is looked for then.
        """
        if not _sees_contacts(self.user):
            only = replace(only, text="")
        page = customers.timeline(self.id, limit, before, after, only)
        return Page([_for(self.user, fact) for fact in page.items], page.next)

    def held(self) -> str:
        """What tells whether other identifiers are hers, or at other times, than before."""
        return customers.held(self.id)

    def message(self, fact: UUID) -> FactRow | None:
        """One of her facts as it came, which is on record; None when it is not hers."""
        found = recent.fact(fact, self.id)
        if found is None:
            return None
        audit.note_look(self.user, "customer.message_seen", self.id)
        return _for(self.user, found)


def open_customer(user: User, id: int) -> Opened:
    """Open whoever the customer with this id is today, and put it on record.

    Raises customers.NotFound, and LookHerUpFirst.
    """
    living = customers.living(id)
    if not may_open(user, living):
        raise LookHerUpFirst
    audit.note_look(user, "customer.seen", living)
    return Opened(user, living)


def may_open(user: User, customer: int) -> bool:
    """Whether the customer, as she is today, is shown to this person.

    Whoever may not browse has found her in a search of her own within the last twelve hours, or
    the customer has an errand in a store today.
    """
    if not may(user, "customers.read"):
        return False
    if may(user, "customers.browse"):
        return True
    was_shown = audit.was_shown(user, customers.ids(customer), LOOKED_UP_FOR)
    return was_shown or errands.has_one(user, customer)


# --- lists ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """A customer in a list of results, and what matched."""

    summary: Summary
    kind: str
    text: str
    identifiers: frozenset[int] = frozenset()


def least_letters(user: User) -> int:
    """How much one types before a search begins."""
    return 2 if may(user, "customers.browse") else 3


_MOST_FOUND = 20
_MOST_LOOKED_UP = 10
_CUSTOMER_NUMBER = re.compile(r"#?(\d{1,18})", re.ASCII)


def search(user: User, text: str, without: int | None = None, country: str = "") -> list[Found]:
    """Whom the text may mean, best first; who is shown is put on record.

    `country` is where the person stands, whose telephone numbers come first.

    Whoever sees no contact data finds by numbers alone: of the customer, an order or a receipt.
    """
    text = text.strip()
    if len(text) < least_letters(user):
        return []
    browses, contacts = may(user, "customers.browse"), _sees_contacts(user)
    most = _MOST_FOUND if browses else _MOST_LOOKED_UP
    if contacts:
        hits = searching.search(text, most, country)
    else:
        hits = searching.search_numbers(text, most)
    number = _CUSTOMER_NUMBER.fullmatch(text)
    if browses and number and (living := customers.find(int(number[1]))):
        hits = [Hit(living, "customer", number[1]), *(h for h in hits if h.customer != living)]
    people = summaries(user, [hit.customer for hit in hits], looked_up=True)
    found = [
        Found(people[hit.customer], hit.kind, hit.text, hit.identifiers)
        for hit in hits[:most]
        if hit.customer in people and hit.customer != without
    ]
    if found:
        audit.note_shown(user, "customers.searched", {one.summary.id for one in found})
    return found


def seen_last(user: User, limit: int) -> list[Summary]:
    """The customers whose facts came in last; none for those who may not browse."""
    if not may(user, "customers.browse"):
        return []
    ids = recent.seen_last(limit)
    people = summaries(user, ids)
    found = [people[id] for id in ids if id in people]
    if found:
        audit.note_shown(user, "customers.listed", {one.id for one in found})
    return found


def summaries(user: User, ids: Collection[int], *, looked_up: bool = False) -> dict[int, Summary]:
    """The customers for a list, as far as the person may see them.

    Whoever may not browse sees only those whom she looks up.
    """
    if not (looked_up or may(user, "customers.browse")):
        return {}
    found = customers.summaries(ids)
    if _sees_contacts(user):
        return found
    return {id: _masked_summary(one) for id, one in found.items()}


@dataclass(frozen=True, slots=True)
class Who:
    """Whose something is, as far as the person may know: `name` is empty where not.

    `customer` is 0 where it is nobody's any more; `opens`: whether her page opens to the person.
    """

    customer: int
    name: str
    opens: bool


NOBODY = Who(0, "", opens=False)


def who(user: User, several: Collection[int], did: str) -> dict[int, Who]:
    """The customers by name, as far as the person may see them, on record as `did`."""
    asked = set(several)
    if may(user, "customers.browse"):
        allowed = asked
    else:
        allowed = {one for one in asked if may_open(user, one)}
    people = summaries(user, allowed, looked_up=True) if allowed else {}
    if people:
        audit.note_shown(user, did, set(people))
    return {
        one: Who(one, people[one].called if one in people else "", opens=one in allowed)
        for one in asked
    }


def in_passing(user: User, fact: FactRow) -> FactRow:
    """A fact of anybody's, as it is shown to somebody who watches what comes in."""
    return _for(user, fact) if may(user, "customers.browse") else masked_fact(fact)


def unanswered(user: User, limit: int) -> list[Unanswered]:
    """Who has written and waits for an answer; none for those who may not browse."""
    if not may(user, "customers.browse"):
        return []
    found = waiting.unanswered(limit)
    return found if _sees_contacts(user) else [replace(one, said="") for one in found]


# --- masking --------------------------------------------------------------------------------------


def _sees_contacts(user: User) -> bool:
    return may(user, "contacts.see")


def _sees_links(user: User) -> bool:
    return may(user, "links.see")


def _for(user: User, fact: FactRow) -> FactRow:
    """The fact as far as the person may see whose it is, and what opens something of hers."""
    if not _sees_contacts(user):
        return masked_fact(fact)
    return fact if _sees_links(user) else without_codes(fact)


def without_codes(fact: FactRow) -> FactRow:
    """The fact without what would open something of hers to whoever reads it."""
    return replace(
        fact,
        properties={name: masking.without_codes(one) for name, one in fact.properties.items()},
        context={name: masking.without_codes(one) for name, one in fact.context.items()},
    )


def masked_fact(fact: FactRow) -> FactRow:
    """The fact without what tells who it was, or what she wrote."""
    properties = masking.shown(fact.properties, of_things=diary.is_of_things(fact.name))
    reason = fact.properties.get("reason")
    if isinstance(reason, str) and reason in phrases.reasons():
        properties["reason"] = reason
    kind, _colon, value = fact.identifier.partition(":")
    return replace(
        fact,
        name=masking.clean(fact.name),
        properties=properties,
        context=masking.shown(fact.context),
        identifier=fact.identifier and f"{kind}:{masking.shown_identifier(kind, value)}",
    )


def _masked(profile: Profile) -> Profile:
    return replace(
        profile,
        name=_somebody(profile.name, customers.city(profile.traits)),
        identifiers=[_masked_identifier(row) for row in profile.identifiers],
        traits=[_masked_trait(row) for row in profile.traits],
    )


def profile_without_codes(profile: Profile) -> Profile:
    """What is known of her, without what would open something of hers to whoever reads it."""

    def value(told: TraitValue) -> TraitValue:
        return replace(told, value=masking.without_codes(told.value))

    def trait(row: TraitRow) -> TraitRow:
        history = [value(told) for told in row.history]
        return replace(row, value=masking.without_codes(row.value), history=history)

    return replace(profile, traits=[trait(row) for row in profile.traits])


def _masked_summary(one: Summary) -> Summary:
    return replace(one, name=_somebody(one.name, one.city), email="", phone="")


def _somebody(name: str, city: str) -> str:
    """What to call her without a name; nothing for one whose name nobody knows, as ever."""
    if not name:
        return ""
    shown = masking.clean(city)
    return _("Somebody in %(city)s") % {"city": shown} if shown else _("Somebody")


def _masked_identifier(row: IdentifierRow) -> IdentifierRow:
    evidence = row.evidence
    if evidence is not None:
        value = masking.shown_identifier(evidence.with_kind, evidence.with_value)
        evidence = replace(evidence, with_value=value, by=masking.clean(evidence.by))
    return replace(row, value=masking.shown_identifier(row.kind, row.value), evidence=evidence)


def _masked_trait(row: TraitRow) -> TraitRow:
    def value(told: TraitValue) -> TraitValue:
        shown = masking.shown_value(row.name, told.value)
        return replace(told, value=shown, by=masking.clean(told.by))

    return replace(
        row,
        name=masking.clean(row.name),
        value=masking.shown_value(row.name, row.value),
        by=masking.clean(row.by),
        history=[value(told) for told in row.history],
    )
