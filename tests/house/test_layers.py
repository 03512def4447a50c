"""What import-linter can't see: folders, tables, SQL and permissions keep to the layers, too."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from spindel.kit import declared, house
from tests.house.tree import PROJECT, ROOT, is_below, module_of

# Rows of a higher folder that a table refers to by their ids, which no foreign key may: as numbers,
# and why. <model>.<field>, and how the tables are joined is up to the higher folder.
REFERS_UP: dict[str, str] = {
    "Fact.identifier_id": "a fact names an identifier, whoever that is: docs/decisions/0001",
    "Hold.order_line_id": "what is kept for a line of an order is found by the line",
    "Payment.order_id": "what is paid for; orders register what becomes of it",
    "Shopper.cart_id": "her cart is found in the statement that finds her session",
}
# SQL that names a table from above, and why: (file, table).
NAMED_FROM_BELOW: dict[tuple[str, str], str] = dict.fromkeys(
    [
        ("timeline/reading.py", "identity_identifier"),
        ("timeline/recording.py", "identity_identifier"),
    ],
    "a fact is written and read with the identifier that it names: docs/decisions/0001",
)
# Permissions that are asked for below the domain that declares them, and why.
ASKED_BELOW = {
    "start.see": "whether somebody has a first page, where she has logged in",
    "store.work": "whether nothing is said to be there in the tablet's frame",
}


def test_every_folder_of_the_package_is_a_layer() -> None:
    """A folder with an `apps.py` is one wherever it lies: a room of a wing has its line, too."""
    package = {path.parent for path in house.PACKAGE.glob("*/__init__.py")}
    rooms = {path.parent for path in house.PACKAGE.rglob("apps.py")}
    assert {module_of(path) for path in package | rooms} == set(house.folders())


def test_a_wing_holds_nothing_but_its_rooms() -> None:
    wings = {house.folder(one).parent for one in house.folders()} - {house.PACKAGE}
    assert wings
    assert {path.name for wing in wings for path in wing.glob("*.py")} == {"__init__.py"}


def test_imports_keep_to_the_layers() -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"),
            *("--no-logo", "--no-cache"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_foreign_key_points_down_or_to_itself() -> None:
    seen, up = 0, set()
    for model in apps.get_models():
        here = house.room(model.__module__)
        for field in model._meta.get_fields() if here else ():
            other = field.related_model
            if not field.concrete or not isinstance(other, type):
                continue
            seen += 1
            if not _may_know(here, house.room(other.__module__)):
                up.add(f"{model.__name__}.{field.name}")
    assert seen > 5
    assert up == set()


def test_whatever_refers_to_a_row_without_a_foreign_key_says_why() -> None:
    plain = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if house.room(model.__module__) and isinstance(field, models.IntegerField)
        if field.name.endswith("_id")
    }
    assert plain == REFERS_UP.keys()


# Who joins what the rooms show. Nobody else takes from another's views or operations: what two
# share is a module of its own.
FACES = {"spindel.run", "spindel.demo", "spindel.console", "spindel.store", "spindel.shop"}
_SHOWS = re.compile(r"\.(?:\w+_)?(?:views|api)(?:\.|$)")
_HOW_TO = "spindel.staff.api"  # how operations are declared, and who may ask


def test_views_and_operations_are_their_rooms_own() -> None:
    seen, taken = 0, set()
    for path in house.PACKAGE.rglob("*.py"):
        here = house.room(module_of(path))
        for one in _imported(path) if here else ():
            there = house.room(one)
            if there and not one.startswith(_HOW_TO) and _SHOWS.search(one[len(there) :]):
                seen += 1
                if there != here and here not in FACES:
                    taken.add((str(path.relative_to(house.PACKAGE)), one))
    assert seen > 50
    assert taken == set()


def _imported(path: Path) -> Iterator[str]:
    """The modules that a file imports, and what it takes of them, as dotted names."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import(names=names):
                yield from (one.name for one in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield from (f"{module}.{one.name}" for one in names)


def test_every_module_of_rules_is_held_to_be_pure() -> None:
    """By pattern, but for those of a longer name, which import-linter has no pattern for."""
    (pure,) = (
        one["source_modules"]
        for one in PROJECT["tool"]["importlinter"]["contracts"]
        if one["name"] == "Rules are pure arithmetic"
    )
    rules = {module_of(path) for path in house.PACKAGE.rglob("*rules.py")}
    longer = {one for one in rules if not one.endswith(".rules")}
    assert "spindel.**.rules" in pure
    assert longer <= set(pure)


def _may_know(here: str, there: str) -> bool:
    """Whether a folder may know of what is in another; what is not ours is below everything."""
    return not there or here == there or is_below(there, here)


def _tables() -> dict[str, str]:
    """Every table of ours, by the folder that it is of."""
    return {
        model._meta.db_table: house.room(model.__module__)
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith("spindel.")
    }


def _texts(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Constant(value=str(text)):
                yield text


def test_sql_names_tables_of_its_own_folder_or_of_lower_ones() -> None:
    tables, seen, up = _tables(), 0, set()
    named = re.compile(rf"\b({'|'.join(tables)})\b")
    for path in house.PACKAGE.rglob("*.py"):
        here = house.room(module_of(path))
        for table in {one for text in _texts(path) for one in named.findall(text)} if here else ():
            seen += 1
            if not _may_know(here, tables[table]):
                up.add((str(path.relative_to(house.PACKAGE)), table))
    assert seen > 100
    assert up == NAMED_FROM_BELOW.keys()


def test_a_permission_is_asked_for_where_it_is_declared_or_above() -> None:
    owner = {
        name: house.room(module.__name__)
        for module in declared.modules("permissions")
        for name in module.ALLOWED
    }
    up = set()
    for path in house.PACKAGE.rglob("*.py"):
        here = house.room(module_of(path))
        for name in {text for text in _texts(path) if text in owner} if here else ():
            if not _may_know(here, owner[name]):
                up.add(name)
    assert up == ASKED_BELOW.keys()


# --- the plan itself ------------------------------------------------------------------------------


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A house with a wing of two rooms beside each other above a third."""
    folders = ("faces", "trade", "trade/returns", "trade/quotes", "trade/stock", "kit")
    for one in folders:
        (tmp_path / "spindel" / one).mkdir(parents=True)
        (tmp_path / "spindel" / one / "apps.py").touch()
    (tmp_path / "spindel/trade/apps.py").unlink()
    (tmp_path / "pyproject.toml").write_text(
        """
        [[tool.importlinter.contracts]]
        type = "layers"
        containers = ["spindel"]
        layers = ["faces", "trade", "kit"]
        [[tool.importlinter.contracts]]
        type = "layers"
        containers = ["spindel.trade"]
        layers = ["returns | quotes", "stock"]
        """
    )
    monkeypatch.setattr(house, "PACKAGE", tmp_path / "spindel")
    house.layers.cache_clear()
    yield
    house.layers.cache_clear()


def test_a_wing_lies_above_its_rooms_and_they_above_what_the_wing_is_above(plan: None) -> None:
    assert house.folders() == [
        *("spindel.kit", "spindel.trade.stock", "spindel.trade.returns", "spindel.trade.quotes"),
        *("spindel.trade", "spindel.faces"),
    ]
    assert house.applications() == [
        *("spindel.kit", "spindel.trade.stock", "spindel.trade.returns", "spindel.trade.quotes"),
        "spindel.faces",
    ]
    assert house.room("spindel.trade.stock.models") == "spindel.trade.stock"
    assert house.room("spindel.trade.urls") == "spindel.trade"
    assert house.room("spindel.tradewind") == ""
    assert house.depth("spindel.trade.returns") == house.depth("spindel.trade.quotes")
    assert is_below("spindel.trade.stock", "spindel.trade.returns")
    assert is_below("spindel.kit", "spindel.trade.stock")
