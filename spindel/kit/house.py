"""The plan of the house: its folders in their layers, as `pyproject.toml` says them.

import-linter holds the code to the same lines, so a domain is entered there alone. A folder may be
a wing: it has a contract of its own for the rooms within.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import spindel

PACKAGE = Path(spindel.__file__).parent


@cache
def layers() -> tuple[tuple[str, ...], ...]:
    """The folders by layer, from the top down, as modules: neighbours stand in one layer.

    A wing comes right above its rooms, as what joins them.
    """
    return tuple(_within("spindel", _contracts()))


def folders() -> list[str]:
    """The same folders in a row, from the lowest up."""
    return [one for layer in reversed(layers()) for one in layer]


def applications() -> list[str]:
    """Those that Django is to know, from the lowest up: they have an `apps.py`."""
    return [one for one in folders() if (folder(one) / "apps.py").is_file()]


def folder(module: str) -> Path:
    """Where its files lie."""
    return PACKAGE.joinpath(*module.split(".")[1:])


def room(module: str) -> str:
    """The folder of the house that the module is of, of a wing the room; "" for none of ours."""
    inside = [one for layer in layers() for one in layer if f"{module}.".startswith(f"{one}.")]
    return max(inside, key=len, default="")


def depth(of: str) -> int:
    """How deep down a folder is; those of one layer are equally deep."""
    return next(at for at, layer in enumerate(layers()) if of in layer)


def _contracts() -> dict[str, list[str]]:
    """The layers as they are written, by what contains them."""
    # A wheel has it inside (setup.py), a checkout beside.
    places = (PACKAGE / "pyproject.toml", PACKAGE.parent / "pyproject.toml")
    text = next(one for one in places if one.is_file()).read_text()
    return {
        container: contract["layers"]
        for contract in tomllib.loads(text)["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
        for container in contract["containers"]
    }


def _within(container: str, contracts: dict[str, list[str]]) -> list[tuple[str, ...]]:
    found = []
    for line in contracts[container]:
        layer = tuple(
            f"{container}.{one.strip(' ()')}" for one in line.replace(":", "|").split("|")
        )
        found.append(layer)
        for one in layer:
            if one in contracts:
                found += _within(one, contracts)
    return found
