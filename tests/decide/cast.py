"""Contents and whoever sees them, at a few words each, and any of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from spindel.decide import actions
from spindel.decide.contents import Placement, Says, Words
from spindel.decide.models import Content
from spindel.decide.ranking import Contents, Her, Interest, LiveContent, Place
from spindel.offers.basket import BasketLine, Offer
from spindel.offers.eligible import Offers
from spindel.offers.terms import Goods, PercentOff, Terms
from tests.shopping import AtShop

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)  # a Tuesday

# --- in a database --------------------------------------------------------------------------------


def says(title: str, **more: object) -> Says:
    """What is said in Swedish, on the page that the shop begins with."""
    told = {"placements": frozenset({Placement.START}), "words": {"sv": Words(title)}} | more
    return Says(**told)


def give(key: str, **more: object) -> None:
    """Have a content be shown."""
    actions.keep(key, says(f"{key} på svenska", **more), by="astrid")
    actions.set_state(key, Content.State.LIVE, "astrid")


def sees(device: AtShop, placement: str = "start", **more: str) -> list[str]:
    """The contents that whoever has the device sees, the first first."""
    asked = "".join(f"&{name}={value}" for name, value in more.items())
    answer = device.ask("GET", f"decide?placement={placement}{asked}")
    assert answer.status_code == 200, answer.content
    return [one["key"] for one in answer.json()["items"]]


def do(device: AtShop, did: str, content: str, placement: str = "start") -> int:
    """Have whoever has the device do something with a content; the status of the answer."""
    body = {"content": content, "placement": placement, "did": did}
    return int(device.ask("POST", "decide", body).status_code)


# --- pure -----------------------------------------------------------------------------------------


def place(placement: Placement = Placement.START, **more: object) -> Place:
    """A Swedish page on a Tuesday at noon."""
    told = {"market": "SE", "currency": "SEK", "at": NOON} | more
    return Place(placement=placement, **told)


def goods(number: int, brand: str = "", *categories: str) -> BasketLine:
    """A product."""
    return BasketLine(number, 1, 0, None, product=f"p{number}", brand=brand, categories=categories)


def live(key: str, days: int = 0, **more: object) -> LiveContent:
    """A content that was first shown so many days ago."""
    return LiveContent(key, 1, says(key, **more), NOON - timedelta(days=days))


def offer(id: int, **terms: object) -> Offer:
    """An offer of a tenth."""
    return Offer(id, 1, Terms(names={"sv": f"Erbjudande {id}"}, benefit=PercentOff(1_000), **terms))


def contents(several: Iterable[LiveContent], *offers: Offer) -> Contents:
    """What is live; of each offer the key is `offer-` with its id."""
    return Contents(several, Offers(offers), {f"offer-{one.id}": one.id for one in offers})


# --- any ------------------------------------------------------------------------------------------

_CATEGORIES = ("shoes", "jeans", "bags")
_BRANDS = ("Vinga", "Hjelm")
_MARKETS = st.frozensets(st.sampled_from(["SE", "DK"]), max_size=1)

any_goods = st.one_of(
    st.just(Goods()),
    st.builds(
        Goods,
        products=st.frozensets(st.sampled_from(["p1", "p2", "p3"]), max_size=2),
        categories=st.frozensets(st.sampled_from(_CATEGORIES), max_size=1),
        brands=st.frozensets(st.sampled_from(_BRANDS), max_size=1),
        without_products=st.frozensets(st.sampled_from(["p1", "p2"]), max_size=1),
    ),
)


@st.composite
def any_contents(draw: st.DrawFn) -> list[LiveContent]:
    """A few contents, of any placements, goods, offers, markets and times."""
    several = draw(st.integers(0, 8))
    return [
        live(
            f"c{number}",
            draw(st.integers(0, 2)),
            placements=draw(st.frozensets(st.sampled_from(Placement), min_size=1)),
            goods=draw(any_goods),
            offer=draw(st.sampled_from(["", "", "offer-1", "offer-2", "offer-3"])),
            markets=draw(_MARKETS),
            since=draw(st.sampled_from([None, NOON - timedelta(1), NOON + timedelta(1)])),
            priority=draw(st.integers(0, 1)),
            audience=draw(st.sampled_from([frozenset(), frozenset({"club"})])),
        )
        for number in range(several)
    ]


@st.composite
def any_interest(draw: st.DrawFn) -> Interest:
    """A product that she has looked at or bought."""
    line = goods(
        draw(st.integers(1, 4)),
        draw(st.sampled_from(_BRANDS)),
        *draw(st.lists(st.sampled_from(_CATEGORIES), max_size=2)),
    )
    looked, here = draw(st.booleans()), draw(st.booleans())
    bought = not looked or draw(st.booleans())
    return Interest(line, looked, bought, here, here and draw(st.booleans()))


any_her = st.builds(
    Her,
    interests=st.lists(any_interest(), max_size=4),
    store=st.just("Göteborg"),
    dismissed=st.frozensets(st.sampled_from(["c0", "c1"])),
)
