"""What the collector's figures do when facts arrive: count those that Spindel itself records."""

from __future__ import annotations

from spindel.kit import sql
from spindel.timeline.following import Follower, Window
from spindel.timeline.recording import OWN_SOURCE

NOTIFY_FIGURES = "spindel_figures"

# Old ones come by when a follower begins.
_COUNT = f"""
INSERT INTO collect_recorded (minute, channel, count)
SELECT date_trunc('minute', f.received_at), f.channel, count(*)
FROM timeline_fact f
WHERE (f.transaction, f.sequence) > (%s::xid8, %s) AND (f.transaction, f.sequence) <= (%s::xid8, %s)
  AND f.source_id = (SELECT id FROM timeline_source WHERE slug = '{OWN_SOURCE}')
  AND f.received_at > now() - interval '1 day'
GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT (minute, channel) DO UPDATE SET count = collect_recorded.count + excluded.count
"""  # noqa: S608  # put together from constants


def count(window: Window) -> None:
    """Count the window's facts that are Spindel's own, and tell the pages that show figures."""
    bounds = [str(window.start[0]), window.start[1], str(window.end[0]), window.end[1]]
    if sql.run(_COUNT, bounds):
        sql.notify(NOTIFY_FIGURES)


FOLLOWER = Follower("recorded", count)
FOLLOWERS = (FOLLOWER,)
