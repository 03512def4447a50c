"""What Nordsko's sources get wrong, so that their pages have something to show.

The web shop has a tracking plan, learnt from its own history, and has strayed from it since; the
app of a few customers sends what can't be kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from spindel.collect import actions, figures
from spindel.collect import plan as plans
from spindel.kit import sql
from spindel.timeline.models import Source

_BY = "Nordsko demo"

Quirk = tuple[str, dict[str, object]]  # source, message

# The history came in one go. It is counted as if each message had come when it happened, so that
# the pages know what is usual.
_SPREAD = """
WITH gone AS (
    DELETE FROM collect_tally WHERE outcome = 'kept' AND minute > now() - interval '1 day'
)
INSERT INTO collect_tally (source_id, outcome, minute, process, count)
SELECT source_id, 'kept',
       date_trunc(CASE WHEN occurred_at > now() - interval '1 day' THEN 'minute' ELSE 'hour' END,
                  occurred_at),
       0, count(*)
FROM timeline_fact GROUP BY 1, 2, 3
ON CONFLICT (source_id, outcome, minute, process) DO NOTHING
"""


def prepare() -> None:
    """Count the history in its own time, and give the web shop its plan, to which it is held."""
    sql.run(_SPREAD)
    web = Source.objects.get(slug="web")
    seen = plans.look(figures.last_week(web))
    actions.keep_plan(web, {name: it.properties() for name, it in seen.items()}, _BY)
    # Kept, they would be all that the live page shows of a shop that has better to tell.
    actions.set_strict(web, True, _BY)


def relax() -> None:
    """Be strict with the web shop no longer: what was turned away can be sent again."""
    actions.set_strict(Source.objects.get(slug="web"), False, _BY)


def quirks(until: datetime) -> Iterator[Quirk]:
    """The messages, over the last three quarters of an hour."""
    number = 0

    def sent(source: str, event: str, ago: float, **fields: object) -> Quirk:
        nonlocal number
        number += 1
        at = (until - timedelta(minutes=ago)).astimezone(UTC)
        return source, {
            "type": "track",
            "messageId": f"quirk-{number}",
            "anonymousId": f"browser-quirk-{number % 4}",
            "event": event,
            "timestamp": at.isoformat(timespec="milliseconds"),
            **fields,
        }

    vinga: dict[str, object] = {
        "product_id": "vinga",
        "sku": "vinga-38-black",
        "name": "Vinga",
        "brand": "Nordsko",
        "category": "Boots",
        "variant": "38 black",
        "price": 1299,
        "value": 1299,
        "quantity": 1,
        "currency": "SEK",
        "url": "https://nordsko.example/p/vinga",
        "image_url": "https://nordsko.example/i/vinga.jpg",
    }
    nameless = {name: value for name, value in vinga.items() if name != "product_id"}
    for n in range(17):
        told = vinga | {"price": "1 299 kr"}
        yield sent("web", "Product Viewed", 44 - 2.5 * n, properties=told)
    for n in range(6):
        yield sent("web", "Product Added", 40 - 6 * n, properties=nameless)
    for n in range(9):
        properties = {"popup": "autumn-letter", "shown_for": 4 + n}
        yield sent("web", "Newsletter Popup Closed", 43 - 4 * n, properties=properties)
    for n in range(11):
        yield sent("app", "Product Viewed", 30 - 2 * n, properties=vinga, timestamp="2026-13-40")
    for n in range(4):
        yield sent("app", "", 20 - 4 * n, properties=vinga)
    for n in range(5):
        yield sent("web", "Product Viewed", 25 - 4 * n, properties=vinga, anonymousId=None)
