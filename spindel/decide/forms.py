"""What is typed and tapped of content."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any  # Any: Django's own type of what a form holds

import msgspec
from django import forms
from django.forms import BoundField
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from spindel.decide.contents import Says, Screen, of
from spindel.decide.models import Content
from spindel.decide.wording import PARTS, PLACEMENTS, SCREENS
from spindel.kit import texts
from spindel.kit.forms import Line, Lines, QuietForm

LANGUAGES = ("sv", "da", "en")
_MOMENT = "%Y-%m-%dT%H:%M"


class ContentsQuery(QuietForm):
    """Which contents are listed: those in a state, from after a key on."""

    state = forms.ChoiceField(choices=Content.State.choices, required=False)
    after = forms.SlugField(max_length=80, required=False)


class ContentStateForm(forms.Form):
    """Whether a content is to be shown."""

    state = forms.ChoiceField(choices=[one for one in Content.State.choices if one[0] != "draft"])


class _Listed(forms.Field):
    """Several things, one a line."""

    def __init__(self) -> None:
        super().__init__(required=False)

    def to_python(self, value: object) -> list[str]:
        """Them, as a list."""
        lines = re.split(r"[\n]", texts.lines(str(value or ""), 20_000))
        return [line.strip() for line in lines if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        """As they stand in the box."""
        return value if isinstance(value, str) else "\n".join(sorted(value or ()))


class ContentForm(forms.Form):
    """All that a content says. What the boxes have no place for stays as it is in `now`."""

    placements = forms.MultipleChoiceField(
        choices=list(PLACEMENTS.items()),
        error_messages={"required": _("Say where it is to be seen.")},
    )
    offer = Line(max_length=80, required=False)
    products, categories, brands, audience, markets = (_Listed() for _each in range(5))
    since, until = (
        forms.DateTimeField(input_formats=[_MOMENT], required=False) for _each in range(2)
    )
    priority = forms.IntegerField(min_value=0, max_value=1_000, initial=100, required=False)
    why = Line(max_length=300, required=False)

    def __init__(self, data: Any, now: Says | None, key: str = "") -> None:
        super().__init__(data, initial=_initial(now) if now else None)
        self.now = now
        if not key:
            self.fields["key"] = forms.RegexField(
                "^[a-z0-9][a-z0-9-]{0,79}$",
                error_messages={"invalid": _("Small letters, digits and hyphens.")},
            )
        for language in LANGUAGES:
            self.fields[f"title.{language}"] = Line(max_length=120, required=False)
            self.fields[f"text.{language}"] = Lines(max_length=500, required=False)
            self.fields[f"link.{language}"] = Line(max_length=500, required=False)
            self.fields[f"alt.{language}"] = Line(max_length=300, required=False)
        for screen in Screen:
            self.fields[f"url.{screen}"] = Line(max_length=500, required=False)
            for side in ("width", "height"):
                self.fields[f"{side}.{screen}"] = forms.IntegerField(
                    min_value=1, max_value=10_000, required=False
                )
            self.fields[f"without.{screen}"] = forms.MultipleChoiceField(
                choices=list(PARTS.items()), required=False
            )

    # --- for the page -----------------------------------------------------------------------------

    @property
    def words(self) -> Iterator[tuple[str, list[BoundField]]]:
        """The boxes of each language: title, text, link, alt."""
        for one in LANGUAGES:
            yield one, [self[f"{name}.{one}"] for name in ("title", "text", "link", "alt")]

    @property
    def screens(self) -> Iterator[tuple[str, object, list[BoundField]]]:
        """The boxes of each screen: the picture's address, width and height, what is left out."""
        for one in Screen:
            boxes = [self[f"{name}.{one}"] for name in ("url", "width", "height", "without")]
            yield one, SCREENS[one], boxes

    @property
    def parts(self) -> Iterable[tuple[str, object]]:
        """What a screen may leave out."""
        return PARTS.items()

    # --- as it is kept ----------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        """Says what is wrong of all together, at the boxes where it is."""
        typed: dict[str, Any] = self.cleaned_data
        if not any(typed.get(f"title.{one}") for one in LANGUAGES):
            self.add_error("title.sv", _("Give it a title, in one language at least."))
        for screen in Screen:
            sides = (typed.get(f"width.{screen}"), typed.get(f"height.{screen}"))
            if typed.get(f"url.{screen}") and not all(sides):
                self.add_error(f"url.{screen}", _("Say how wide and high the picture is."))
        if not self.errors:
            try:
                typed["says"] = of(self._told(typed))
            except msgspec.ValidationError as error:
                self.add_error(None, _("This is not right: %(what)s") % {"what": error})
        return typed

    def _told(self, typed: dict[str, Any]) -> dict[str, object]:
        kept = msgspec.to_builtins(self.now) if self.now else {}
        words = {one: said for one, said in kept.get("words", {}).items() if one not in LANGUAGES}
        for one in LANGUAGES:
            if title := typed[f"title.{one}"]:
                more = {name: typed[f"{name}.{one}"] for name in ("text", "link", "alt")}
                words[one] = {"title": title} | _said(more)
        goods = {name: typed[name] for name in ("products", "categories", "brands")}
        told = {name: typed[name] for name in ("placements", "audience", "offer", "since", "until")}
        told |= {
            "words": words,
            "screens": _said({one: _screen(typed, one) for one in Screen}),
            "markets": [one.upper() for one in typed["markets"]],
            "goods": _said(kept.get("goods", {}) | goods),
        }
        priority = typed["priority"]
        return _said(told) | ({} if priority is None else {"priority": priority})


def _said(told: dict[Any, Any]) -> dict[Any, Any]:
    """What is said of it, without what says nothing."""
    return {name: value for name, value in told.items() if value}


def _screen(typed: dict[str, Any], screen: Screen) -> dict[str, object]:
    url, without = typed[f"url.{screen}"], typed[f"without.{screen}"]
    sides = {side: typed[f"{side}.{screen}"] for side in ("width", "height")}
    picture = {"picture": {"url": url, **sides}} if url else {}
    return picture | ({"without": without} if without else {})


def _initial(now: Says) -> dict[str, object]:
    found: dict[str, object] = {
        "placements": sorted(now.placements),
        "offer": now.offer,
        "products": now.goods.products,
        "categories": now.goods.categories,
        "brands": now.goods.brands,
        "audience": now.audience,
        "markets": now.markets,
        "since": _moment(now.since),
        "until": _moment(now.until),
        "priority": now.priority,
    }
    for language, words in now.words.items():
        for name in ("title", "text", "link", "alt"):
            found[f"{name}.{language}"] = getattr(words, name) or ""
    for screen, shown in now.screens.items():
        found[f"without.{screen}"] = sorted(shown.without)
        for name in ("url", "width", "height") if shown.picture else ():
            found[f"{name}.{screen}"] = getattr(shown.picture, name)
    return found


def _moment(at: Any) -> str:
    return localtime(at).strftime(_MOMENT) if at else ""
