"""What a browser sends, as it is kept: fields, and forms of what nobody has typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any  # Any: Django's own type of what a form holds

from django import forms
from django.db import models
from django.http import QueryDict

from spindel.kit import ids, texts


class Line(forms.CharField):
    """One line of text. What is longer than it may be is cut, as the box itself would have."""

    def to_python(self, value: object) -> str:
        """The line in its normal form."""
        return texts.line(str(value or ""), self.max_length or 0)


class Lines(forms.CharField):
    """Several lines of text, cut as a line is."""

    widget = forms.Textarea

    def to_python(self, value: object) -> str:
        """The lines in their normal form."""
        return texts.lines(str(value or ""), self.max_length or 0)


class Name(forms.CharField):
    """What is looked for by exactly that: a SKU, a place's code."""

    def to_python(self, value: object) -> str:
        """The name, its gaps as they were."""
        return texts.plain(str(value or ""), self.max_length or 0)


class Id(forms.Field):
    """The id of a row; 0, which is nobody's, for what is none."""

    def to_python(self, value: object) -> int:
        """The id."""
        return ids.read(str(value or ""))


class _Several(forms.Field):
    """What stands in boxes of the same name, without what is none."""

    widget = forms.MultipleHiddenInput

    def __init__(self, most: int) -> None:
        super().__init__(required=False)
        self.most = most

    def to_python(self, value: list[str] | None) -> list[Any]:
        """Each, as it is kept."""
        read = map(self.read, (value or [])[: self.most])
        return [one for one in read if one is not None]

    def read(self, text: str) -> object:
        """One of them; None for what is none."""
        raise NotImplementedError


class Ids(_Several):
    """The ids of rows that were ticked."""

    def read(self, text: str) -> int | None:
        """The id."""
        return ids.read(text) or None


class Numbers(_Several):
    """Numbers from 0 on, such as those of an order's lines."""

    def read(self, text: str) -> int | None:
        """The number."""
        return Seen().clean(text)


class Names(_Several):
    """Names of things, as they were sent: to be compared with what is there."""

    def __init__(self, most: int, longest: int) -> None:
        super().__init__(most)
        self.longest = longest

    def read(self, text: str) -> str | None:
        """The name; None for one that is longer than any is."""
        return text if len(text) <= self.longest else None


class Choices(_Several):
    """Those of the choices that were ticked."""

    def __init__(self, choices: type[models.TextChoices]) -> None:
        super().__init__(len(choices))
        self.choices = choices

    def read(self, text: str) -> str | None:
        """The choice."""
        return text if text in self.choices.values else None


class Counts(_Several):
    """So many of which: "7:2" is two of what has the number 7."""

    def read(self, text: str) -> tuple[int, int] | None:
        """The number, and how many."""
        found = re.fullmatch(r"([0-9]{1,18}):([0-9]{1,3})", text)
        return (int(found[1]), int(found[2])) if found else None


class Day(forms.DateField):
    """A day of our times, as 2026-03-31."""

    def __init__(self, **more: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **more)

    def validate(self, value: date | None) -> None:
        """Raises ValidationError for what no calendar here should reckon with."""
        super().validate(value)
        if value is not None and not 1970 <= value.year <= 2200:
            raise forms.ValidationError(self.error_messages["invalid"], "invalid")


class Yes(forms.Field):
    """A box that is ticked, or a button that is pressed: it says "yes"."""

    def __init__(self) -> None:
        super().__init__(required=False)

    def to_python(self, value: object) -> bool:
        """Whether it does."""
        return value in ("yes", True)

    prepare_value = to_python


class Rows(forms.Field):
    """Rows of the same boxes: the first of each name are a row, and so on.

    `columns` are the boxes, and `row` makes of a row's texts, as they are kept, what comes out: as
    the form's value, too, before anything is said of it.
    """

    def __init__(self, row: Callable[..., object], most: int, **columns: forms.Field) -> None:
        super().__init__(required=False, widget=_Columns(row, most, columns))


class _Columns(forms.Widget):
    def __init__(
        self, row: Callable[..., object], most: int, columns: Mapping[str, forms.Field]
    ) -> None:
        super().__init__()
        self.row, self.most, self.columns = row, most, columns

    def value_from_datadict(
        self, data: Mapping[str, Any], files: object, name: str
    ) -> list[object]:
        assert isinstance(data, QueryDict)
        typed = [
            [field.to_python(text) for text in data.getlist(column)[: self.most]]
            for column, field in self.columns.items()
        ]
        return [self.row(*each) for each in zip(*typed, strict=False)]


class Seen(forms.IntegerField):
    """A number that the page itself has put in, such as a version; None where it can't have."""

    def __init__(self) -> None:
        super().__init__(required=False, min_value=0, max_value=ids.LARGEST)

    def clean(self, value: object) -> int | None:
        """The number, or None; no person has typed it, so nobody is told that it is wrong."""
        try:
            found: int | None = super().clean(value)
        except forms.ValidationError:
            return None
        return found


class QuietForm(forms.Form):
    """What an address asks for, or a page's own buttons say. Nobody has typed it, so nobody is told
    what is wrong with it: that is as if it was not said. The box of a field `for_` is called "for",
    which Python keeps to itself.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False

    def add_prefix(self, field_name: str) -> str:
        """The name of the field's box."""
        return super().add_prefix(field_name.removesuffix("_"))

    @property
    def values(self) -> dict[str, Any]:
        """What is said, by field; of the others what comes of nothing."""
        self.is_valid()
        nothing = {name: field.to_python(None) for name, field in self.fields.items()}
        return nothing | self.cleaned_data


class SearchQuery(QuietForm):
    """What is looked for."""

    q = Name(max_length=200)


class PageQuery(QuietForm):
    """Where a list goes on: behind the cursor that its last page has given out."""

    before = Name(max_length=100)


def first_error(form: forms.BaseForm) -> str:
    """What is said of a form that is wrong where there is room for one thing."""
    return next(str(error) for errors in form.errors.values() for error in errors)
