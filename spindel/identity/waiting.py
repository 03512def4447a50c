"""Who has written to the shop and has had no answer yet, as far as the chat tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from spindel.kit import sql

_LOOK_BACK = timedelta(days=2)
_ASKS = ("Live Chat Conversation Started", "Live Chat Message Sent")
_ENDS = ("Live Chat Message Received", "Live Chat Conversation Ended")

# The last word of each conversation; whose it is by now.
_UNANSWERED = """
SELECT hers.customer_id, last.channel, last.occurred_at, last.said FROM (
    SELECT DISTINCT ON (talk) identifier_id, name, channel, occurred_at, said FROM (
        SELECT f.identifier_id, f.name, f.channel, f.occurred_at, f.sequence,
               coalesce(f.properties->>'conversation_id', f.identifier_id::text) AS talk,
               coalesce(f.properties->>'message_body', '') AS said
        FROM timeline_fact f
        WHERE f.received_at > %(since)s AND f.occurred_at > %(since)s AND f.name = ANY(%(names)s)
    ) told ORDER BY talk, occurred_at DESC, sequence DESC
) last CROSS JOIN LATERAL (
    SELECT customer_id FROM identity_tenure
    WHERE identifier_id = last.identifier_id ORDER BY since DESC LIMIT 1
) hers
WHERE last.name = ANY(%(asks)s) ORDER BY last.occurred_at LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A customer who has had the last word, in which channel, since when, and what it was."""

    customer: int
    channel: str
    at: datetime
    said: str


def unanswered(limit: int) -> list[Unanswered]:
    """Who waits for an answer, the longest waiting first; of the last two days."""
    since = timezone.now() - _LOOK_BACK
    words = {"since": since, "names": [*_ASKS, *_ENDS], "asks": list(_ASKS), "limit": limit}
    return [Unanswered(*row) for row in sql.rows(_UNANSWERED, words)]
