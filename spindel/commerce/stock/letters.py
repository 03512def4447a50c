"""What customers are told by mail of what is held for them: each reservation as one.

It goes to an address that is certainly of whoever it is held for. What is held for an order is told
with the order; that it lies ready is noted and taken back alike.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence

from django.conf import settings

from spindel.commerce.common import mailing, recipients
from spindel.commerce.common.mail_layout import Letter
from spindel.commerce.common.mailing import Noted, Writer
from spindel.commerce.common.notices import Kind
from spindel.commerce.stock import hold_mail
from spindel.commerce.stock.models import Hold
from spindel.identity import identifiers
from spindel.messages.actions import Outgoing
from spindel.messages.models import Mail

_USUAL = {"SE": "sv", "DK": "da"}  # what people speak who fetch something there
_READY = (Kind.READY, Kind.NOT_READY)


# --- what lies ready after all, or not ------------------------------------------------------------


def noted_holds(noted: Collection[Noted], *kinds: str) -> list[tuple[Noted, Hold]]:
    """What was noted of these kinds, each with the hold that it is about."""
    of: dict[int, list[Noted]] = defaultdict(list)
    for one in noted:
        if one.kind in kinds:
            of[one.about].append(one)
    found = Hold.objects.filter(pk__in=list(of)).select_related("place")
    return [(one, hold) for hold in found.order_by("pk") for one in of[hold.pk]] if of else []


def untrue(
    put_back: Collection[tuple[Noted, Hold]], name: Callable[[Hold], str]
) -> dict[uuid.UUID, Noted]:
    """What was put back and does not lie ready now, by the key of the mail that says it does."""
    found = [
        (one, hold)
        for one, hold in put_back
        if hold.state == Hold.State.ACTIVE and hold.set_aside_at is None
    ]
    of = whats([hold for _, hold in found], name)
    return {mailing.key(Kind.READY, of[hold.pk]): one for one, hold in found}


_MOST_TIMES = 20  # that one thing is put back


def whats(holds: Collection[Hold], name: Callable[[Hold], str]) -> dict[int, str]:
    """What tells the mails that these lie ready from others, by the holds' ids. Once it was told
    that one does not, the next is another. `name` says what it is held for.
    """
    times = {}
    for one in holds:
        first = f"{name(one)} {one.place_id}"
        times[one.pk] = [first, *(f"{first} {number}" for number in range(1, _MOST_TIMES))]
    keys = {what: mailing.key(Kind.NOT_READY, what) for some in times.values() for what in some}
    mails = Mail.objects.filter(key__in=list(keys.values())) if keys else Mail.objects.none()
    told = set(mails.values_list("key", flat=True))
    return {
        hold: next((what for what in some if keys[what] not in told), some[-1])
        for hold, some in times.items()
    }


# --- of reservations ------------------------------------------------------------------------------


def _reservation(hold: Hold) -> str:
    return str(hold.key)


def _untrue(noted: Sequence[Noted]) -> Mapping[uuid.UUID, Noted]:
    put_back = noted_holds(noted, Kind.NOT_READY)
    return untrue([one for one in put_back if one[1].order_line_id is None], _reservation)


def _mails(noted: Sequence[Noted]) -> list[Outgoing]:
    told = [
        (one.kind, hold)
        for one, hold in noted_holds(noted, *_LETTERS)
        if one.kind not in _READY or hold.order_line_id is None
    ]
    if not told:
        return []
    ready = whats([hold for kind, hold in told if kind in _READY], _reservation)
    kept: dict[uuid.UUID, list[Hold]] = defaultdict(list)
    of = Hold.objects.filter(key__in={one.key for _, one in told}, order_line_id=None)
    of = of.select_related("variant__product", "place", "shopper").order_by("line", "pk")
    for one in of:
        kept[one.key].append(one)
    certain = identifiers.proven_each({who for some in kept.values() if (who := _owner(some[0]))})
    emails, languages = recipients.emails(certain), recipients.languages(certain)
    found = {}
    for kind, one in told:
        some, what = _meant(kind, one, kept[one.key], ready.get(one.pk, ""))
        who = _owner(some[0]) if some else None
        if who is None or who not in emails or (kind, what) in found:
            continue
        language = _language(some[0], languages.get(who, ""))
        letter = mailing.written(kind, _LETTERS[kind], some, language)
        if letter is not None:
            found[kind, what] = letter.mail(
                emails[who],
                language=language,
                purpose=kind,
                key=mailing.key(kind, what),
                identifier=who,
                ends_at=None if kind == Kind.LAPSED else min(x.until for x in some),
            )
    return list(found.values())


_LETTERS: Mapping[str, Callable[[Sequence[Hold], str], Letter]] = {
    Kind.HELD: hold_mail.held,
    Kind.READY: hold_mail.ready,
    Kind.NOT_READY: hold_mail.not_ready,
    Kind.LAPSED: hold_mail.lapsed,
}


def _meant(kind: str, one: Hold, kept: Sequence[Hold], ready: str) -> tuple[list[Hold], str]:
    """Which holds of the reservation the mail is about, none where it is not so any more; and what
    tells it from other mails about the reservation.
    """
    active = [other for other in kept if other.state == Hold.State.ACTIVE]
    if kind == Kind.HELD:
        return active, str(one.key)
    if kind == Kind.READY:
        here = [other for other in active if other.place_id == one.place_id]
        lies_ready = all(other.set_aside_at is not None for other in here)
        return here if lies_ready else [], ready
    if kind == Kind.NOT_READY:
        return [other for other in active if other.place_id == one.place_id], ready
    gone = [
        other for other in kept if other.state == Hold.State.EXPIRED and other.until == one.until
    ]
    return gone, f"{one.key} {one.until.isoformat()}"


def _owner(hold: Hold) -> int | None:
    """Whose it is: whoever has proved who she is in the session, else who it was written under."""
    if hold.shopper is not None and hold.shopper.identifier_id is not None:
        return hold.shopper.identifier_id
    return hold.identifier_id


def _language(hold: Hold, last: str) -> str:
    """The session's, else as she was last spoken with, else as people speak there."""
    chosen = (hold.shopper.language if hold.shopper else last)[:2]
    usual = _USUAL.get(hold.place.country, "en")
    return chosen if chosen in dict(settings.LANGUAGES) else usual


WRITERS = (Writer(mails=_mails, untrue=_untrue),)
