"""When a source is silent, and when it is only quiet. No database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from spindel.collect import silence

ZONE = ZoneInfo("Europe/Stockholm")
# A Thursday in winter.
NOON = datetime(2026, 11, 19, 11, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def weeks(per_hour, count: int = 5) -> dict[datetime, int]:
    """The tallies of the last weeks: `per_hour` says for a local time how many came."""
    start = NOON.replace(hour=0)
    hours = (start - HOUR * back for back in range(-24, 24 * 7 * count))
    found = {hour: per_hour(hour.astimezone(ZONE)) for hour in hours}
    return {hour: number for hour, number in found.items() if number}


def shop(local: datetime) -> int:
    """Busy by day, nobody at night."""
    return 2_400 if 8 <= local.hour < 22 else 0


def find(counts, quiet: timedelta, now: datetime = NOON, age: timedelta = timedelta(weeks=20)):
    return silence.find(counts, now - quiet, now, now - age, ZONE)


def test_a_busy_source_that_says_nothing_for_an_hour_is_silent_and_usual_is_told() -> None:
    found = find(weeks(shop), HOUR)
    assert found is not None
    assert round(found.usual) == 2_400
    assert found.since == NOON - HOUR


def test_a_few_minutes_are_no_silence() -> None:
    assert find(weeks(shop), timedelta(minutes=9)) is None


def test_a_quiet_night_alarms_nobody() -> None:
    four = NOON.replace(hour=3)
    assert find(weeks(shop), HOUR * 6, four) is None


def test_a_night_that_goes_on_into_the_morning_does() -> None:
    morning = NOON.replace(hour=9)
    assert find(weeks(shop), HOUR * 12, morning) is not None


def test_a_source_that_rests_at_the_weekend_may() -> None:
    saturday = NOON + timedelta(days=2)
    counts = weeks(lambda local: shop(local) if local.isoweekday() < 6 else 0)
    assert find(counts, timedelta(hours=14), saturday) is None


def test_a_slow_source_is_silent_after_as_many_are_missing() -> None:
    counts = weeks(lambda _local: 5)
    assert find(counts, HOUR * 3) is None
    assert find(counts, HOUR * 5) is not None


def test_one_campaign_makes_nothing_usual() -> None:
    counts = weeks(lambda _local: 0)
    counts[NOON - HOUR - timedelta(weeks=1)] = 100_000
    assert find(counts, HOUR * 3) is None


def test_one_outage_makes_nothing_unusual() -> None:
    counts = weeks(shop)
    for hour in range(24):
        counts.pop(NOON - timedelta(weeks=2) + HOUR * (hour - 12), None)
    assert find(counts, HOUR) is not None


def test_a_new_source_alarms_nobody() -> None:
    counts = weeks(shop)
    assert find(counts, HOUR * 2, age=timedelta(days=2)) is None


def test_a_source_of_some_days_is_measured_by_days_of_the_same_sort() -> None:
    assert find(weeks(shop), HOUR * 2, age=timedelta(days=8)) is not None
    saturday = NOON + timedelta(days=2)
    assert find(weeks(shop), HOUR * 2, saturday, age=timedelta(days=8)) is None


def test_a_file_that_comes_each_night_is_missed_after_its_hour_and_not_within() -> None:
    counts = weeks(lambda local: 5_000 if local.hour == 2 else 0)
    night = NOON.replace(hour=1)  # two o'clock in Stockholm
    last = timedelta(hours=23, minutes=30)
    assert find(counts, last, night + timedelta(minutes=30)) is None
    assert find(counts, last + timedelta(minutes=40), night + timedelta(minutes=70)) is not None


def test_summer_time_does_not_shift_what_is_usual() -> None:
    monday = datetime(2026, 10, 26, 7, 30, tzinfo=UTC)  # the clocks went back the day before
    counts = {
        hour: shop(hour.astimezone(ZONE))
        for hour in (monday.replace(minute=0) - HOUR * n for n in range(24 * 35))
    }
    # At half past eight by the clock on the wall the shop has been open for half an hour.
    assert silence.find(counts, monday - HOUR, monday, monday - timedelta(weeks=9), ZONE) is None
    later = monday + HOUR
    assert silence.find(counts, monday, later, monday - timedelta(weeks=9), ZONE) is not None


def test_a_source_that_has_been_gone_for_weeks_is_gone() -> None:
    counts = {hour: n for hour, n in weeks(shop).items() if hour < NOON - timedelta(weeks=3)}
    assert find(counts, timedelta(weeks=3)) is None
