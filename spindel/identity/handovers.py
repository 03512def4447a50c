"""The moments at which a device changed hands, out of all the messages that say whose it was."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from spindel.identity.resolve import MOST_HANDS, Node
from spindel.identity.rules import KINDS
from spindel.kit import sql
from spindel.kit.clock import NEVER


class Claim(NamedTuple):
    """That a device was seen with somebody; the source, if it is a trusted one."""

    at: datetime
    who: int
    fact: UUID | None
    source: int | None


@dataclass(frozen=True, slots=True)
class _Question:
    """When somebody was first seen with the device between two moments; with each of them or not.

    In the order of the parameters of `_NEXT_CLAIMS`.
    """

    who: int
    device: int
    trusted: bool
    after: datetime
    and_then: bool
    before: datetime
    and_still: bool


# Of the facts of somebody who has very many, no more than the first ones are gone through: a
# stranger decides how many there are, and how many ask.
_NEXT_CLAIMS = """
SELECT asked.number, found.occurred_at, found.id, found.source_id
FROM unnest(%s::bigint[], %s::bigint[], %s::boolean[], %s::timestamptz[], %s::boolean[],
            %s::timestamptz[], %s::boolean[])
     WITH ORDINALITY AS asked (who, device, trusted, after, and_then, before, and_still, number)
CROSS JOIN LATERAL (
    SELECT f.id, f.occurred_at, f.source_id FROM (
        SELECT * FROM timeline_fact
        WHERE identifier_id = asked.who
          AND occurred_at >= asked.after AND occurred_at <= asked.before
          AND (asked.and_then OR occurred_at > asked.after)
        ORDER BY occurred_at, sequence LIMIT 500
    ) f
    JOIN timeline_source s ON s.id = f.source_id AND s.trusted = asked.trusted
    WHERE f.also @> ARRAY[asked.device] AND (asked.and_still OR f.occurred_at < asked.before)
    ORDER BY f.occurred_at, f.sequence LIMIT 1
) found
"""


class Handovers:
    """Whom a device was seen with, as the moments at which that changed.

    A device is seen with its user in every message; kept is the first of each run. When a late
    message falls into the middle of another's run, the rest of the run is found again among the
    facts, so what is kept depends on the messages, not on their order of arrival. What trusted
    sources say makes a row of its own.
    """

    def __init__(
        self, device: int, trusted: bool, nodes: Mapping[int, Node], kept: Iterable[Claim]
    ) -> None:
        self.device = device
        self.trusted = trusted
        self._nodes = nodes
        self._kept = sorted(kept, key=self._order)
        self.before = set(self._kept)

    @property
    def after(self) -> set[Claim]:
        """What is to be kept now."""
        return set(self._kept)

    def _order(self, claim: Claim) -> tuple[datetime, int, str]:
        """As `resolve` takes them: of what happened at the same time, the strongest first."""
        node = self._nodes[claim.who]
        return claim.at, KINDS[node.kind].strength, node.value

    def see(self, claims: Iterable[Claim]) -> Generator[_Question, Claim | None, None]:
        """Take in with whom the device was seen; asks for what only the facts can tell.

        More than say that it is nobody's are not taken in.
        """
        for claim in sorted(claims, key=self._order):
            if len(self._kept) > MOST_HANDS + 1:
                return
            order = self._order(claim)
            position = bisect_right(self._kept, order, key=self._order)
            former = self._kept[position - 1] if position else None
            following = self._kept[position] if position < len(self._kept) else None
            if former and former.who == claim.who:
                continue
            back = (yield self._seen_again(former, claim, following)) if former else None
            if following and following.who == claim.who and back is None:
                self._kept[position] = claim
            else:
                self._kept[position:position] = [claim] if back is None else [claim, back]

    def _seen_again(self, former: Claim, claim: Claim, following: Claim | None) -> _Question:
        """The first time that the former holder was seen with it after the claim."""
        until = following or Claim(NEVER, former.who, None, None)
        # Of what happened at the very same time, `_order` says what came first.
        return _Question(
            former.who,
            self.device,
            self.trusted,
            claim.at,
            self._order(former._replace(at=claim.at)) > self._order(claim),
            until.at,
            self._order(former._replace(at=until.at)) < self._order(until),
        )


_Walk = Generator[_Question, Claim | None, None]


def see_all(seen: Collection[tuple[Handovers, Iterable[Claim]]]) -> None:
    """Have each of the devices see its claims; what they ask for is looked up for all at once."""
    answers: list[tuple[_Walk, Claim | None]] = [
        (handovers.see(claims), None) for handovers, claims in seen
    ]
    while answers:
        waiting: list[tuple[_Walk, _Question]] = []
        for walk, answer in answers:
            with suppress(StopIteration):
                waiting.append((walk, walk.send(answer)))
        answers = _answered(waiting) if waiting else []


_MOST_QUESTIONS = 2_000  # at once


def _answered(waiting: Sequence[tuple[_Walk, _Question]]) -> list[tuple[_Walk, Claim | None]]:
    asked = sql.columns([astuple(question) for _, question in waiting[:_MOST_QUESTIONS]])
    found = {number: told for number, *told in sql.rows(_NEXT_CLAIMS, asked)}
    answers: list[tuple[_Walk, Claim | None]] = []
    for number, (walk, question) in enumerate(waiting, 1):
        claim = None
        if number in found:
            at, fact, source = found[number]
            claim = Claim(at, question.who, fact, source if question.trusted else None)
        answers.append((walk, claim))
    return answers
