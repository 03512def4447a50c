"""Pages as somebody who is logged in sees them, and facts to show on them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from spindel.identity import customers
from spindel.staff.models import Role, User
from spindel.timeline.models import Fact, Source
from tests.conftest import PASSWORD
from tests.telling import follow

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture(autouse=True)
def _apart(request: pytest.FixtureRequest) -> None:
    """What is counted against guessing passwords is in no model's table, so nothing empties it."""
    if "database" in request.fixturenames:
        request.getfixturevalue("database")
        cache.clear()


def log_in(role: Role) -> Client:
    """A client that is logged in with a role."""
    user = User.objects.create_user(f"{role}@nordsko.example", PASSWORD, role=role)
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user, backend=BACKEND)
    return client


@pytest.fixture
def as_role(database: None) -> Callable[[Role], Client]:
    """See `log_in`."""
    return log_in


@pytest.fixture
def maja(agent: User) -> Client:
    """Maja of customer service, logged in."""
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(agent, backend=BACKEND)
    return client


class Told:
    """Facts as the collector keeps them, taken in by identity."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def __call__(
        self,
        name: str,
        properties: dict | None = None,
        who: str = "user_id:anna",
        also: tuple[str, ...] = (),
        at: datetime | None = None,
        channel: str = "web",
        context: dict | None = None,
    ) -> uuid.UUID:
        first, *others = (_identifier(text) for text in (who, *also))
        fact = Fact.objects.create(
            identifier_id=first,
            also=others or None,
            name=name,
            channel=channel,
            source=self.source,
            occurred_at=at or timezone.now(),
            properties=properties or {},
            context=context,
        )
        follow()
        return fact.pk

    def customer(self, who: str = "user_id:anna") -> int:
        """The id of the customer who has the identifier."""
        found = customers.by_identifier(*who.split(":", 1))
        assert found is not None
        return found


def _identifier(text: str) -> int:
    kind, value = text.split(":", 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM identity_identifier WHERE (kind, value) = (%s, %s)", [kind, value]
        )
        row = cursor.fetchone()
        if row is None:
            cursor.execute(
                "INSERT INTO identity_identifier (kind, value) VALUES (%s, %s) RETURNING id",
                [kind, value],
            )
            row = cursor.fetchone()
            cursor.execute("INSERT INTO identity_customer (id) VALUES (%s)", [row[0]])
            cursor.execute(
                "INSERT INTO identity_tenure (identifier_id, since, customer_id)"
                " VALUES (%s, '1900-01-01Z', %s)",
                [row[0], row[0]],
            )
    return row[0]


@pytest.fixture
def told(web: Source) -> Told:
    """Tells of a fact."""
    return Told(web)


def text(response) -> str:
    """The page's HTML; fails where it did not come."""
    assert response.status_code == 200, response.status_code
    return response.content.decode()
