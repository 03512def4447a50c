"""Who does something, for whoever records it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it, where, and by which channel.

    `by` is the name that books keep, a person's or a token's; `user` the id of the person, where
    one of those who work here does it; `channel` one of the timeline's; `place` the id of the store
    that they do it in. A face makes one, of whoever has logged in there, and actions hand it down.
    """

    by: str = ""
    user: int | None = None
    channel: str = "other"
    place: int | None = None
