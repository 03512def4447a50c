"""How far an order has come, in words: all states, for whom, and in three languages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.orders import stages
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.stages import Reader, Stage
from spindel.commerce.payments.models import Payment
from spindel.timeline.models import Channel

AWAITING, CONFIRMED, COMPLETED, CANCELLED = Order.State.values
SHIP, PICK_UP, HAND_OVER = "ship", "pick_up", "hand_over"
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Line:
    fulfilment: str = SHIP
    quantity: int = 1
    delivered: int = 0
    cancelled: int = 0
    returned: int = 0
    exchanged: int = 0
    set_aside: bool = False
    line: int = 0
    place_name: str = "Vallgatan"


@dataclass(frozen=True)
class Parcel:
    fulfilment: str = SHIP
    place_name: str = "Vallgatan"
    arrived_at: datetime | None = None
    lines: list[tuple[int, int]] = field(default_factory=lambda: [(0, 1)])


GONE = {"delivered": 1}
# The state, a line, what has left of it; the stage; and what is said to the customer, then to a
# colleague where that is something else: in English, Swedish and Danish.
TABLE = [
    (
        *(AWAITING, Line(), [], Stage.AWAITING_PAYMENT),
        ("Waits for your payment", "Väntar på din betalning", "Venter på din betaling"),
        ("Waits for the payment", "Väntar på betalningen", "Venter på betalingen"),
    ),
    (
        *(CONFIRMED, Line(), [], Stage.CONFIRMED),
        ("Is being packed", "Packas", "Pakkes"),
        ("To be sent", "Ska skickas", "Skal sendes"),
    ),
    (
        *(CONFIRMED, Line(set_aside=True), [], Stage.CONFIRMED),
        ("Packed, and about to leave", "Packat, och på väg ut", "Pakket og på vej ud ad døren"),
        ("Packed, to be sent", "Packat, ska skickas", "Pakket, skal sendes"),
    ),
    (
        *(CONFIRMED, Line(PICK_UP), [], Stage.CONFIRMED),
        (
            "Is put aside for you in Vallgatan",
            "Läggs undan åt dig i Vallgatan",
            "Lægges til side til dig i Vallgatan",
        ),
        (
            "To be set aside in Vallgatan",
            "Ska läggas undan i Vallgatan",
            "Skal lægges til side i Vallgatan",
        ),
    ),
    (
        *(CONFIRMED, Line(PICK_UP, set_aside=True), [], Stage.CONFIRMED),
        (
            "Ready for you in Vallgatan",
            "Ligger klar åt dig i Vallgatan",
            "Ligger klar til dig i Vallgatan",
        ),
        ("Lies ready in Vallgatan", "Ligger klar i Vallgatan", "Ligger klar i Vallgatan"),
    ),
    (
        *(COMPLETED, Line(**GONE), [Parcel()], Stage.ON_ITS_WAY),
        ("On its way to you", "På väg till dig", "På vej til dig"),
        ("On its way", "På väg", "På vej"),
    ),
    (
        *(COMPLETED, Line(**GONE), [Parcel(arrived_at=NOON)], Stage.COMPLETED),
        ("Arrived", "Framme", "Fremme"),
        None,
    ),
    (
        *(COMPLETED, Line(PICK_UP, **GONE), [Parcel(PICK_UP, "Kungsgatan")], Stage.COMPLETED),
        ("Fetched in Kungsgatan", "Hämtad i Kungsgatan", "Hentet i Kungsgatan"),
        None,
    ),
    (
        *(COMPLETED, Line(HAND_OVER, **GONE), [], Stage.COMPLETED),
        ("Bought in Vallgatan", "Köpt i Vallgatan", "Købt i Vallgatan"),
        None,
    ),
    (
        *(COMPLETED, Line(HAND_OVER, **GONE, returned=1), [], Stage.GIVEN_BACK),
        ("Given back", "Återlämnad", "Returneret"),
        None,
    ),
    (
        *(COMPLETED, Line(HAND_OVER, **GONE, returned=1, exchanged=1), [], Stage.GIVEN_BACK),
        ("Exchanged", "Bytt", "Byttet"),
        None,
    ),
    (
        *(CANCELLED, Line(cancelled=1), [], Stage.CANCELLED),
        ("Cancelled", "Avbeställd", "Annulleret"),
        None,
    ),
]


@pytest.mark.parametrize(
    ("state", "line", "parcels", "stage", "to_customer", "to_colleague"), TABLE
)
def test_each_state_is_said_to_either_in_three_languages(
    state: str,
    line: Line,
    parcels: list[Parcel],
    stage: Stage,
    to_customer: tuple[str, ...],
    to_colleague: tuple[str, ...] | None,
) -> None:
    assert stages.of(state, [line], parcels) == stage
    for n, language in enumerate(("en", "sv", "da")):
        with translation.override(language):
            found = [stages.said(state, [line], parcels, one) for one in Reader]
        assert found == [to_customer[n], (to_colleague or to_customer)[n]]


def test_the_table_has_every_step() -> None:
    found = {
        step
        for state, line, parcels, *_ in TABLE
        for step, _place in stages._pieces(state, [line], parcels)
    }
    assert found == set(stages.Step)


def test_pieces_that_have_come_unequally_far_are_said_with_how_many() -> None:
    lines = [
        Line(quantity=3, delivered=1, cancelled=1),
        Line(PICK_UP, quantity=2, set_aside=True, line=1),
    ]
    parcels = [Parcel(lines=[(0, 1)])]
    said = stages.said(CONFIRMED, lines, parcels, Reader.CUSTOMER).replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert said == (
        "2 × ready for you in Vallgatan · 1 × is being packed · 1 × on its way to you"
        " · 1 × cancelled"
    )
    assert stages.tone(CONFIRMED, lines, parcels) == "good"


def test_what_came_back_was_in_her_hands_first() -> None:
    line = Line(quantity=2, delivered=2, returned=1)
    parcels = [Parcel(arrived_at=NOON), Parcel()]
    said = stages.said(COMPLETED, [line], parcels, Reader.CUSTOMER).replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert said == "1 × on its way to you · 1 × given back"


_MANY = st.integers(0, 3)


@st.composite
def _orders(draw: st.DrawFn) -> tuple[str, list[Line], list[Parcel]]:
    """An order as the database can have it."""
    lines, parcels = [], []
    for number in range(draw(st.integers(1, 3))):
        sent, at_once, cancelled, left = draw(_MANY), draw(_MANY), draw(_MANY), draw(_MANY)
        way = draw(st.sampled_from(Fulfilment.values))
        if not sent + at_once + cancelled + left:
            left = 1
        returned = draw(st.integers(0, sent + at_once))
        line = Line(way, sent + at_once + cancelled + left, sent + at_once, cancelled, returned)
        exchanged = draw(st.integers(0, returned))
        lines.append(Line(**(vars(line) | {"line": number, "exchanged": exchanged})))
        if sent:
            arrived = draw(st.sampled_from([None, NOON]))
            parcels.append(Parcel(way, "Kungsgatan", arrived, [(number, sent)]))
    return draw(st.sampled_from(Order.State.values)), lines, parcels


@given(_orders(), st.sampled_from(Reader), st.sampled_from(["en", "sv", "da"]))
def test_whatever_has_become_of_it_each_piece_is_counted_once_and_said(
    order: tuple[str, list[Line], list[Parcel]], reader: Reader, language: str
) -> None:
    pieces = stages._pieces(*order)
    assert pieces.total() == sum(one.quantity for one in order[1])
    assert all(many > 0 for many in pieces.values())
    with translation.override(language):
        said = stages.said(*order, reader)
    assert said
    assert "%(" not in said


@pytest.mark.parametrize("language", ["en", "sv", "da"])
def test_every_payment_and_channel_is_said_in_her_language(language: str) -> None:
    with translation.override("en"):
        english = _money_and_channels()
    with translation.override(language):
        found = _money_and_channels()
    assert all(found)
    if language != "en":
        assert not [one for one, other in zip(found, english, strict=True) if one == other]


def _money_and_channels() -> list[str]:
    money = [
        stages.said_of_payment(provider, state, 0, 0, reader)
        for provider in ("till", "store", "invoice", "card")
        for state in Payment.State.values
        for reader in Reader
    ]
    return [
        *money,
        *(stages.said_of_channel(one, "") for one in Channel.values),
        stages.said_of_channel("store", "Vallgatan"),
    ]


def test_money_that_went_back_is_said() -> None:
    said = [
        stages.said_of_payment("card", "captured", 100, back, Reader.CUSTOMER)
        for back in (0, 40, 100)
    ]
    assert said == ["Paid", "Partly paid back", "Paid back"]
