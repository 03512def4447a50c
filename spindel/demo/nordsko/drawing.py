"""Silhouettes of shoes: flat side views in SVG, made of a few shapes each.

The toe points right and the ground is at 240 of 300. What lies on an upper (caps, stripes, seams)
is cut off at its edge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

INK, METAL, WOOL = "#1b1f24", "#b9b3a6", "#efe6d5"
SOLES = {
    "white": "#f7f4ee",
    "cream": "#e6dac2",
    "gum": "#c49a69",
    "cork": "#cfad7f",
    "dark": "#26282b",
    "leather": "#8b6243",
}
_GROUND = 240

Point = tuple[float, float]


@dataclass(frozen=True)
class Paint:
    """The colours of one drawing, and the name that its upper is cut by."""

    base: str
    deep: str  # what lies in the shade
    pale: str  # what catches light
    seam: str  # fine lines, to be seen on the base
    trim: str  # laces
    mark: str  # stripes and tabs
    cut: str


def mix(one: str, other: str, share: float) -> str:
    """The one colour with a share of the other in it."""
    pairs = zip(_parts(one), _parts(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def lightness(colour: str) -> float:
    """From 0, black, to 1, white."""
    return sum(_parts(colour)) / 765


def _parts(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


# --- pieces ---------------------------------------------------------------------------------------


def area(path: str, colour: str) -> str:
    """A filled shape."""
    return f'<path fill="{colour}" d="{path}"/>'


def line(path: str, colour: str, width: float = 2.5, dashes: str = "") -> str:
    """A line with round ends."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<path stroke="{colour}" stroke-width="{width:g}"{dashed} d="{path}"/>'


def _dot(x: float, y: float, radius: float, colour: str) -> str:
    return f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{colour}"/>'


def _buckle(x: float, y: float) -> str:
    return (
        f'<rect x="{x:g}" y="{y:g}" width="16" height="14" rx="3" stroke="{METAL}"'
        ' stroke-width="3.5"/>'
    )


def _upper(paint: Paint, path: str, *on_it: str) -> str:
    """The upper with what lies on it, and a fine edge so that white shows on paper."""
    return (
        f'<clipPath id="{paint.cut}"><path d="{path}"/></clipPath>{area(path, paint.base)}'
        f'<g clip-path="url(#{paint.cut})">{"".join(on_it)}</g>{line(path, paint.deep, 1.5)}'
    )


def _laces(paint: Paint, eyes: Iterable[Point], reach: float = 17) -> str:
    """Laces over the instep, each with the eye that it comes out of."""
    points = list(eyes)
    bars = "".join(f"M{x:g} {y:g}l{reach:g} {-reach * 0.75:g}" for x, y in points)
    holes = "".join(_dot(x, y, 2.6, paint.seam) for x, y in points)
    return line(bars, paint.trim, 5) + holes


def _along(start: Point, end: Point, count: int) -> Iterator[Point]:
    """So many points on a straight line, the ends among them."""
    (x, y), (x2, y2) = start, end
    for number in range(count):
        share = number / (count - 1)
        yield round(x + (x2 - x) * share, 1), round(y + (y2 - y) * share, 1)


def _sole(kind: str, thick: int, heel: bool = False, edge: str = "") -> str:
    """A sole of one thickness; with a heel it leaves the ground in the middle."""
    top, colour = _GROUND - thick, SOLES[kind]
    shade = mix(colour, INK, 0.24)
    arch = f"L216 240L208 {_GROUND - 7}H150L144 240" if heel else ""
    body = (
        f"M57 {top}Q57 {top - 6} 66 {top - 5}Q200 {top + 6} 338 {top - 7}Q355 {top - 9} 355 {top}"
        f"Q352 236 324 240{arch}H71Q61 240 59 230Z"
    )
    below = (
        "M146 235H62Q64 240 71 240H144ZM212 235H334Q329 240 322 240H216Z"
        if heel
        else ("M62 235Q64 240 71 240H324Q334 239 342 233Q334 235 322 235Z")
    )
    return area(body, colour) + area(below, edge or shade) + line(body, shade, 1)


# --- sneakers, running ----------------------------------------------------------------------------

_MARKS = {
    "wave": "M108 214C138 166 160 168 182 192S222 216 262 196",
    "bars": "M150 164l-16 60M170 172l-16 60",
    "peaks": "M110 214l34-40 22 26 18-20 34 34",
    "band": "M60 196C140 206 206 206 266 190",
    "arc": "M100 232C110 172 182 164 214 232",
    "slash": "M178 164l-46 66",
}


def sneaker(
    paint: Paint,
    mark: str = "",
    sole: str = "white",
    thick: int = 20,
    toe_cap: bool = False,
    high: bool = False,
    tab: bool = True,
) -> str:
    """A sneaker, low or up to the ankle, with laces."""
    low, up = _GROUND - thick + 6, 34 if high else 0
    upper = (
        f"M66 {low}C55 204 55 172 {62 - up / 6:g} {142 - up}Q64 {130 - up} 77 {131 - up}"
        f"C90 {146 - up} 104 {156 - up} 122 {154 - up}C138 {152 - up} 148 {142 - up}"
        f" 157 {128 - up}C176 152 212 172 254 178C296 181 334 176 346 200Q350 210 347 {low}Z"
    )
    tongue = (
        f"M140 150L{157 - up / 8:g} {113 - up}Q{164 - up / 8:g} {106 - up} 174 {112 - up}L214 172Z"
    )
    toe = f"M288 160C276 184 282 212 294 {low}"
    return (
        area(tongue, paint.pale)
        + line(tongue, paint.deep, 1.5)
        + _upper(
            paint,
            upper,
            line(f"M142 {134 - up}C166 164 206 184 262 190", paint.pale, 26),
            area(f"{toe}H360V160Z", paint.pale) + line(toe, paint.seam, 2) if toe_cap else "",
            area(f"M50 {150 - up}H78C94 176 100 206 98 236H50Z", paint.deep),
            area(f"M50 {120 - up}H86L82 {164 - up}Q70 {170 - up} 50 {166 - up}Z", paint.mark)
            if tab
            else "",
            line(_MARKS[mark], paint.mark, 9) if mark else "",
            line(
                f"M66 {low - 10}C160 {low - 3} 260 {low - 3} 350 {low - 15}", paint.seam, 2, "1 5"
            ),
        )
        + _laces(paint, _along((151 - up / 6, 143 - up * 0.7), (228, 181), 7 if high else 5))
        + _sole(sole, thick)
    )


_SWOOPS = {
    "wing": "M84 218C120 160 168 180 196 218M112 218C140 178 176 190 226 218",
    "rays": "M164 160l-34 60M182 168l-26 56M200 176l-18 46",
    "ridge": "M60 182C116 194 150 186 190 204S280 208 350 202",
    "comet": "M104 204C150 172 210 204 290 196",
}


def runner(paint: Paint, mark: str, foam: str = "white", thick: int = 30) -> str:
    """A running shoe on thick foam."""
    low, colour = _GROUND - thick + 8, SOLES[foam]
    upper = (
        f"M70 {low}C54 196 52 160 50 134Q54 122 66 130C84 152 104 162 124 158C140 154 150 142"
        f" 160 130C186 158 220 174 262 178C308 182 344 186 354 {low - 10}L356 {low}Z"
    )
    body = (
        f"M44 {low - 14}Q46 {low - 20} 56 {low - 14}C110 {low + 2} 180 {low - 2} 240 {low - 2}"
        f"S336 {low - 8} 354 {low - 14}Q368 {low - 12} 362 {low - 2}Q350 230 316 240H82"
        f"Q52 238 44 {low - 14}Z"
    )
    toe = f"M314 168C300 186 300 206 308 {low}H370V168Z"
    holes = "".join(line(f"M222 {y}h62", paint.seam, 2.4, "0.1 7") for y in (190, 197))
    return (
        area("M142 152L158 118Q164 108 176 114L212 170Z", paint.pale)
        + _upper(
            paint,
            upper,
            line("M140 136C168 166 206 184 262 186", paint.pale, 24),
            area("M40 120H66C92 150 92 190 108 240H40Z", paint.deep),
            area(toe, paint.deep),
            holes,
            line(_SWOOPS[mark], paint.mark, 6),
        )
        + _laces(paint, _along((156, 146), (232, 181), 5), 15)
        + area(body, colour)
        + line(f"M58 {low + 2}C130 {low + 15} 200 {low + 4} 344 {low}", paint.base, 3)
        + line(body, mix(colour, INK, 0.24), 1)
        + line("M88 238H310M320 236q14-4 26-14", SOLES["dark"], 5)
    )


# --- boots ----------------------------------------------------------------------------------------


def boot(
    paint: Paint,
    kind: str,
    top: int = 84,
    heel: int = 24,
    sole: str = "dark",
    toe_cap: bool = False,
) -> str:
    """A boot that begins at `top`: chelsea, laced, zip or winter. A heel above 32 is a high one."""
    high = heel > 32
    low = _GROUND - heel + 4
    tip = 224 if high else low
    under = f"H236C190 {tip} 172 {low} 132 {low}Z" if high else "Z"
    upper = (
        f"M66 {low}C64 176 84 {top + 60} 80 {top}H178C178 {top + 40} 180 142 206 158"
        f"C232 172 268 172 300 178C336 184 350 200 350 {tip}{under}"
    )
    stay = f"M170 {top - 14}C166 130 176 158 214 176L252 184"
    on_it = {
        "chelsea": _elastic(paint, top),
        "laced": line(stay, paint.pale, 32),
        "zip": line(f"M122 {top - 4}C124 130 130 170 122 {low}", paint.seam, 5)
        + line(f"M122 {top - 4}C124 130 130 170 122 {low}", METAL, 1.6, "3 3"),
        "winter": line(stay, paint.pale, 32)
        + area("M40 198C120 206 220 196 380 200V250H40Z", paint.deep),
    }[kind]
    toe = "M298 150C280 184 286 212 296 250"
    cap = area(f"{toe}H380V150Z", paint.deep) + line(toe, paint.seam, 2) if toe_cap else ""
    eyes = [*_along((158, top + 18), (164, 134), 3), (172, 150), (188, 163), (211, 173)]
    loop = f"M84 {top + 6}C74 {top - 4} 76 {top - 17} 86 {top - 17}S95 {top - 6} 92 {top + 6}"
    body = _upper(paint, upper, line("M80 176C120 166 156 170 196 148", paint.seam, 2), on_it, cap)
    return (
        (line(loop, paint.deep, 5) if kind in ("chelsea", "laced") else "")
        + (_high_heel(sole, low) if high else "")
        + body
        + (_laces(paint, eyes, 20) if kind in ("laced", "winter") else "")
        + (_fur(top) if kind == "winter" else line(f"M82 {top + 1}H177", paint.deep, 3.5))
        + ("" if high else _sole(sole, heel, heel=True))
    )


def _elastic(paint: Paint, top: int) -> str:
    gore = (
        f"M110 {top - 4}H152C148 124 150 142 158 160Q146 172 132 164C116 140 112 124 110 {top - 4}Z"
    )
    ribs = "".join(f"M{x} {top}C{x} 110 {x + 2} 140 {x + 6} 160" for x in (121, 130, 139, 147))
    return area(gore, paint.deep) + line(ribs, mix(paint.deep, paint.base, 0.6), 2)


def _fur(top: int) -> str:
    """A woolly edge, in tufts."""
    tufts = "".join(
        f"M{x} {top - 6 + y}a11 11 0 1 1 .1 0Z" for x in range(80, 190, 15) for y in (12, 22)
    )
    curls = "".join(f"M{x} {top}q5 6 0 12" for x in range(80, 184, 15))
    return area(tufts, WOOL) + line(curls, mix(WOOL, INK, 0.2), 2)


def _high_heel(kind: str, low: int) -> str:
    """A stacked heel, and a thin sole that leaves the ground behind the ball of the foot."""
    colour = SOLES[kind]
    sole = f"M70 {low}H132C172 {low} 190 229 236 229H334Q346 229 348 224"
    stack = f"M64 {low}H136L132 240H70Z"
    return line(sole, colour, 13) + area(stack, mix(colour, INK, 0.2))


# --- loafers, pumps -------------------------------------------------------------------------------


def loafer(paint: Paint, detail: str, sole: str = "leather", thick: int = 16) -> str:
    """A loafer with what tells it from others."""
    low = _GROUND - thick + 4
    upper = (
        f"M64 {low}C58 200 60 180 64 164Q68 156 78 160C104 184 142 182 176 166Q192 154 208 156"
        f"C264 162 340 168 350 208L350 {low}Z"
    )
    edge = "M84 170C120 192 160 184 190 166"
    saddle = "M184 146L226 150C232 180 224 206 212 230H166C186 204 192 176 184 146Z"
    fringe = "M188 148H238L236 196l-9-7-4 11-9-8-6 11-9-9-9 8Z"
    drawn = {
        "penny": area(saddle, paint.pale) + line("M199 182q10-7 15 3", paint.seam, 5),
        "tassel": line(edge, paint.pale, 4, "8 7")
        + line("M208 170l19 20M208 170l3 28", paint.pale, 8)
        + _dot(208, 170, 6, paint.seam),
        "bar": line("M190 176C204 168 222 170 236 178", METAL, 6)
        + _dot(190, 177, 6, METAL)
        + _dot(236, 179, 6, METAL),
        "plain": line(edge, paint.seam, 2, "4 5") + line("M226 156q-14 34 10 72", paint.seam, 2),
        "fringe": area(fringe, paint.deep) + line(fringe, paint.seam, 1.5),
        "cut": line("M72 198C110 206 156 204 188 168M196 172L204 230", paint.seam, 2.5),
    }[detail]
    apron = line("M194 174C236 168 296 172 322 204", paint.seam, 3) if detail != "plain" else ""
    back = area("M50 150H84C96 180 96 200 90 240H50Z", paint.deep)
    return _upper(
        paint,
        upper,
        back if detail in ("penny", "cut", "bar") else "",
        apron,
        drawn,
        line(f"M60 {low - 5}H352", paint.seam, 1.5, "3 4"),
    ) + _sole(sole, thick, heel=True)


def pump(paint: Paint, heel: int, block: bool = True, detail: str = "") -> str:
    """A pump with a block heel or a slim one."""
    seat = 236 - heel
    upper = (
        f"M62 {seat + 4}C52 {seat - 20} 54 {seat - 38} 60 {seat - 48}Q66 {seat - 54} 74 {seat - 46}"
        f"C104 {seat + 4} 180 216 252 194C300 188 354 212 358 232Q358 238 346 238H256"
        f"C186 238 150 {seat + 14} 62 {seat + 4}Z"
    )
    stand = (
        f"M62 {seat + 2}L70 240H104Q106 {seat + 30} 130 {seat + 16}Z"
        if block
        else f"M62 {seat + 2}C74 {seat + 20} 76 210 74 240H86C88 214 96 {seat + 30}"
        f" 128 {seat + 16}Z"
    )
    inside = (
        f"M68 {seat - 42}C104 {seat - 6} 180 204 252 190L252 202C180 220 104 {seat + 6}"
        f" 72 {seat - 44}Z"
    )
    strap = f"M64 {seat - 40}C100 {seat - 62} 150 {seat - 50} 176 {seat - 8}L204 208"
    bow = "M262 194l-24-13q-6 10-2 22zM262 194l25-10q5 11-1 22z"
    return (
        area(stand, mix(paint.base, INK, 0.3))
        + area(inside, paint.deep)
        + _upper(
            paint,
            upper,
            line("M84 180C130 220 170 226 210 240", paint.seam, 2) if detail == "seam" else "",
            line(f"M62 {seat + 2}C150 {seat + 10} 186 236 256 236H352", SOLES["leather"], 5),
        )
        + (line(strap, paint.base, 8) + _dot(158, seat - 34, 5, METAL) if detail == "strap" else "")
        + (area(bow, paint.pale) + _dot(262, 195, 5, paint.deep) if detail == "bow" else "")
    )


# --- sandals, slippers ----------------------------------------------------------------------------


def sandal(paint: Paint, straps: str, sole: str = "cork", thick: int = 24) -> str:
    """A sandal: straps on a foot bed."""
    top, colour = _GROUND - thick, SOLES[sole]
    bed = (
        f"M60 {top + 2}Q58 {top - 8} 72 {top - 6}C120 {top + 2} 150 {top + 6} 190 {top + 2}"
        f"S300 {top} 336 {top - 6}Q356 {top - 8} 352 {top + 6}Q346 236 322 240H72Q60 240 60 228Z"
    )
    back = f"M116 {top + 8}C126 180 138 154 156 146Q178 138 196 150C216 170 222 194 224 {top + 8}Z"
    front = f"M236 {top + 8}C242 190 250 176 266 172Q288 168 304 180C318 192 324 204 326 {top + 4}Z"
    wide = f"M170 {top + 8}C180 172 200 152 232 152Q270 152 296 176C312 190 322 206 324 {top + 4}Z"
    slim = f"M258 {top + 6}C258 192 264 176 280 174S306 192 310 {top + 4}Z"
    counter = f"M62 {top + 4}C54 190 54 168 60 148Q66 140 74 148C80 172 92 196 104 {top + 4}Z"
    behind = line("M64 150C84 132 146 130 168 148", paint.deep, 9)
    ankle = line("M64 150C86 168 144 168 168 148", paint.base, 11)
    over, under = "", ""
    pieces = {"two": (back, front), "slide": (wide,), "sling": (counter, front)}.get(
        straps, (counter, slim)
    )
    if straps == "two":
        over = _buckle(158, 160) + _buckle(264, 182)
    elif straps == "slide":
        seam = f"M190 {top}C200 178 214 164 236 164Q266 164 288 186L302 {top}"
        over = line(seam, paint.seam, 2, "4 5")
    elif straps == "cross":
        pieces = ()
        under = line(f"M140 {top}C176 146 226 150 310 {top - 2}", paint.deep, 22)
        over = line(f"M312 {top}C280 164 226 136 172 {top - 2}", paint.base, 22)
        over += line(f"M312 {top}C280 164 226 136 172 {top - 2}", paint.seam, 1.5, "4 5")
    else:
        under, over = behind, ankle + _buckle(136, 153)
        if straps == "tee":
            over += line("M168 150C196 172 236 178 280 178", paint.base, 10)
        if straps == "sling":
            over += _dot(282, 190, 4, METAL)
    tread = "M60 228Q60 240 72 240H322Q346 236 350 226Q336 232 320 232H72Q62 232 60 226Z"
    drawn = "".join(area(one, paint.base) + line(one, paint.deep, 1.5) for one in pieces)
    return (
        under
        + drawn
        + over
        + area(bed, colour)
        + area(tread, SOLES["dark"])
        + line(bed, mix(colour, INK, 0.24), 1)
    )


def slipper(paint: Paint, closed: bool) -> str:
    """A felt slipper with wool inside, with a back or without."""
    upper = (
        "M62 226C54 204 54 186 62 172Q84 196 120 190C150 184 168 160 190 152"
        "C260 150 344 160 350 226Z"
        if closed
        else "M150 226C150 170 176 150 208 152C270 154 344 166 350 226Z"
    )
    cuff = "M64 168C88 196 142 188 190 158" if closed else "M152 220C150 180 170 158 204 156"
    felt = "".join(f"M{x} {y}h5" for x in range(180, 340, 26) for y in (176, 194, 212))
    return (
        ("" if closed else area("M60 226C58 212 60 204 72 204H180V226Z", WOOL))
        + _upper(
            paint,
            upper,
            line(felt, paint.pale, 3),
            line("M240 140C222 180 226 204 240 230", paint.seam, 2.5, "6 6"),
        )
        + line(cuff, mix(WOOL, INK, 0.15), 20)
        + line(cuff, WOOL, 18)
        + line(cuff, mix(WOOL, INK, 0.2), 2, "0.1 7")
        + _sole("gum" if closed else "cream", 18)
    )


# --- rain boots, hiking boots ---------------------------------------------------------------------


def rain_boot(
    paint: Paint, top: int, sole: str = "dark", strap: bool = False, stripe: bool = False
) -> str:
    """A rubber boot that begins at `top`."""
    bend = max(138, top + 26)
    upper = (
        f"M68 226C60 190 86 160 82 {top}H184C184 {bend - 20} 186 {bend} 212 {bend + 18}"
        f"C238 172 272 172 304 178C340 186 352 204 350 226Z"
    )
    return (
        _upper(
            paint,
            upper,
            area("M40 204C140 212 260 208 380 200V250H40Z", paint.deep),
            line(f"M104 {top + 34}C106 {bend} 96 162 92 188", paint.pale, 7),
            line("M286 188Q314 190 328 204", paint.pale, 6),
            line(f"M70 {top + 24}H200", paint.mark, 9) if stripe else "",
            line(f"M200 {top + 40}H158", paint.deep, 12) if strap else "",
        )
        + f'<rect x="78" y="{top - 6}" width="110" height="16" rx="6" fill="{paint.deep}"/>'
        + (_buckle(146, top + 33) if strap else "")
        + _sole(sole, 22, heel=True)
    )


def hiking_boot(
    paint: Paint, top: int = 100, rand: bool = True, band: str = "", sole: str = "dark"
) -> str:
    """A boot for the mountains, with a rubber rand or a toe cap."""
    upper = (
        f"M68 222C58 186 78 150 74 {top + 6}Q76 {top - 6} 90 {top - 4}L150 {top + 6}L170 {top - 6}"
        "C176 130 186 150 216 160C262 174 300 168 330 180Q350 190 348 222Z"
    )
    tongue = f"M138 {top + 20}L158 {top - 18}Q168 {top - 26} 182 {top - 14}L200 160Z"
    collar = f"M60 {top - 20}H108L112 {top + 26}C96 {top + 34} 82 {top + 30} 60 {top + 30}Z"
    bands = {
        "": "",
        "sweep": "M74 194C116 168 150 184 184 222",
        "bars": "M108 148l24 74M136 160l18 60",
        "belt": "M60 176C110 186 140 180 176 156",
    }[band]
    rubber = "M284 158C270 186 250 198 200 204H40V250H380V158Z"
    toe = "M300 150C284 184 286 210 298 240"
    eyes = [*_along((154, top + 18), (166, 138), 3), (177, 152), (196, 163), (219, 171)]
    return (
        area(tongue, paint.pale)
        + _upper(
            paint,
            upper,
            line(f"M160 {top}C166 136 184 154 222 168L262 176", paint.pale, 30),
            area(collar, paint.deep),
            line(bands, paint.mark, 7) if band else "",
            area(rubber, SOLES["dark"])
            if rand
            else area(f"{toe}H380V150Z", paint.deep) + line(toe, paint.seam, 2),
        )
        + _laces(paint, eyes, 20)
        + _sole(sole, 24)
        + area("".join(f"M{x} 236h15l-3 8h-9z" for x in range(66, 322, 22)), SOLES["dark"])
    )


# --- kids -----------------------------------------------------------------------------------------

_PATCHES = {
    "star": "M112 174l5 9 10 1-7 8 2 10-10-5-10 5 2-10-7-8 10-1z",
    "spikes": "M92 146l-15-4 9 14-16 2 13 10-15 8 15 6-11 12 24-2V150Z",
}


def kids_shoe(
    paint: Paint, straps: int = 1, sole: str = "white", patch: str = "", high: bool = False
) -> str:
    """A small shoe that closes with straps."""
    up = 22 if high else 0
    upper = (
        f"M92 218C82 190 84 170 88 {148 - up}Q92 {136 - up} 106 {140 - up}C122 {156 - up}"
        f" 140 {156 - up} 164 {134 - up}C184 154 212 158 248 160C300 160 328 180 328 218Z"
    )
    tongue = f"M150 {150 - up}L168 {118 - up}Q178 {112 - up} 184 {122 - up}L206 160Z"
    bands = "".join(f"M{174 + 34 * n} {150 - up * 0.4 + 10 * n:g}l-32 36" for n in range(straps))
    toe = "M262 150C246 180 250 206 256 230"
    dots = "".join(_dot(x, y, 5, paint.mark) for x, y in ((110, 176), (124, 192), (106, 202)))
    on_it = {"dots": dots, "star": area(_PATCHES["star"], paint.mark)}.get(patch, "")
    return (
        (area(_PATCHES["spikes"], paint.deep) if patch == "spikes" else "")
        + area(tongue, paint.pale)
        + line(tongue, paint.deep, 1.5)
        + _upper(paint, upper, area(f"{toe}H340V150Z", paint.pale), line(toe, paint.seam, 2), on_it)
        + line(bands, paint.deep, 22)
        + line(bands, paint.trim, 18)
        + f'<g transform="translate(40 41.5) scale(.83)">{_sole(sole, 30)}</g>'
    )


def small(drawing: str) -> str:
    """A grown-up's shoe for small feet."""
    return f'<g transform="translate(46 53) scale(.78)">{drawing}</g>'
