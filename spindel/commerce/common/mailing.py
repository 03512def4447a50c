"""Writing the mails that tell customers of what was noted: of many in as many statements as of one.

The rooms say what is told of what they have noted, each in a `letters.py` with `WRITERS`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ParamSpec

import structlog

from spindel.commerce.common.mail_layout import Letter
from spindel.commerce.common.notices import Kind
from spindel.kit import declared, idempotency, sql
from spindel.kit.actions import action
from spindel.messages.actions import Outgoing, cancel_mails, send_mails

log = structlog.get_logger("spindel.commerce")

TOO_LATE = timedelta(days=1)  # as for mails that no server takes
SETTLES = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Noted:
    """What happened, to what, and how much goes back to her for it."""

    kind: str
    about: int
    amount: int = 0


def _nothing(noted: Sequence[Noted]) -> Mapping[uuid.UUID, Noted]:
    return {}


@dataclass(frozen=True, slots=True)
class Writer:
    """What a room tells of what was noted; it passes over what others tell.

    `mails` answers the mails to send, each with a `key` of what it tells, so that it is written
    once. Who can't be reached is told of nothing. `untrue` answers, of what was noted not to be so,
    what is not so now, by the key of the mail that may have said that it is. That mail is taken
    back; where it may have left, `mails` is asked to tell.
    """

    mails: Callable[[Sequence[Noted]], list[Outgoing]]
    untrue: Callable[[Sequence[Noted]], Mapping[uuid.UUID, Noted]] = _nothing


# What was noted first, once it has had time to be undone or to be followed by more of its kind; and
# what is told together with it.
_TAKE = """
WITH first AS (
    SELECT id, kind, together FROM common_notice
    WHERE made_at <= statement_timestamp() - %(settles)s::interval
    ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED
), more AS (
    SELECT id FROM common_notice
    WHERE (kind, together) IN (SELECT kind, together FROM first)
    FOR UPDATE SKIP LOCKED
)
DELETE FROM common_notice WHERE id IN (SELECT id FROM first UNION SELECT id FROM more)
RETURNING id, kind, about, amount, made_at > statement_timestamp() - %(late)s::interval
"""


@action(silent="What the mails tell of was recorded as it happened.")
def write_mails(most: int, settles: timedelta = timedelta()) -> int:
    """Write the mails of what was noted first, each once; how many notes were seen to.

    As many statements for many as for one. What was noted within `settles` waits; what was more
    than a day ago is told no more. That something lies ready which does not after all is taken
    back, or where that mail may have left, told.
    """
    words = {"most": most, "settles": settles, "late": TOO_LATE}
    taken = sorted(sql.rows(_TAKE, words))
    send_mails(mails(_to_tell([Noted(*row[1:4]) for row in taken if row[4]])))
    return len(taken)


def mails(noted: Sequence[Noted]) -> list[Outgoing]:
    """The mails that tell of it."""
    return [mail for writer in _writers() for mail in writer.mails(noted)]


def _to_tell(noted: Sequence[Noted]) -> list[Noted]:
    """What is to be told, once what was told and is not so is taken back as far as it can be."""
    untrue = {key: one for writer in _writers() for key, one in writer.untrue(noted).items()}
    left = cancel_mails(set(untrue)) if untrue else set()
    return [
        *(one for one in noted if one.kind != Kind.NOT_READY),
        *(one for key, one in untrue.items() if key in left),
    ]


def _writers() -> list[Writer]:
    return list(declared.each("letters", "WRITERS"))


# --- what rooms write with ------------------------------------------------------------------------


def key(kind: str, what: str) -> uuid.UUID:
    """The key of the mail of this kind that tells of it; `what` tells it from others."""
    return idempotency.key("mail", f"{kind} {what}")


P = ParamSpec("P")


def written(
    kind: str, write: Callable[P, Letter | None], *about: P.args, **more: P.kwargs
) -> Letter | None:
    """The letter. One that can't be written is told of here, and keeps no other from being sent."""
    try:
        return write(*about, **more)
    except Exception as error:
        # Without its text, which could hold personal data.
        log.error("mail_not_written", kind=kind, error=type(error).__name__)
        return None
