"""Contents as a marketer sees them: what they say, and what they have said."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F

from spindel.decide.models import ContentVersion


@dataclass(frozen=True, slots=True)
class ContentView:
    """A content with what it says, as JSON."""

    key: str
    state: str
    version: int
    says: dict[str, object]


def contents(state: str, after: str, limit: int) -> list[ContentView]:
    """Contents by their keys, from after a key on; those in a state, or all where it is empty."""
    found = _CURRENT.filter(content__key__gt=after)
    if state:
        found = found.filter(content__state=state)
    return [_view(one) for one in found.order_by("content__key")[:limit]]


def content(key: str) -> ContentView | None:
    """The content with this key."""
    found = _CURRENT.filter(content__key=key).first()
    return None if found is None else _view(found)


_CURRENT = ContentVersion.objects.filter(number=F("content__version")).select_related("content")


def _view(one: ContentVersion) -> ContentView:
    return ContentView(one.content.key, one.content.state, one.number, one.says)


_MOST_VERSIONS = 100


def versions(key: str) -> list[ContentVersion]:
    """What the content has said, the newest first."""
    found = ContentVersion.objects.filter(content__key=key).order_by("-number")
    return list(found[:_MOST_VERSIONS])
