"""What is wished for in a session that is put away goes with it."""

from __future__ import annotations

OF_SESSIONS = ("DELETE FROM wishes_wish WHERE shopper_id = ANY(%s)",)
