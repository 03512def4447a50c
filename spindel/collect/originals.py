"""Messages that were turned away, kept whole and sealed, so that they can be sent again."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

import msgspec

from spindel.collect.messages import LARGEST_MESSAGE, UNREADABLE
from spindel.collect.steps import Draft, Origin
from spindel.kit.vault import CantUnseal, seal, unseal


class _Original(msgspec.Struct):
    """What a draft was made of. Bytes are kept as Latin-1: they need not be UTF-8."""

    raw: str
    received_at: datetime
    sent_at: str | int | float | None
    shared_context: str
    address: str
    type: str


_decode = msgspec.json.Decoder(_Original).decode


def sealed(draft: Draft) -> str | None:
    """The draft as it came; None where it is larger than any message that could be kept."""
    if len(draft.raw) > LARGEST_MESSAGE:
        return None
    sent_at = draft.sent_at
    original = _Original(
        draft.raw.decode("latin-1"),
        draft.received_at,
        sent_at if isinstance(sent_at, str | int | float) else None,
        draft.shared_context.decode("latin-1"),
        draft.address.decode("latin-1"),
        draft.type,
    )
    # A collector that can't get at its key goes on collecting.
    with suppress(OSError):
        return seal(msgspec.json.encode(original).decode())
    return None


def opened(text: str, origin: Origin) -> Draft | None:
    """The draft again, for today's steps; None where the key that it was sealed with is gone."""
    try:
        original = _decode(unseal(text))
    except (CantUnseal, *UNREADABLE):
        return None
    return Draft(
        origin,
        original.raw.encode("latin-1"),
        original.received_at,
        original.sent_at,
        original.shared_context.encode("latin-1"),
        original.address.encode("latin-1"),
        original.type,
    )
