"""What is written on the timeline in plain SQL, for speed, is what its dataclass says."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_type_hints

from spindel.timeline.models import Fact
from spindel.timeline.recording import OWN_SOURCE
from tests.commerce.carts.cast import at_shop as at_shop  # a fixture
from tests.commerce.conftest import Shop
from tests.commerce.stock.cast import deliver
from tests.house.recorded import facts
from tests.house.tree import ROOT
from tests.shopping import AtShop

Come = Callable[..., AtShop]

# The modules that do so, with what they write.
WRITTEN = {
    "commerce/carts/actions.py": {"Product Added", "Product Removed", "Product Saved"},
    "commerce/stock/actions/holds.py": {"Stock Reserved"},
}
_JSON = {int: (int,), float: (int, float), str: (str,)}


def test_no_other_module_writes_facts_in_plain_sql() -> None:
    package = ROOT / "spindel"
    writing = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if "INTO timeline_fact" in path.read_text()
    }
    assert {path for path in writing if not path.startswith("timeline/")} == WRITTEN.keys()


def test_each_of_them_has_the_fields_of_its_class_and_their_types(
    at_shop: Come, shop: Shop
) -> None:
    deliver(shop.small, shop.goteborg, 3)
    phone = at_shop("phone", "email:anna@example.se")
    phone.add("vinga-38", 2)
    phone.put("vinga-38", quantity=1)
    phone.put("vinga-38", quantity=1, saved=True)
    held = phone.ask(
        "POST", "holds", {"sku": "vinga-38", "place": "goteborg"}, **{"Idempotency-Key": "h"}
    )
    assert held.status_code == 201, held.content
    kinds = facts()
    told = dict(Fact.objects.filter(source__slug=OWN_SOURCE).values_list("name", "properties"))
    assert set().union(*WRITTEN.values()) <= told.keys()
    for name in set().union(*WRITTEN.values()):
        hints = get_type_hints(kinds[name])
        assert told[name].keys() - {"by"} == hints.keys(), name
        for field, value in told[name].items():
            assert isinstance(value, _JSON[hints.get(field, str)]), f"{name}.{field}: {value!r}"
