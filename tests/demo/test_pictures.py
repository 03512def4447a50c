"""Nordsko's pictures: what a shop and a screen reader rely on."""

from xml.etree import ElementTree

import pytest

from spindel.demo.nordsko import PRODUCTS
from spindel.demo.nordsko.pictures import picture
from spindel.demo.nordsko.scenes import SCENES, SHAPES, scene

SVG = "{http://www.w3.org/2000/svg}"
ALL = [(product, colour) for product in PRODUCTS for colour in product.colours]


def test_every_model_is_drawn_in_every_colour_small_and_with_a_title() -> None:
    for product, colour in ALL:
        drawn = picture(product.id, colour)
        assert len(drawn.encode()) < 4_000
        root = ElementTree.fromstring(drawn)
        title = root.find(f"{SVG}title")
        assert root.tag == f"{SVG}svg"
        assert root.get("role") == "img"
        assert title is not None
        assert title.text == f"{product.name}, {product.category.lower()}, {colour}"


def test_a_picture_brings_nothing_that_a_browser_would_run_or_fetch() -> None:
    for product, colour in ALL:
        for element in ElementTree.fromstring(picture(product.id, colour)).iter():
            assert element.tag.removeprefix(SVG) in {
                *("svg", "title", "g", "path", "circle", "ellipse", "rect", "clipPath"),
            }
            for name, value in element.attrib.items():
                assert "href" not in name
                assert "style" not in name
                assert "url(" not in value or value == f"url(#{product.id}-{colour})"


def test_no_two_pictures_show_the_same_shoe() -> None:
    def shapes(slug: str, colour: str) -> str:
        """The drawing without its name."""
        return picture(slug, colour).partition("</title>")[2].replace(f"{slug}-{colour}", "")

    black = [product for product in PRODUCTS if "black" in product.colours]
    assert len({shapes(product.id, "black") for product in black}) == len(black)
    assert len({shapes(product.id, colour) for product, colour in ALL}) == len(ALL)


def test_a_picture_is_the_same_each_time() -> None:
    assert picture("vinga", "white") == picture("vinga", "white")


@pytest.mark.parametrize(("slug", "colour"), [("vinga", "red"), ("nobody", "black"), ("", "")])
def test_what_is_not_made_has_no_picture(slug: str, colour: str) -> None:
    with pytest.raises(KeyError):
        picture(slug, colour)


def test_every_scene_is_drawn_in_every_shape_and_small() -> None:
    for name in SCENES:
        for shape, (width, height) in SHAPES.items():
            drawn = scene(name, shape)
            assert len(drawn.encode()) < 16_000
            assert ElementTree.fromstring(drawn).get("viewBox") == f"0 0 {width} {height}"
