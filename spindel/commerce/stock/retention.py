"""Sessions that are put away are let go of: what is held outlives them."""

from __future__ import annotations

OF_SESSIONS = ("UPDATE stock_hold SET shopper_id = NULL WHERE shopper_id = ANY(%s)",)
