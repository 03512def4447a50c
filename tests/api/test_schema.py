"""Whatever is asked of the API, it answers as its own description says, and never with a 500."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
)
from schemathesis.specs.openapi.schemas import OpenApiSchema

from spindel.console.api import api
from spindel.console.wsgi import application
from spindel.staff import actions as staff
from spindel.staff.models import Scope
from spindel.timeline.models import Source
from tests.identity.cast import event, identify
from tests.telling import follow, tell

pytestmark = pytest.mark.slow

EXAMPLES = 100  # of each operation
# Of one that is asked with nothing but its path; each answer of theirs is among the first dozen.
FEW = 25
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]


@pytest.fixture
def described(database: str) -> OpenApiSchema:
    """The description; not read before there is a test database that connections could go to."""
    return schemathesis.openapi.from_wsgi("/api/openapi.json", application)


@pytest.fixture
def secret(web: Source) -> Iterator[str]:
    """A token that may do everything, in a database with some customers in it."""
    tell(
        [identify(0, userId=f"u{n}", traits={"email": f"p{n}@example.com"}) for n in range(5)],
        [event(n, f"{n}", userId="u0") for n in range(5)],
    )
    follow()
    return staff.create_token("schemathesis", list(Scope), None)[1]


def test_every_answer_is_as_described(described: OpenApiSchema, secret: str) -> None:
    headers = {"Authorization": f"Bearer {secret}"}
    operations = [found.ok() for found in described.get_all_operations()]
    assert operations
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EXAMPLES if operation.body or operation.query else FEW,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        def ask(case: schemathesis.Case) -> None:
            response = case.call(headers=headers)
            case.validate_response(response, checks=CHECKS)
            if response.status_code >= 400:
                said = response.json()
                assert said.keys() - {"field"} == {"code", "message"}
                assert "field" not in said or said["code"] in ("bad_contact", "bad_address")

        ask()


def test_the_description_names_every_route_and_needs_a_token_for_each(database: str) -> None:
    described = Client().get("/api/openapi.json").json()
    operations = [operation for path in described["paths"].values() for operation in path.values()]
    assert len(operations) == sum(
        len(view.methods)
        for _, router in api._routers
        for path in router.path_operations.values()
        for view in path.operations
        if view.include_in_schema
    )
    assert all(operation.get("security") for operation in operations)


def test_the_documentation_can_be_read(database: str) -> None:
    answer = Client().get("/api/docs")
    assert answer.status_code == 200
    assert b"openapi.json" in answer.content
