"""Wherever somebody learns what goods cost, the audit asks: a face without a probe is found."""

from __future__ import annotations

import ast

from spindel.kit import declared, house

# What says what goods cost. Whoever imports one of these in what people or machines see is a face.
_PRICES = {
    "spindel.offers.pieces",
    "spindel.offers.reading",
    "spindel.offers.pricing",
    "spindel.catalogue.anybody",
    "spindel.catalogue.feed_out",
    "spindel.commerce.orders.placement.goods",
}
_SEEN = ("views", "api", "panels", "feed")  # of a module's name
_WITHOUT = {"spindel.offers": "its editor shows what goods would cost, were an offer given"}


def _faces() -> set[str]:
    """The rooms that show what goods cost."""
    found = set()
    for path in house.PACKAGE.rglob("*.py"):
        module = "spindel." + ".".join(path.relative_to(house.PACKAGE).with_suffix("").parts)
        if not any(part.endswith(_SEEN) for part in module.split(".")):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                named = {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
                if named & _PRICES:
                    found.add(house.room(module))
    return found


def test_every_face_is_asked_by_the_audit() -> None:
    faces = _faces()
    assert {
        "spindel.shop",
        "spindel.store",
        "spindel.catalogue",
        "spindel.commerce.quotes",
    } <= faces
    asked = {module.__name__.rpartition(".")[0] for module in declared.modules("probes")}
    assert faces - asked == _WITHOUT.keys()


def test_no_two_faces_have_one_name() -> None:
    names = [one.face for one in declared.each("probes", "PROBES")]
    assert sorted(names) == sorted(set(names))
    assert {"shop-api", "web", "json-ld", "catalogue", "feed", "console", "quote", "tablet"} <= {
        *names
    }
