"""Fields of the forms that people fill in: what is typed comes out as it is kept."""

from __future__ import annotations

from django import forms

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


def first_error(form: forms.BaseForm) -> str:
    """What is said of a form that is wrong where there is room for one thing."""
    return next(str(error) for errors in form.errors.values() for error in errors)
