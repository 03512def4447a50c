"""Nordsko's pictures: every model in every colour, drawn when it is asked for."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import partial
from html import escape

from spindel.demo.nordsko import drawing
from spindel.demo.nordsko.catalogue import PRODUCT
from spindel.demo.nordsko.drawing import (
    INK,
    Paint,
    boot,
    hiking_boot,
    kids_shoe,
    lightness,
    loafer,
    mix,
    pump,
    rain_boot,
    runner,
    sandal,
    slipper,
    sneaker,
)

_PAPER, _DISC, _SHADOW, _STONE = "#fbfaf7", "#f1ede5", "#ddd6c9", "#8d8371"
_COLOURS = {
    "black": "#3a3d42",
    "white": "#fdfcf9",
    "navy": "#2d4263",
    "cognac": "#ad6a3b",
    "brown": "#6b4a37",
    "sand": "#d3bd99",
    "olive": "#6d7150",
    "grey": "#959a9d",
    "red": "#b0443c",
    "cream": "#f0e5cf",
    "yellow": "#e2b33f",
    "teal": "#35807d",
}
# What a light shoe is decorated with, so that it isn't white on white.
_ACCENTS = ("#2d4263", "#35807d", "#6d7150", "#ad6a3b", "#8fa3b5")


def picture(slug: str, colour: str) -> str:
    """The model in the colour, as SVG. Raises KeyError for what is not made."""
    product = PRODUCT[slug]
    if colour not in product.colours:
        raise KeyError(colour)
    title = escape(f"{product.name}, {product.category.lower()}, {colour}")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300" role="img" lang="en"'
        f' fill="none" stroke-linecap="round" stroke-linejoin="round"><title>{title}</title>'
        f'<path fill="{_PAPER}" d="M0 0h400v300H0z"/>'
        f'<circle cx="200" cy="148" r="126" fill="{_DISC}"/>'
        f"{shoe(slug, colour)}</svg>"
    )


def shoe(slug: str, colour: str) -> str:
    """The model in the colour with its shadow alone, within 400 by 300."""
    shadow = f'<ellipse cx="204" cy="241" rx="162" ry="7" fill="{_SHADOW}"/>'
    return shadow + _DESIGNS[slug](_paint(slug, colour))


def _paint(slug: str, colour: str) -> Paint:
    base = _COLOURS[colour]
    light, dark = lightness(base) > 0.85, lightness(base) < 0.3
    bright = mix(base, "#ffffff", 0.62)
    return Paint(
        base=base,
        deep=mix(base, _STONE if light else INK, 0.36 if light else 0.3),
        pale=mix(base, _STONE, 0.1) if light else mix(base, "#ffffff", 0.18),
        seam=mix(base, "#ffffff", 0.3) if dark else mix(base, _STONE if light else INK, 0.42),
        trim=mix(base, _STONE, 0.36) if light else bright,
        mark=_ACCENTS[zlib.crc32(slug.encode()) % len(_ACCENTS)] if light else bright,
        cut=f"{slug}-{colour}",
    )


def _small_boot(paint: Paint) -> str:
    return drawing.small(boot(paint, kind="laced", top=96, sole="gum"))


def _small_winter_boot(paint: Paint) -> str:
    return drawing.small(boot(paint, kind="winter", top=90, heel=28, sole="cream"))


def _small_rain_boot(paint: Paint) -> str:
    return drawing.small(rain_boot(paint, top=84, stripe=True))


_DESIGNS: dict[str, Callable[[Paint], str]] = {
    "vinga": partial(sneaker, mark="wave", thick=22),
    "marstrand": partial(sneaker, mark="band", sole="gum", thick=18),
    "oresund": partial(sneaker, mark="arc", thick=26, toe_cap=True),
    "haga": partial(sneaker, thick=20),
    "majorna": partial(sneaker, mark="bars", high=True, toe_cap=True),
    "norrebro": partial(sneaker, mark="slash", sole="dark", thick=24),
    "slussen": partial(sneaker, mark="band", thick=32, tab=False),
    "vesterbro": partial(sneaker, mark="peaks", sole="gum", thick=22, toe_cap=True),
    "hono": partial(sneaker, sole="gum", thick=16, toe_cap=True, tab=False),
    "styrso": partial(sneaker, mark="wave", sole="cream", thick=18, toe_cap=True),
    "amager": partial(sneaker, mark="arc", sole="dark", thick=20, high=True),
    "linne": partial(sneaker, mark="slash", thick=28, tab=False),
    "kiruna": partial(boot, kind="winter", top=82, heel=28),
    "are": partial(boot, kind="winter", top=104, heel=24, sole="gum"),
    "skagen": partial(boot, kind="chelsea", top=92, heel=22),
    "dalarna": partial(boot, kind="zip", top=86, heel=40, sole="leather"),
    "lofoten": partial(boot, kind="laced", top=66, heel=30, toe_cap=True),
    "tromso": partial(boot, kind="winter", top=58, heel=26, sole="cream"),
    "visby": partial(boot, kind="chelsea", top=94, heel=46, sole="leather"),
    "romo": partial(boot, kind="chelsea", top=84, heel=24, sole="gum"),
    "nordkap": partial(boot, kind="laced", top=80, heel=26, sole="gum", toe_cap=True),
    "brahe": partial(boot, kind="zip", top=50, heel=48),
    "bornholm": partial(sandal, straps="two"),
    "tylosand": partial(sandal, straps="tee", sole="leather", thick=16),
    "falsterbo": partial(sandal, straps="sling", thick=30),
    "mon": partial(sandal, straps="two", sole="dark", thick=28),
    "smogen": partial(sandal, straps="cross", thick=22),
    "ven": partial(sandal, straps="slide", sole="dark", thick=20),
    "karingon": partial(sandal, straps="ankle", sole="leather", thick=18),
    "gilleleje": partial(sandal, straps="slide", thick=28),
    "lund": partial(loafer, detail="penny"),
    "uppsala": partial(loafer, detail="tassel", thick=14),
    "aarhus": partial(loafer, detail="fringe", sole="dark", thick=20),
    "djurgarden": partial(loafer, detail="bar"),
    "roskilde": partial(loafer, detail="plain", sole="gum", thick=18),
    "skeppsbron": partial(loafer, detail="cut", sole="dark", thick=18),
    "nyhavn": partial(pump, heel=56),
    "strandvagen": partial(pump, heel=72, block=False, detail="seam"),
    "avenyn": partial(pump, heel=40, detail="bow"),
    "stroget": partial(pump, heel=62, detail="strap"),
    "sarek": partial(hiking_boot, top=88, band="sweep"),
    "kebnekaise": partial(hiking_boot, top=74, band="bars"),
    "padjelanta": partial(hiking_boot, top=100, band="belt", sole="cream"),
    "rondane": partial(hiking_boot, top=92, band="bars", rand=False),
    "abisko": partial(hiking_boot, top=106, band="sweep", rand=False, sole="gum"),
    "kullaberg": partial(hiking_boot, top=112, rand=False),
    "slottsskogen": partial(runner, mark="wing"),
    "tiveden": partial(runner, mark="ridge", thick=34),
    "dyrehaven": partial(runner, mark="comet", thick=28),
    "anggarden": partial(runner, mark="rays", foam="cream", thick=26),
    "bohuslan": partial(rain_boot, top=56),
    "ystad": partial(rain_boot, top=72, strap=True),
    "esbjerg": partial(rain_boot, top=44, sole="gum"),
    "fano": partial(rain_boot, top=112, stripe=True, sole="cream"),
    "sovmorgon": partial(slipper, closed=False),
    "kakelugn": partial(slipper, closed=True),
    "igelkott": partial(kids_shoe, straps=2, patch="spikes"),
    "blabar": partial(kids_shoe, patch="dots"),
    "kastanj": _small_boot,
    "grodan": _small_rain_boot,
    "pytt": partial(kids_shoe, patch="star", high=True, sole="gum"),
    "snolykta": _small_winter_boot,
}
