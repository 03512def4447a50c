"""Times that everybody means the same by."""

from __future__ import annotations

from datetime import UTC, datetime

# Before everything that can have happened: the collector takes nothing from before 1970.
# (PostgreSQL has -infinity; Python's datetime has not.)
BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)

# After everything that will have happened.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
