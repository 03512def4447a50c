"""The identifiers that this process has met lately, so that most need no look in the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from spindel.identity.rules import Key, normalise
from spindel.identity.tombstones import Period

Claim = tuple[str, str, str]  # kind, the value as it came, the source's country

_GENERATION = 150_000
_LONGEST_RUBBISH = 100


class Interned:
    """Maps what a message claims to an identifier's id; forgets what was not asked for lately.

    Two generations: when the young one is full it becomes the old one. Bounded, and as quick as
    a dictionary. -1 stands for a value that never identifies anybody.
    """

    def __init__(self, generation: int = _GENERATION) -> None:
        self._size = generation
        self._young: dict[Claim, int] = {}
        self._old: dict[Claim, int] = {}
        self.buried: dict[Claim, list[Period]] = {}  # of those who were forgotten: for what time
        self.forgets = 0  # how often all was forgotten

    def get(self, claim: Claim) -> int | None:
        """The id, -1 where the value never identifies, None where it has to be interned."""
        found = self._young.get(claim)
        if found is not None:
            return found
        found = self._old.get(claim)
        if found is not None:
            self._remember(claim, found)
            return found
        if normalise(*claim) is None:
            # Rubbish of any length must not fill the memory.
            if len(claim[1]) < _LONGEST_RUBBISH:
                self._remember(claim, -1)
            return -1
        return None

    def learn(self, claims: list[Claim], ids: dict[Key, int]) -> None:
        """Remember the ids of claims that were interned."""
        for claim in claims:
            value = normalise(*claim)
            assert value is not None
            self._remember(claim, ids[claim[0], value])

    def bury(self, claims: Iterable[Claim], periods: dict[Key, list[Period]]) -> None:
        """Remember which of the claims are of somebody who was forgotten."""
        for claim in claims:
            value = normalise(*claim)
            if value is not None and (found := periods.get((claim[0], value))):
                self.buried[claim] = found

    def is_late(self, claims: Iterable[Claim], moment: datetime) -> bool:
        """Whether what happened then, to somebody with these, was to be forgotten."""
        return any(
            since <= moment < until
            for claim in claims
            for since, until in self.buried.get(claim, ())
        )

    def forget(self) -> None:
        """Forget everything."""
        self._young, self._old, self.buried = {}, {}, {}
        self.forgets += 1

    def _remember(self, claim: Claim, id: int) -> None:
        if len(self._young) >= self._size:
            self._old, self._young = self._young, {}
        self._young[claim] = id


def keys(claims: list[Claim]) -> set[Key]:
    """The normal forms of claims that identify."""
    return {(claim[0], value) for claim in claims if (value := normalise(*claim)) is not None}
