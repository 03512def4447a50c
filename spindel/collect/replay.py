"""Sending rejects again: through today's steps and plan, with the clock and the id they had."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import QuerySet

from spindel.collect import steps
from spindel.collect.actions import settle_rejects
from spindel.collect.models import Reject
from spindel.collect.originals import opened
from spindel.collect.origins import origin_of
from spindel.collect.registry import Registry
from spindel.collect.steps import Draft
from spindel.collect.writer import Rejected, Unavailable, Writer
from spindel.kit import database
from spindel.staff import audit
from spindel.staff.models import User
from spindel.timeline.append import fact_key
from spindel.timeline.models import Source

AT_ONCE = 1_000
_GROUP = 250
_MEMORY = 64 * 1024 * 1024
_PATIENCE = 5  # seconds, for the database


@dataclass(slots=True)
class Summary:
    """What became of rejects that were sent again."""

    kept: int = 0
    duplicates: int = 0  # had come in another way meanwhile
    refused: Counter[str] = field(default_factory=Counter)  # by today's reason
    unreadable: int = 0  # sealed with a key that is gone


def can_be_sent_again(source: Source) -> QuerySet[Reject]:
    """The source's rejects that were kept whole."""
    return Reject.objects.filter(source=source).exclude(original=None)


def replay(
    source: Source, by: User, *, reject: int | None = None, reason: str | None = None
) -> Summary:
    """Send one reject again, or all with a reason, or all of the source: at most AT_ONCE.

    Those that are kept are rejects no more; the others stay, with today's reason. Of two people
    who do it at once one finds nothing left to do. Raises Unavailable.
    """
    chosen = can_be_sent_again(source)
    if reject is not None:
        chosen = chosen.filter(pk=reject)
    if reason is not None:
        chosen = chosen.filter(reason=reason)
    with transaction.atomic():
        # Facts are committed before their rejects go. Dying in between leaves rejects whose facts
        # are there: sent again, they are duplicates.
        rows = list(chosen.select_for_update(skip_locked=True).order_by("pk")[:AT_ONCE])
        summary, drafts = Summary(), _drafts(source, rows)
        summary.unreadable = len(rows) - len(drafts)
        if drafts:
            summary.kept, summary.duplicates = asyncio.run(_send(drafts.values()))
        # Of somebody who was forgotten nothing is kept, not even sealed.
        refused = {
            id: draft
            for id, draft in drafts.items()
            if draft.refused and draft.refused != steps.FORGOTTEN
        }
        summary.refused.update(draft.refused for draft in refused.values())
        settle_rejects(
            [id for id in drafts if id not in refused],
            {id: (draft.refused, draft.detail) for id, draft in refused.items()},
        )
        if rows:
            audit.note(
                by=by,
                did="rejects.replayed",
                detail={"source": source.slug, "sent": len(rows), "kept": summary.kept},
            )
    return summary


def _drafts(source: Source, rows: Iterable[Reject]) -> dict[int, Draft]:
    """What can be opened of them, taken through the steps; by the reject's id."""
    origin, drafts = origin_of(Source.objects.get(pk=source.pk)), {}
    for row in rows:
        draft = opened(row.original or "", origin)
        if draft is None:
            continue
        draft.refused = steps.run(draft) or ""
        message = draft.message
        if message.message_id in (None, "") and message.timestamp is None:
            # Nothing in it says that it is the same again: that it is this reject does.
            draft.key = fact_key(origin.id, f"reject {row.pk}")
        drafts[row.pk] = draft
    return drafts


class _Quiet(Writer):
    """What it turns away was a reject before: it is neither counted nor kept twice."""

    def reject(self, rejected: Iterable[Rejected]) -> None:
        pass


async def _send(drafts: Iterable[Draft]) -> tuple[int, int]:
    """Keep what has not been refused; how many were new, and how many known."""
    writer = _Quiet(database.url(), Registry(), _MEMORY)
    running = asyncio.create_task(writer.run())
    try:
        async with asyncio.timeout(_PATIENCE):
            while not writer.available:
                await asyncio.sleep(0.01)
        good = []
        for draft in drafts:
            if not draft.refused and not writer.identifies(draft):
                draft.refused = "no_identifier"
            if not draft.refused:
                good.append(draft)
        for start in range(0, len(good), _GROUP):
            await writer.write(good[start : start + _GROUP])
    except TimeoutError:
        raise Unavailable from None
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    return writer.counted.total() - _duplicates(writer), _duplicates(writer)


def _duplicates(writer: Writer) -> int:
    return sum(count for (_, outcome), count in writer.counted.items() if outcome == "duplicate")
