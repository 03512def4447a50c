"""What people type about a source."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from phonenumbers import SUPPORTED_REGIONS

from spindel.collect.actions import SourceSettings
from spindel.collect.limits import PUBLIC_RATE
from spindel.collect.plan import LARGEST_FILE, LONGEST_NAME, MOST_EVENTS, BadPlan, Plan, parse
from spindel.kit.forms import Id, Name, Names, QuietForm
from spindel.timeline.models import Channel, Source, SourceKind


class SourceForm(forms.Form):
    """A source, new or known."""

    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=SourceKind.choices)
    channel = forms.ChoiceField(
        label=_("Channel"),
        choices=Channel.choices,
        help_text=_("Where the customer stands when it tells of them."),
    )
    country = forms.CharField(
        label=_("Country"),
        max_length=2,
        initial="SE",
        help_text=_("Of phone numbers that are written without one; two letters."),
    )
    rate_limit = forms.IntegerField(
        label=_("Messages a second"),
        required=False,
        min_value=0,
        max_value=1_000_000,
        initial=PUBLIC_RATE,
        help_text=_("At most so many, for each process that collects. Empty: no limit."),
    )
    trusted = forms.BooleanField(
        label=_("Trusted"),
        required=False,
        help_text=_(
            "What it says of a customer wins over what others say. When you change it, all that"
            " it has told counts anew, in the background."
        ),
    )
    strict = forms.BooleanField(
        label=_("Strict"),
        required=False,
        help_text=_("Messages that are off its tracking plan are dropped, not only counted."),
    )

    def clean_country(self) -> str:
        """Two letters that a telephone number can be of."""
        country = str(self.cleaned_data["country"]).upper()
        if country not in SUPPORTED_REGIONS:
            raise ValidationError(_("This is no country's two letters, such as SE or DK."))
        return country

    @classmethod
    def of(cls, source: Source) -> SourceForm:
        """The form as the source is now."""
        return cls(initial={name: getattr(source, name) for name in cls.base_fields})

    def settings(self) -> SourceSettings:
        """What was typed, as the actions take it."""
        typed = self.cleaned_data
        kind, channel = SourceKind(typed["kind"]), Channel(typed["channel"])
        return SourceSettings(**typed | {"kind": kind, "channel": channel})


def free_slug(name: str) -> str:
    """A short name that no source has yet."""
    base = slugify(name)[:40] or "source"
    taken = set(Source.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    if base not in taken:
        return base
    return next(slug for n in range(2, 10_000) if (slug := f"{base}-{n}") not in taken)


class SpanQuery(QuietForm):
    """Over which time is looked."""

    span = Name(max_length=10)


class RejectsQuery(QuietForm):
    """What was turned away: for one reason, and before one."""

    reason = Name(max_length=32)
    before = Id()


class SendAgainForm(QuietForm):
    """What is sent again: one reject, those of a reason, or all."""

    reason = Name(max_length=32)
    reject = Id()


class ConnectQuery(QuietForm):
    """With what it is connected."""

    with_ = Name(max_length=40)


class _Exactly(forms.CharField):
    """A name as messages have it, with whatever stands in it."""

    def __init__(self) -> None:
        super().__init__(max_length=LONGEST_NAME, strip=False, required=False)


class LearnForm(QuietForm):
    """Which events are taken into the plan."""

    event = Names(MOST_EVENTS, LONGEST_NAME)


class EventQuery(QuietForm):
    """The event that is looked at alone."""

    event = _Exactly()


class ChangePlanForm(EventQuery):
    """What is done with the plan, and to which property of which event."""

    property = _Exactly()
    do = Name(max_length=10)


class PlanFile(forms.Form):
    """A tracking plan in a file."""

    file = forms.FileField()

    def clean_file(self) -> Plan:
        """The plan that it holds."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise ValidationError(_("A plan is at most 1 MB."))
        try:
            return parse(file.read())
        except BadPlan as error:
            raise ValidationError(str(error)) from None
