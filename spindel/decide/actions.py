"""What is done to content: said, given and stopped; and what customers do with it."""

from __future__ import annotations

import json
from typing import TypeAlias

from django.db.models import F
from django.utils import timezone

from spindel.decide.contents import Placement, Says, encode
from spindel.decide.facts import (
    PromotionClicked,
    PromotionDismissed,
    PromotionViewed,
)
from spindel.decide.models import Content, ContentVersion
from spindel.kit.actions import action
from spindel.kit.refusal import Refusal
from spindel.offers.edition import changed
from spindel.staff import audit
from spindel.timeline.recording import record

_Promotion: TypeAlias = type[PromotionViewed | PromotionClicked | PromotionDismissed]

_SILENT = "A content is nobody's; its versions say who has changed it, when and why."


@action(silent=_SILENT)
def keep(key: str, says: Says, *, by: str, why: str = "") -> Content:
    """Have the content of this key say this: a draft, if there is none yet. Each change is a
    version; the same again is none.
    """
    told = json.loads(encode(says))
    Content.objects.bulk_create([Content(key=key)], ignore_conflicts=True)  # or another request has
    content = Content.objects.select_for_update().get(key=key)
    last = content.versions.filter(number=content.version).first()
    if last is not None:
        if last.says == told:
            return content
        content.version += 1
        content.save(update_fields=["version"])
    ContentVersion.objects.create(
        content=content, number=content.version, says=told, by=by, why=why
    )
    changed()
    return content


@action(silent=_SILENT)
def set_state(key: str, state: Content.State, by: str) -> Content:
    """Have the content be shown, wait or end. One that has ended stays so. Raises Refusal."""
    content = Content.objects.select_for_update().filter(key=key).first()
    if content is None:
        raise Refusal("no_such_content")
    if content.state == state:
        return content
    if content.state == Content.State.ENDED:
        raise Refusal("content_ended")
    if state == Content.State.DRAFT:
        raise Refusal("content_was_given")
    content.state = state
    if state == Content.State.LIVE and content.given_at is None:
        content.given_at = timezone.now()
    content.save(update_fields=["state", "given_at"])
    audit.note(by, f"content.{state}", detail={"name": key})
    changed()
    return content


# --- what customers do with it --------------------------------------------------------------------


@action(records="Promotion Viewed")
def view(key: str, placement: Placement, identifier: int, channel: str) -> None:
    """Whoever has the identifier has seen it there. Raises Refusal, and recording.Gone."""
    _tell(PromotionViewed, key, placement, identifier, channel)


@action(records="Promotion Clicked")
def click(key: str, placement: Placement, identifier: int, channel: str) -> None:
    """They have followed it. Raises Refusal, and recording.Gone."""
    _tell(PromotionClicked, key, placement, identifier, channel)


@action(records="Promotion Dismissed")
def dismiss(key: str, placement: Placement, identifier: int, channel: str) -> None:
    """They want to see it no more, from now on and anywhere. Raises Refusal, and recording.Gone."""
    _tell(PromotionDismissed, key, placement, identifier, channel)


def _tell(kind: _Promotion, key: str, placement: Placement, identifier: int, channel: str) -> None:
    """A content that customers see; a draft is not one."""
    found = (
        ContentVersion.objects.filter(content__key=key, number=F("content__version"))
        .exclude(content__state=Content.State.DRAFT)
        .values_list("number", "says__words")
        .first()
    )
    if found is None:
        raise Refusal("no_such_content")
    number, words = found
    name = (words.get("sv") or next(iter(words.values())))["title"]
    record(kind(key, name, str(number), placement), identifier, channel)
