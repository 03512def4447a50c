"""Facts are kept as long as the table says, kind by kind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from spindel.privacy import retention
from spindel.privacy.actions import keep_for
from spindel.privacy.models import Retention
from spindel.staff.models import User
from spindel.timeline.models import Fact, Source
from tests.telling import tell


def _old(event: str, days: int) -> dict[str, object]:
    moment = datetime.now(UTC) - timedelta(days=days, minutes=1)
    return {
        "type": "track",
        "event": event,
        "messageId": f"{event} {days}",
        "userId": "u",
        "timestamp": moment.isoformat(),
    }


def _left() -> set[str]:
    return set(Fact.objects.values_list("name", flat=True))


def test_each_kind_goes_at_its_own_time(web: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_STEP", 2)
    keep_for("browsing", 30, "the test")
    keep_for("other", 90, "the test")
    tell(
        [
            _old("Product Viewed", 31),
            _old("Order Completed", 5000),
            _old("Page Viewed", 29),
            _old("Balloon Popped", 91),
            _old("Balloon Inflated", 89),
        ]
    )
    assert retention.apply()
    assert _left() == {"Order Completed", "Page Viewed", "Balloon Inflated"}
    assert Retention.objects.get(kind="browsing").removed == 1
    assert Retention.objects.get(kind="other").removed == 1


def test_it_is_applied_once_a_day(web: Source) -> None:
    assert retention.apply()
    tell([_old("Page Viewed", 5000)])
    assert not retention.apply()
    Retention.objects.update(applied_at=datetime.now(UTC) - timedelta(hours=25))
    assert retention.apply()
    assert _left() == set()


def test_what_is_kept_for_ever_stays(web: Source) -> None:
    for kind in retention.DEFAULTS:
        keep_for(kind, None, "the test")
    tell([_old("Page Viewed", 9000)])
    assert not retention.apply()
    assert _left() == {"Page Viewed"}


def test_an_administrator_says_how_long_and_others_see_it(
    agent: User, web: Source, client: Client
) -> None:
    client.force_login(agent)
    assert "760 days" in client.get("/privacy/").content.decode()
    assert client.post("/privacy/retention/browsing/", {"days": "30"}).status_code == 403
    admin = User.objects.create_user("eva@nordsko.example", "x" * 20, role="admin")
    client.force_login(admin)
    client.post("/privacy/retention/browsing/", {"days": "30"})
    client.post("/privacy/retention/mail/", {"days": ""})
    for rubbish in ("0", "-1", "x", "99999", "1e3", "²"):
        client.post("/privacy/retention/talking/", {"days": rubbish})
    told = {rule.kind: rule.days for rule in retention.rules()}
    assert (told["browsing"], told["mail"], told["talking"]) == (30, None, 1095)
    assert client.post("/privacy/retention/nonsense/", {"days": "3"}).status_code == 404
