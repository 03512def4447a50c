"""The description of the API is for people: what an operation is called, its group, an example."""

from __future__ import annotations

import re
from typing import Any

import jsonschema_rs
import pytest

from spindel.console.api import api


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    """The OpenAPI description."""
    return dict(api.get_openapi_schema())


def operations(described: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for path in described["paths"].values() for one in path.values()]


def test_each_operation_has_a_name_of_its_own_in_words(described: dict[str, Any]) -> None:
    seen: set[str] = set()
    for one in operations(described):
        name = one["summary"]
        of_function = one["operationId"].replace("_", " ").title()
        assert len(name.split()) > 1, name
        assert name not in of_function, name
        assert name not in seen, name
        seen.add(name)


def test_each_operation_is_in_one_group_that_is_explained(described: dict[str, Any]) -> None:
    groups = {one["name"] for one in described["tags"] if one["description"]}
    for one in operations(described):
        assert len(one["tags"]) == 1, one["operationId"]
        assert set(one["tags"]) <= groups, one["operationId"]


def test_each_operation_has_an_example_that_its_own_description_allows(
    described: dict[str, Any],
) -> None:
    for one in operations(described):
        call = re.search(r"```sh\n(curl.*?)\n```", one["description"], re.DOTALL)
        assert call, one["operationId"]
        assert "…" not in call[1], one["operationId"]
        assert "{" not in call[1].partition(" -d ")[0], one["operationId"]
        content = one.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            continue
        schema = {**content["schema"], "components": described["components"]}
        jsonschema_rs.validate(schema, content["example"])
