"""Short words for what sources tell, and who is who after."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from spindel.identity import customers
from tests.telling import customer_by_message

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


numbers = itertools.count()


def event(minute: int, n: str = "", **fields: object) -> dict[str, object]:
    """A page view, some minutes into Monday."""
    return {
        "type": "track",
        "event": "Product Viewed",
        "messageId": f"m{next(numbers)}",
        "timestamp": (MONDAY + timedelta(minutes=minute)).isoformat(),
        "properties": {"n": n} if n else {},
        **fields,
    }


def identify(minute: int, **fields: object) -> dict[str, object]:
    """A log-in or a sign-up, with traits."""
    return {**event(minute), "type": "identify", **fields}


def who(kind: str, value: str) -> int:
    found = customers.by_identifier(kind, value)
    assert found is not None
    return found


USERS = st.sampled_from(["u1", "u2", "u3"])
BROWSERS = st.sampled_from(["b1", "b2", "b3"])
MAILS = st.sampled_from(["m1", "m2", "m3"])
MESSAGES = st.lists(
    st.tuples(
        st.integers(0, 30),
        st.one_of(st.none(), USERS),
        st.one_of(st.none(), BROWSERS),
        st.one_of(st.none(), MAILS),
    ).filter(lambda told: any(told[1:])),
    min_size=1,
    max_size=14,
)


def build(told: list[tuple[int, str | None, str | None, str | None]], world: str) -> list[dict]:
    """Messages whose identifiers are this world's own, so that worlds share one database."""
    messages = []
    for number, (minute, user, browser, mail) in enumerate(told):
        message = event(minute, f"{world}:{number}")
        if user:
            message["userId"] = f"{user}-{world}"
        if browser:
            message["anonymousId"] = f"{browser}-{world}"
        if mail:
            message["context"] = {"traits": {"email": f"{mail}-{world}@example.com"}}
        messages.append(message)
    return messages


def partition(world: str) -> set[frozenset[str]]:
    """Which messages are one customer's."""
    groups: dict[int, set[str]] = {}
    for name, customer in customer_by_message().items():
        its_world, _, number = name.partition(":")
        if its_world == world:
            groups.setdefault(customer, set()).add(number)
    return {frozenset(group) for group in groups.values()}
