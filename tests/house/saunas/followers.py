from spindel.kit import sql
from spindel.timeline.following import Follower, Window

_CONFIRM = """
UPDATE saunas_booking b SET confirmed = true FROM timeline_fact f
WHERE f.name = 'Sauna Booked' AND (f.properties->>'booking')::bigint = b.id
  AND (f.transaction, f.sequence) > (%s::xid8, %s)
  AND (f.transaction, f.sequence) <= (%s::xid8, %s)
"""


def _confirm(window: Window) -> None:
    sql.run(_CONFIRM, [str(window.start[0]), window.start[1], str(window.end[0]), window.end[1]])


FOLLOWERS = (Follower("saunas", _confirm),)
