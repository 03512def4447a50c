"""Which offers are given in which weeks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from spindel.kit import sql
from spindel.offers.terms import Terms, of

WEEKS = 13
MOST = 200

# From when it was given first, or is to be, until it ends, or was ended.
_SPANS = """
SELECT o.key, o.state, v.terms::text, span.begins, span.ends
FROM offers_offer o
JOIN offers_offerversion v ON v.offer_id = o.id AND v.number = o.version
CROSS JOIN LATERAL (
    SELECT min(at) FILTER (WHERE state = 'live') AS given,
           min(at) FILTER (WHERE state = 'ended') AS ended
    FROM offers_offerstatechange WHERE offer_id = o.id
) done
CROSS JOIN LATERAL (SELECT
    coalesce(greatest((v.terms->>'since')::timestamptz, done.given), statement_timestamp())
        AS begins,
    least((v.terms->>'until')::timestamptz, done.ended) AS ends
) span
WHERE span.begins < %(end)s AND (span.ends IS NULL OR span.ends > %(start)s)
ORDER BY span.begins, o.key LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Span:
    """An offer in the calendar: from when until when it is given, and in which of the weeks that
    is: `first` is a week's number from 1, and `weeks` how many it takes.
    """

    key: str
    state: str
    terms: Terms
    begins: datetime
    ends: datetime | None
    first: int
    weeks: int


def monday(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def spans(start: datetime, end: datetime) -> Sequence[Span]:
    """The offers that are given between the two, which begin weeks, those that begin first."""
    rows = sql.rows(_SPANS, {"start": start, "end": end, "most": MOST})
    found = []
    for key, state, terms, begins, ends in rows:
        first = max(0, (begins - start).days // 7)
        # What ends as a week begins is not given in that week any more.
        last = WEEKS - 1 if ends is None else (ends - timedelta(seconds=1) - start).days // 7
        last = max(first, min(last, WEEKS - 1))
        told = of(json.loads(terms))
        found.append(Span(key, state, told, begins, ends, first + 1, last - first + 1))
    return found
