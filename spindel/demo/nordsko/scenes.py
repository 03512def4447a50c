"""Pictures of what Nordsko says on its pages: a shoe in its weather, wide or square."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from spindel.demo.nordsko.drawing import area, line
from spindel.demo.nordsko.pictures import shoe


@dataclass(frozen=True)
class Scene:
    """Shoes and their colours, from the left, on what ground; and whether it rains."""

    shoes: tuple[tuple[str, str], ...]
    ground: str
    rain: bool = False


SCENES = {
    "rain": Scene((("bohuslan", "yellow"),), "#dbe6ea", rain=True),
    "letter": Scene((("vinga", "white"),), "#efe3d3"),
    "pair": Scene((("haga", "red"), ("haga", "cream")), "#e2e7dc"),
}
SHAPES = {"wide": (1200, 400), "square": (600, 600)}


def scene(name: str, shape: str) -> str:
    """The scene in the shape, as SVG. Raises KeyError for what is not made."""
    drawn, (width, height) = SCENES[name], SHAPES[shape]
    ground = area(f"M0 0h{width}v{height}H0z", drawn.ground)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
        f' fill="none" stroke-linecap="round" stroke-linejoin="round"><title>{name}</title>'
        f"{ground}{''.join(_drops(drawn, width, height))}"
        f"{''.join(_shoes(drawn, width, height))}</svg>"
    )


def _shoes(drawn: Scene, width: int, height: int) -> Iterator[str]:
    room = width // len(drawn.shoes)
    broad = min(room, height * 4 // 3) * 9 // 10
    high = broad * 3 // 4
    for number, (slug, colour) in enumerate(drawn.shoes):
        left, top = room * number + (room - broad) // 2, (height - high) // 2
        yield (
            f'<svg x="{left}" y="{top}" width="{broad}" height="{high}" viewBox="0 0 400 300">'
            f"{shoe(slug, colour)}</svg>"
        )


def _drops(drawn: Scene, width: int, height: int) -> Iterator[str]:
    if drawn.rain:
        for number in range(width * height // 6_000):
            x, y = number * 367 % width, number * number * 53 % height
            yield line(f"M{x} {y}l-6 22", "#9fb6c0", 3)
