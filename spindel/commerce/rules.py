"""What can be said of lines of goods and of money without a database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from spindel.identity.rules import normalise
from spindel.kit.refusal import Refusal

MOST = 1_000_000  # of one variant at once; more is a mistake


@dataclass(frozen=True, slots=True)
class Line:
    """So many of a variant in a place."""

    variant: int
    place: int
    quantity: int


def summed(lines: Collection[Line]) -> list[Line]:
    """The lines in the order of variant and place, those of the same added up. Raises Refusal."""
    sums: Counter[tuple[int, int]] = Counter()
    for one in lines:
        if one.quantity < 1:
            raise Refusal("no_quantity")
        sums[one.variant, one.place] += one.quantity
    if not sums:
        raise Refusal("no_lines")
    if max(sums.values()) > MOST:
        raise Refusal("quantity_too_large", most=MOST)
    return [Line(variant, place, sums[variant, place]) for variant, place in sorted(sums)]


class NotEnough(Refusal):
    """There is too little for all of it, so nothing is done. `available` is what there is of the
    lines that lack; the place is 0 where they would be sent from anywhere.
    """

    code = "not_enough"

    def __init__(self, available: Iterable[Line]) -> None:
        super().__init__()
        self.available = list(available)


# --- money ----------------------------------------------------------------------------------------


def lowest(amount: int, percent: int) -> int:
    """The least that may be asked of what costs so much, going so many percent below it."""
    return -(-amount * (100 - percent) // 100)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line of a cart as far as it may have changed since she saw it.

    `amount` is what one costs now and None where it is not sold any more; `seen` is what it cost
    when she last touched the line, `available` how many can come the way she wants. `elsewhere`:
    she wants to fetch it in another market than the one whose price it has.
    """

    quantity: int
    amount: int | None
    seen: int | None
    available: int
    elsewhere: bool = False


def notes(line: Wanted) -> list[str]:
    """What she has to know of a line, in words for machines: `gone`, `short`, and so on."""
    if line.amount is None:
        return ["gone"]
    found = []
    if line.elsewhere:
        found.append("not_here")
    elif line.available <= 0:
        found.append("sold_out")
    elif line.available < line.quantity:
        found.append("short")
    if line.seen is not None and line.seen != line.amount:
        found.append("dearer" if line.seen < line.amount else "cheaper")
    return found


class Incomplete(Refusal):
    """Something is needed to order, of a contact, an address or a payment; `field` says which part
    of it, where it is one.
    """

    def __init__(self, code: str, field: str = "", /, **values: object) -> None:
        super().__init__(code, **values)
        self.field = field


def contact_keys(
    contact: Mapping[str, str], address: Mapping[str, str], market: str
) -> dict[str, str]:
    """The address and the number in a contact by kind, in their normal forms, the address first.

    A number without its country's code is of the country that she has given an address in, or of
    the market. What can't be read is left out.
    """
    country = address.get("country") or market
    forms = {kind: normalise(kind, contact.get(kind) or "", country) for kind in ("email", "phone")}
    return {kind: form for kind, form in forms.items() if form is not None}


def check_market(market: str, stores: Collection[str], sent_to: str) -> None:
    """Whether what has the prices of the market is had there: the countries of the stores where it
    is collected, and the one that it is sent to, "" where it is not told.

    Raises Refusal.
    """
    if any(country != market for country in stores):
        raise Refusal("not_collected_in_market")
    if sent_to and sent_to.upper() != market:
        raise Refusal("not_sent_in_market")


# --- where goods are sent from --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Parcel:
    """So many of a line's variant from a place."""

    variant: int
    place: int
    quantity: int


def allocate(wanted: dict[int, int], there: dict[tuple[int, int], int]) -> list[Parcel] | None:
    """From where to send so many of each variant; None where there is too little.

    `there` says how many of a variant can be sent from a place. One place that has all is best, so
    that she gets one parcel; else as few places a variant as can be, those with the most first.
    """
    places = sorted({place for _, place in there})
    for place in places:
        if all(there.get((variant, place), 0) >= many for variant, many in wanted.items()):
            return [Parcel(variant, place, many) for variant, many in sorted(wanted.items())]
    parcels = []
    for variant, left in sorted(wanted.items()):
        stocked = [(there.get((variant, place), 0), place) for place in places]
        for has, place in sorted(stocked, key=lambda one: (-one[0], one[1])):
            take = min(left, has)
            if take > 0:
                parcels.append(Parcel(variant, place, take))
                left -= take
        if left:
            return None
    return parcels


# --- what comes back ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Came:
    """So many of a product came back, each of which had cost the amount."""

    product: str
    quantity: int
    amount: int


def value_of(came: Iterable[Came]) -> int:
    """What counts for them: the prices then paid."""
    return sum(one.quantity * one.amount for one in came)


@dataclass(frozen=True, slots=True)
class Asked:
    """So many of a product are wanted for them, at today's price; None: it is not sold any more."""

    product: str
    quantity: int
    amount: int | None


class NotSold(Refusal):
    """There is no price today for something that is wanted. `index` says which."""

    code = "not_sold_now"

    def __init__(self, index: int) -> None:
        super().__init__()
        self.index = index


def evened(came: Sequence[Came], asked: Sequence[Asked]) -> list[list[tuple[int, int]]]:
    """What each of those asked for costs: so many at a price each.

    Another size or colour of what came back is even: it costs what was then paid, piece by piece.
    Anything else, and more than came back, costs today's price. Raises NotSold.
    """
    left = [one.quantity for one in came]
    found = []
    for index, one in enumerate(asked):
        prices: list[tuple[int, int]] = []
        missing = one.quantity
        for number, back in enumerate(came):
            many = min(missing, left[number]) if back.product == one.product else 0
            if many:
                prices.append((many, back.amount))
                left[number] -= many
                missing -= many
        if missing:
            if one.amount is None:
                raise NotSold(index)
            prices.append((missing, one.amount))
        found.append(prices)
    return found


@dataclass(frozen=True, slots=True)
class Balance:
    """What an exchange comes to: what counts for what came back, and what the new goods cost."""

    value: int
    total: int

    @property
    def credited(self) -> int:
        """What of the value pays for the new goods."""
        return min(self.value, self.total)

    @property
    def to_pay(self) -> int:
        """What she pays on top."""
        return self.total - self.credited

    @property
    def to_refund(self) -> int:
        """What she gets back."""
        return self.value - self.credited


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
