"""What is asked and typed of a customer."""

from __future__ import annotations

from django import forms

from spindel.kit.forms import Choices, Day, Id, Ids, Name, PageQuery, QuietForm
from spindel.timeline.diary import Kind
from spindel.timeline.models import Channel

_MOST_IDENTIFIERS = 1_000


class TimelineQuery(PageQuery):
    """What the timeline is narrowed to, and what has come `since` it was shown."""

    channel = Choices(Channel)
    kind = Choices(Kind)
    q = Name(max_length=100)
    from_ = Day()
    to = Day()
    since = Name(max_length=100)


class TraitForm(QuietForm):
    """A trait that is put right. What can't be is the action's to say."""

    name = Name(max_length=65)
    value = Name(max_length=2_001)


class NoteForm(QuietForm):
    """A note on a customer, as it was typed: one that can't be is the action's to say."""

    text = forms.CharField()

    def clean_text(self) -> str:
        """Its lines, each ended as on Unix."""
        return str(self.cleaned_data["text"]).replace("\r\n", "\n")


class ServeForm(QuietForm):
    """Whom one serves, by an identifier, and where to go on then."""

    identifier = Id()
    next = Name(max_length=2_000)


class SplitForm(QuietForm):
    """Which identifiers are another person's."""

    identifier = Ids(_MOST_IDENTIFIERS)
