"""What became of an imported file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Outcome:
    """Counts of rows and of the messages that they became; an order has many rows to a message."""

    skipped: int = 0
    """Rows that the mapping leaves out."""
    used: int = 0
    """Rows that became messages."""
    rejected: Counter[str] = field(default_factory=Counter)
    """Rows by the reason why they did not, in words."""
    messages: int = 0
    kept: int = 0
    """Messages that were new."""
    resumed: int = 0
    """Rows, or orders, that an interrupted run had done; they are counted in the others, too."""
    seconds: float = 0.0
    """How long this run took."""
    rejects: Path | None = None
    """Where the rejected rows are; None where there are none."""

    @property
    def rows(self) -> int:
        """Rows that were read."""
        return self.skipped + self.used + self.rejected.total()

    @property
    def already(self) -> int:
        """Messages that were there before."""
        return self.messages - self.kept
