"""When people in Scandinavia think of shoes: the year, the week, the hours and the campaigns."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from spindel.demo.nordsko.catalogue import Store

# Denmark keeps the same time, so one zone serves every customer.
HOME_ZONE = ZoneInfo("Europe/Stockholm")


class Campaign(NamedTuple):
    name: str
    first: tuple[int, int]
    last: tuple[int, int]
    coupon: str
    percent: int
    subjects: dict[str, str]


def _subjects(swedish: str, danish: str, english: str) -> dict[str, str]:
    return {"sv-SE": swedish, "da-DK": danish, "en-GB": english}


JANUARY_SALE = _subjects(
    "Vinterrean: 30 % på årets stövlar",
    "Vinterudsalg: 30 % på årets støvler",
    "Winter sale: 30% off this year's boots",
)
BLACK_WEEK = Campaign(
    "black-week",
    (0, 0),
    (0, 0),
    "BLACK25",
    25,
    _subjects(
        "Black Week: 25 % på allt", "Black Week: 25 % på alt", "Black Week: 25% off everything"
    ),
)
CAMPAIGNS = (
    Campaign("vinterrea", (12, 27), (12, 31), "REA30", 30, JANUARY_SALE),
    Campaign("vinterrea", (1, 1), (1, 20), "REA30", 30, JANUARY_SALE),
    Campaign(
        "varens-sneakers",
        (3, 15),
        (4, 20),
        "",
        0,
        _subjects("Vårens sneakers är här", "Forårets sneakers er her", "Spring sneakers are here"),
    ),
    Campaign(
        "sandalsommar",
        (5, 20),
        (6, 25),
        "SANDAL15",
        15,
        _subjects("15 % på sandaler", "15 % på sandaler", "15% off sandals"),
    ),
    Campaign(
        "sommarrea",
        (7, 1),
        (7, 21),
        "SOMMAR30",
        30,
        _subjects("Sommarrean har börjat", "Sommerudsalget er begyndt", "The summer sale is on"),
    ),
    Campaign(
        "skolstart",
        (8, 5),
        (8, 25),
        "SKOLA10",
        10,
        _subjects(
            "Nya skor till skolstarten", "Nye sko til skolestart", "New shoes for the first bell"
        ),
    ),
    Campaign(
        "hoststovlar",
        (9, 10),
        (10, 31),
        "",
        0,
        _subjects("Höstens stövlar", "Efterårets støvler", "Boots for the autumn"),
    ),
    Campaign(
        "julklappar",
        (12, 1),
        (12, 20),
        "",
        0,
        _subjects("Mjuka klappar i tid", "Bløde pakker i god tid", "Soft parcels in good time"),
    ),
)


def black_friday(year: int) -> date:
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 22)


def campaign_on(day: date) -> Campaign | None:
    if -4 <= (day - black_friday(day.year)).days <= 3:
        return BLACK_WEEK
    for campaign in CAMPAIGNS:
        if campaign.first <= (day.month, day.day) <= campaign.last:
            return campaign
    return None


_MONTHS = (1.2, 0.75, 0.95, 1.1, 1.1, 1.0, 0.85, 1.05, 1.15, 1.2, 1.25, 1.25)
_WEEK = (1.05, 1.0, 0.95, 0.95, 0.9, 0.95, 1.2)

_SPRING = {"Sneakers": 9, "Loafers": 4, "Pumps": 3, "Running": 4, "Hiking": 2, "Rain boots": 2}
_SUMMER = {"Sandals": 10, "Sneakers": 5, "Hiking": 3, "Running": 2, "Loafers": 2, "Pumps": 1}
_AUTUMN = {"Boots": 9, "Rain boots": 4, "Sneakers": 4, "Hiking": 2, "Loafers": 3, "Slippers": 2}
_WINTER = {"Boots": 9, "Slippers": 4, "Sneakers": 4, "Pumps": 3, "Running": 2, "Loafers": 2}
_WANTED = [
    [category for category, share in season.items() for _ in range(share)]
    for season in (
        *(_WINTER, _WINTER, _SPRING, _SPRING, _SUMMER, _SUMMER),
        *(_SUMMER, _AUTUMN, _AUTUMN, _AUTUMN, _WINTER, _WINTER),
    )
]

# One hour for every share of the visits that begin in it.
WEB_HOURS = [
    *(0, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 12, 13, 13, 14, 15, 16, 17, 17, 18, 18),
    *(19, 19, 19, 20, 20, 20, 20, 21, 21, 21, 21, 22, 22, 23),
]


@dataclass(frozen=True)
class Day:
    midnight: float
    date: date
    campaign: Campaign | None
    wanted: list[str]

    def at(self, when: time) -> float:
        return datetime.combine(self.date, when, HOME_ZONE).timestamp()


def _weight(day: Day) -> float:
    weight = _MONTHS[day.date.month - 1] * _WEEK[day.date.weekday()]
    if day.campaign is BLACK_WEEK:
        return weight * (5 if day.date.weekday() == 4 else 2.5)
    return weight * (1.3 if day.campaign and day.campaign.percent else 1)


class Calendar:
    """The days of the history, and a month more for what is promised within it."""

    def __init__(self, start: datetime, until: datetime) -> None:
        first = start.astimezone(HOME_ZONE).date()
        self.length = (until.astimezone(HOME_ZONE).date() - first).days + 1
        self.days = []
        for number in range(self.length + 31):
            day = first + timedelta(days=number)
            midnight = datetime.combine(day, time(), HOME_ZONE).timestamp()
            self.days.append(Day(midnight, day, campaign_on(day), _WANTED[day.month - 1]))
        self._midnights = [day.midnight for day in self.days]
        self._weights = [0.0, *accumulate(_weight(day) for day in self.days[: self.length])]

    def number(self, at: float) -> int:
        return bisect_right(self._midnights, at) - 1

    def on(self, at: float) -> Day:
        return self.days[self.number(at)]

    def some_day(self, dice: Random, first: int, last: int) -> Day:
        """A day from `first` to before `last`, the busier the likelier."""
        share = dice.uniform(self._weights[first], self._weights[last])
        return self.days[min(bisect_right(self._weights, share) - 1, last - 1)]

    def some_hour(self, dice: Random, day: Day) -> float:
        hour = dice.choice(WEB_HOURS)
        return day.midnight + hour * 3600 + dice.random() * 3600

    def in_store(self, dice: Random, store: Store, at: float) -> float:
        """A moment in the store's opening hours, on the day of `at` or the next open one."""
        for day in self.days[self.number(at) :]:
            if hours := store.hours_on(day.date):
                opens, closes = day.at(hours[0]), day.at(hours[1])
                if closes - 2400 > at:
                    return dice.uniform(max(opens, at), closes - 1800)
        return self.days[-1].midnight

    def in_office(self, dice: Random, at: float) -> float:
        """A moment after `at` when somebody answers the phone: weekdays from nine to six."""
        for day in self.days[self.number(at) :]:
            if day.date.weekday() < 5:
                closes = day.midnight + 18 * 3600
                if closes > at:
                    return dice.uniform(max(day.midnight + 9 * 3600, at), closes)
        return self.days[-1].midnight
