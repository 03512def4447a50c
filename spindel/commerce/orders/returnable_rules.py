"""How long goods can come back, worked out without a database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo


@dataclass(frozen=True, slots=True)
class Policy:
    """For how many days goods are taken back, 0 for not at all; and whether damaged ones are."""

    days: int = 30
    damaged: bool = False


DEFAULT_POLICY = Policy()


def policy_for(categories: Collection[str], policies: Mapping[str, Policy]) -> Policy:
    """The policy for goods of these categories: of all that apply the one that says most exactly.

    "Shoes > Sandals" comes before "Shoes", and any before the one without a category.
    """
    apply = [name for name in policies if any(_is_within(one, name) for one in categories)]
    if not apply:
        return policies.get("", DEFAULT_POLICY)
    return policies[max(apply, key=lambda name: (name.count(">"), len(name), name))]


def _is_within(category: str, name: str) -> bool:
    category, name = category.casefold(), name.casefold()
    return bool(name) and (category == name or category.startswith(f"{name} >"))


def last_moment(at: datetime, days: int, zone: tzinfo) -> datetime:
    """Until when what was handed over then comes back: the end of the day, so many days later."""
    day = at.astimezone(zone).date() + timedelta(days=days + 1)
    return datetime.combine(day, time(), zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Takeable:
    """How many of a line come back: `can` by the policy, `open` if somebody overrules it.

    `why` says what is in the way: `too_late` or `never`.
    """

    can: int
    open: int
    until: datetime | None
    why: str = ""


def takeable(
    handed_over: Iterable[tuple[datetime, int]],
    returned: int,
    policy: Policy,
    now: datetime,
    zone: tzinfo,
) -> Takeable:
    """How many of a line come back, of those handed over at the moments.

    Which of several pieces came back already nobody can tell; they count as the oldest.
    """
    parts = sorted(handed_over)
    out = max(0, sum(many for _, many in parts) - returned)
    if not out:
        return Takeable(0, 0, None)
    if not policy.days:
        return Takeable(0, out, None, "never")
    in_time = sum(many for at, many in parts if now < last_moment(at, policy.days, zone))
    until = last_moment(parts[-1][0], policy.days, zone)
    can = min(out, in_time)
    return Takeable(can, out, until, "" if can else "too_late")
