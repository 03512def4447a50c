"""What Nordsko shows its customers: about its letter, rainy days, and a second pair."""

from __future__ import annotations

from spindel.decide import actions
from spindel.decide.contents import OnScreen, Part, Picture, Placement, Says, Screen, Words
from spindel.decide.models import Content
from spindel.demo.nordsko.scenes import SHAPES

_BY = "mikkel@nordsko.example"
_PAGES = frozenset({Placement.START, Placement.APP, Placement.TILL, Placement.AGENT})


def _screens(scene: str) -> dict[Screen, OnScreen]:
    """The wide picture where there is room for it; a till's display has nowhere to go."""
    wide, square = (
        Picture(f"/shop/img/{scene}-{shape}.svg", *size) for shape, size in SHAPES.items()
    )
    return {
        Screen.LAPTOP: OnScreen(wide),
        Screen.TABLET: OnScreen(wide),
        Screen.PHONE: OnScreen(square, frozenset({Part.TEXT})),
        Screen.TILL: OnScreen(square, frozenset({Part.LINK})),
    }


_CONTENTS = {
    "rain": Says(
        placements=_PAGES | {Placement.PRODUCT},
        words={
            "sv": Words(
                "Regniga dagar",
                "15 % på regnstövlar, i alla butiker och på webben.",
                "/shop/products?category=Rain+boots",
                "Gula regnstövlar i regn",
            ),
            "da": Words(
                "Regnvejrsdage",
                "15 % på gummistøvler, i alle butikker og på nettet.",
                "/shop/products?category=Rain+boots",
                "Gule gummistøvler i regn",
            ),
            "en": Words(
                "Rainy days",
                "15% off rain boots, in every store and on the web.",
                "/shop/products?category=Rain+boots",
                "Yellow rain boots in the rain",
            ),
        },
        screens=_screens("rain"),
        offer="rainy-days",
    ),
    "pair": Says(
        placements=_PAGES,
        words={
            "sv": Words(
                "Andra paret för halva priset",
                "Skriv PAR2 i varukorgen.",
                "/shop/products",
                "Två par sneakers",
            ),
            "da": Words(
                "Andet par til halv pris",
                "Skriv PAR2 i kurven.",
                "/shop/products",
                "To par sneakers",
            ),
            "en": Words(
                "The second pair at half price",
                "Enter PAR2 in the cart.",
                "/shop/products",
                "Two pairs of sneakers",
            ),
        },
        screens=_screens("pair"),
        offer="second-half",
        priority=110,
    ),
    "letter": Says(
        placements=frozenset({Placement.MAIL, Placement.START, Placement.AGENT}),
        words={
            "sv": Words(
                "10 % för dig med nyhetsbrev",
                "Skriv NEWS10 i varukorgen, en gång.",
                "/shop/products",
                "En vit sneaker",
            ),
            "da": Words(
                "10 % til dig med nyhedsbrev",
                "Skriv NEWS10 i kurven, én gang.",
                "/shop/products",
                "En hvid sneaker",
            ),
            "en": Words(
                "10% for newsletter readers",
                "Enter NEWS10 in the cart, once.",
                "/shop/products",
                "A white sneaker",
            ),
        },
        screens=_screens("letter"),
        offer="newsletter",
        priority=120,
    ),
}


def make_contents() -> None:
    """Show it; its offers are given already."""
    for key, says in _CONTENTS.items():
        actions.keep(key, says, by=_BY, why="The demo begins.")
        actions.set_state(key, Content.State.LIVE, _BY)
