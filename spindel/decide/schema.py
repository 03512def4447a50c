"""What a decision looks like to machines, whoever asks."""

from __future__ import annotations

from typing import Annotated

from ninja import Schema
from pydantic import Field

from spindel.decide import showing
from spindel.decide.contents import Placement, Screen
from spindel.decide.ranking import Choice, NotShown
from spindel.decide.reading import Decision
from spindel.kit.schema import Language, Market, ViewSchema

Product = Annotated[str, Field(max_length=64, pattern=r"^[^\x00]*$")]
_MOST = 3  # that a placement shows, unless more are asked for


class SeesIn(Schema):
    """What is asked: the placement, the screen, and the number of the product that the page is
    about. The screen chooses the picture and what is left out, and never what is shown.
    """

    placement: Placement = Placement.START
    screen: Screen = Screen.LAPTOP
    product: Product = ""
    limit: Annotated[int, Field(ge=1, le=50)] = _MOST


class DecisionIn(SeesIn):
    """The same of a customer, who is named by her id or by `kind:value`."""

    customer: Annotated[str, Field(max_length=1000, pattern=r"^(\d{1,18}|[a-z_]+:[^\x00]+)?$")] = ""
    market: Market = "SE"
    language: Language = "sv"


class PictureOut(Schema):
    """Where a picture lies, and its size in pixels."""

    url: str
    width: int
    height: int


class WhyOut(Schema):
    """Why something is shown, and what that is about: the offer's key, a product's number, a
    store.
    """

    because: str
    about: str


class ShownOut(ViewSchema, view=showing.Shown):
    """A content as it is seen in the language, on the screen. `without` says what is left out
    there.
    """

    picture: PictureOut | None


class ShownWhyOut(ShownOut):
    """The same, and why it stands where it does; no reason: it is for everybody."""

    why: list[WhyOut]


class NotShownOut(Schema):
    """A content that is not shown, and why; of its offer the offer's own reason."""

    key: str
    reason: str
    offer_reason: str | None


class SeesOut(Schema):
    """What she sees in a placement, the first first. Where that is nothing, `nothing` says why:
    there is no content for it (`no_content`), or none for her (`none_for_her`).
    """

    placement: Placement
    items: list[ShownOut]
    nothing: str | None


class DecisionOut(Schema):
    """The same, with reasons; `left_out` is what she doesn't see there."""

    placement: Placement
    items: list[ShownWhyOut]
    nothing: str | None
    left_out: list[NotShownOut]


def sees(asked: SeesIn, decision: Decision, language: str) -> SeesOut:
    """What is told to whoever is shown it."""
    chosen = decision.ranked.shown[: asked.limit]
    items = [ShownOut.from_orm(showing.shown(one, language, asked.screen)) for one in chosen]
    return SeesOut(placement=asked.placement, items=items, nothing=decision.nothing or None)


def decided(asked: DecisionIn, decision: Decision) -> DecisionOut:
    """What is told to whoever may know why."""
    return DecisionOut(
        placement=asked.placement,
        items=[_with_why(one, asked) for one in decision.ranked.shown[: asked.limit]],
        nothing=decision.nothing or None,
        left_out=[_not_shown(one) for one in decision.ranked.not_shown[:_MOST_LEFT_OUT]],
    )


_MOST_LEFT_OUT = 50


def _with_why(one: Choice, asked: DecisionIn) -> ShownWhyOut:
    shown = ShownOut.from_orm(showing.shown(one, asked.language, asked.screen)).dict()
    why = [{"because": each.because, "about": each.about} for each in one.why]
    return ShownWhyOut.model_validate({**shown, "why": why})


def _not_shown(one: NotShown) -> NotShownOut:
    return NotShownOut(key=one.content.key, reason=one.reason, offer_reason=one.of_offer)
