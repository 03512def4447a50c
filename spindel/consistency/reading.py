"""Reading what audits have found: what differs now, what did lately, and how often was asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from spindel.catalogue.probing import Probe
from spindel.consistency.asking import probes
from spindel.consistency.models import AuditRun, Difference
from spindel.identity import customers, shown
from spindel.kit.templatetags.look import minor_words
from spindel.staff.models import User

_RUNS = 30


@dataclass(frozen=True, slots=True)
class DifferenceView:
    """A difference in words: what a face said, of which goods, to whom, and what it should."""

    id: int
    face: str
    channel: str
    what: str
    sku: str
    market: str
    said: str
    should: str
    who: str
    customer: int  # 0: nobody, or not for this person to see
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class RunView:
    """Once that all were asked, with the faces that have answered, by their labels."""

    run: AuditRun
    faces: list[tuple[str, int]]
    seconds: float


def open_ones() -> QuerySet[Difference]:
    """What differs now, the newest first."""
    return Difference.objects.filter(until=None).order_by("-since", "-pk")


def gone_ones() -> QuerySet[Difference]:
    """What has differed, the last first."""
    return Difference.objects.exclude(until=None).order_by("-until", "-pk")


def view(user: User, found: QuerySet[Difference], most: int) -> list[DifferenceView]:
    """Some of them, as the person may see them."""
    some = list(found[:most])
    owners = customers.of({one.identifier_id for one in some if one.identifier_id is not None})
    people = shown.who(user, set(owners.values()), "differences.listed")
    faces = {one.face: one for one in probes()}
    return [_view(one, people.get(owners.get(one.identifier_id or 0, 0)), faces) for one in some]


def _view(one: Difference, who: shown.Who | None, faces: dict[str, Probe]) -> DifferenceView:
    probe = faces.get(one.face)
    nobody = _("anybody") if one.identifier_id is None else _("a customer")
    return DifferenceView(
        one.pk,
        _label(one.face, faces),
        probe.channel if probe else "other",
        str(Difference.What(one.what).label),
        one.sku,
        one.market,
        _words(one, one.said),
        _words(one, one.should),
        (who.name or nobody) if who and who.opens else nobody,
        who.customer if who and who.opens else 0,
        one.since,
        one.until,
    )


def _words(one: Difference, text: str) -> str:
    """An answer as people read it."""
    if one.what in ("price", "missing"):
        return minor_words(int(text), one.currency) if text else _("nothing")
    if one.what == "stock":
        return _("can be sent") if text == "yes" else _("can’t be sent")
    return text or _("nothing")


def _label(face: str, faces: dict[str, Probe]) -> str:
    probe = faces.get(face)
    return str(probe.label) if probe else face


def runs() -> list[RunView]:
    """The last times that all were asked, the newest first."""
    faces = {one.face: one for one in probes()}
    return [
        RunView(
            one,
            [(_label(face, faces), many) for face, many in sorted(one.faces.items())],
            one.took / 1000,
        )
        for one in AuditRun.objects.order_by("-began_at", "-pk")[:_RUNS]
    ]
