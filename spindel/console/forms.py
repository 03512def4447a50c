"""What is asked of the audit log, and how one has the pages."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from spindel.kit import ids
from spindel.kit.forms import Day, Name, PageQuery, QuietForm

_A_DAY = {"invalid": _("Write a day as 2026-03-31.")}
_BY_NUMBER = _("A customer is looked for by number here.")


class _CustomerNumber(forms.IntegerField):
    """A customer's number, as pages write it."""

    def __init__(self) -> None:
        said = dict.fromkeys(("invalid", "min_value", "max_value"), _BY_NUMBER)
        super().__init__(required=False, min_value=0, max_value=ids.LARGEST, error_messages=said)

    def to_python(self, value: object) -> int | None:
        """The number."""
        return super().to_python(str(value or "").strip().lstrip("#"))


class AuditQuery(PageQuery):
    """Who did what to which customer, and when. What could not be read of it is said."""

    person = Name(max_length=200)
    did = Name(max_length=200)
    customer = _CustomerNumber()
    since = Day(error_messages=_A_DAY)
    until = Day(error_messages=_A_DAY)

    @property
    def typed(self) -> dict[str, str]:
        """What was typed, as it is shown again."""
        return {box.name: box.value() or "" for box in self if box.name != "before"}


class LookForm(QuietForm):
    """The language, or the theme, that somebody has the pages in; and the page that she was on."""

    language = Name(max_length=10)
    theme = Name(max_length=10)
    next = Name(max_length=10_000)
