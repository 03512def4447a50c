"""Numbers, opening hours and distances, without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindel.catalogue import rules
from spindel.catalogue.rules import Hours, parse_hours

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def at(text: str, zone: ZoneInfo = STOCKHOLM) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


# --- GTIN -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("4006381333931", "04006381333931"),
        ("400-6381 333931", "04006381333931"),
        ("036000291452", "00036000291452"),
        ("96385074", "00000096385074"),
        ("10614141000415", "10614141000415"),
    ],
)
def test_a_gtin_of_any_length_becomes_fourteen_digits(written: str, kept: str) -> None:
    assert rules.gtin14(written) == kept


@pytest.mark.parametrize("text", ["4006381333932", "123", "", "4006381x33931", "١٢٣٤٥٦٧٨"])
def test_what_is_no_gtin_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="GTIN"):
        rules.gtin14(text)


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(digits: str, place: int, by: int) -> None:
    good = digits + rules.check_digit(digits)
    assert rules.gtin14(good)
    wrong = good[:place] + str((int(good[place]) + by) % 10) + good[place + 1 :]
    with pytest.raises(ValueError, match="check digit"):
        rules.gtin14(wrong)


# --- opening hours --------------------------------------------------------------------------------

WEEK = {str(day): [["10:00", "19:00"]] for day in range(1, 7)}  # closed on Sundays


def hours(
    week: dict[str, object] | None = None, exceptions: dict[str, object] | None = None
) -> Hours:
    return parse_hours(WEEK if week is None else week, exceptions or {}, "Europe/Stockholm")


def test_a_place_is_open_from_its_opening_until_just_before_its_closing() -> None:
    assert not rules.is_open(hours(), at("2026-11-20T09:59:59"))
    assert rules.is_open(hours(), at("2026-11-20T10:00"))
    assert rules.is_open(hours(), at("2026-11-20T18:59:59"))
    assert not rules.is_open(hours(), at("2026-11-20T19:00"))


def test_until_tomorrow_is_tomorrows_closing_time() -> None:
    assert rules.closing_on(hours(), at("2026-11-19T15:00")) == at("2026-11-20T19:00")


def test_until_tomorrow_passes_over_a_closed_sunday() -> None:
    assert rules.closing_on(hours(), at("2026-11-21T15:00")) == at("2026-11-23T19:00")


def test_until_tomorrow_knows_exceptions() -> None:
    christmas: dict[str, object] = {"2026-12-25": [], "2026-12-26": [["11:00", "16:00"]]}
    found = rules.closing_on(hours(exceptions=christmas), at("2026-12-24T12:00"))
    assert found == at("2026-12-26T16:00")


def test_tomorrow_is_the_places_tomorrow_not_the_askers() -> None:
    late = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)  # already Friday in Stockholm
    assert rules.closing_on(hours(), late) == at("2026-11-21T19:00")


def test_the_day_of_two_spans_ends_with_the_last() -> None:
    split: dict[str, object] = {"5": [["15:00", "18:00"], ["09:00", "12:00"]]}
    assert not rules.is_open(hours(split), at("2026-11-20T13:00"))
    assert rules.closing_on(hours(split), at("2026-11-19T12:00")) == at("2026-11-20T18:00")


def test_a_night_past_midnight_belongs_to_the_day_that_it_began_on() -> None:
    night: dict[str, object] = {"5": [["18:00", "02:00"]]}
    assert rules.is_open(hours(night), at("2026-11-21T01:59"))
    assert not rules.is_open(hours(night), at("2026-11-21T02:00"))
    assert rules.closing_on(hours(night), at("2026-11-19T12:00")) == at("2026-11-21T02:00")


def test_open_around_the_clock() -> None:
    always: dict[str, object] = {str(day): [["00:00", "24:00"]] for day in range(1, 8)}
    assert rules.is_open(hours(always), at("2026-11-21T00:00"))
    assert rules.is_open(hours(always), at("2026-11-21T23:59:59"))


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_the_clock_on_the_wall_counts_when_the_clocks_change(day: str) -> None:
    every: dict[str, object] = {str(one): [["10:00", "18:00"]] for one in range(1, 8)}
    before = at(day) - timedelta(days=1)
    assert rules.closing_on(hours(every), before + timedelta(hours=12)) == at(f"{day}T18:00")
    assert rules.is_open(hours(every), at(f"{day}T10:00"))
    assert not rules.is_open(hours(every), at(f"{day}T09:59"))


def test_hours_that_the_change_to_summer_time_swallows_do_not_exist() -> None:
    early: dict[str, object] = {"7": [["02:15", "02:45"], ["02:50", "03:00"]]}
    opens = rules.opens_next(hours(early), at("2026-03-28T12:00"))
    assert opens == datetime(2026, 3, 29, 1, 15, tzinfo=UTC)  # the wall shows 03:15
    assert len(hours(early).between(date(2026, 3, 29))) == 1


def test_a_place_that_never_opens_has_no_tomorrow() -> None:
    assert rules.closing_on(hours({}), at("2026-11-19T12:00")) is None
    assert rules.opens_next(hours({}), at("2026-11-19T12:00")) is None
    assert not rules.is_open(hours({}), at("2026-11-19T12:00"))


@pytest.mark.parametrize(
    ("week", "exceptions", "zone"),
    [
        ({"0": []}, {}, "Europe/Stockholm"),
        ({"1": [["10", "18"]]}, {}, "Europe/Stockholm"),
        ({"1": [["10:00", "25:00"]]}, {}, "Europe/Stockholm"),
        ({"1": [["24:00", "10:00"]]}, {}, "Europe/Stockholm"),
        ({"1": ["10:00", "18:00"]}, {}, "Europe/Stockholm"),
        ({"1": "10:00-18:00"}, {}, "Europe/Stockholm"),
        ({"1": [["10:00", "14:00"], ["13:00", "18:00"]]}, {}, "Europe/Stockholm"),
        ({"1": [["10:00", "14:00"]] * 7}, {}, "Europe/Stockholm"),
        ({}, {"24/12": []}, "Europe/Stockholm"),
        ({}, {"2026-02-30": []}, "Europe/Stockholm"),
        ({}, {}, "Europe/Atlantis"),
        ({}, {}, "../../etc/passwd"),
    ],
)
def test_hours_that_say_nothing_are_refused(
    week: dict[str, object], exceptions: dict[str, object], zone: str
) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_hours(week, exceptions, zone)


_minute = st.integers(0, 24 * 60 - 1).map(lambda n: f"{n // 60:02}:{n % 60:02}")
_week = st.dictionaries(
    st.sampled_from("1234567"), st.tuples(_minute, _minute).map(lambda span: [span])
)
_zones = st.sampled_from(["Europe/Stockholm", "America/New_York", "Asia/Kathmandu", "UTC"])
_moments = st.integers(0, 4 * 366 * 24 * 60).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(_week, _zones, _moments)
def test_until_tomorrow_ends_after_today_at_a_moment_when_the_place_closes(
    week: dict[str, object], zone: str, moment: datetime
) -> None:
    found = parse_hours(week, {}, zone)
    end = rules.closing_on(found, moment)
    if end is None:
        assert not any(week.values())
        return
    assert end > moment
    assert rules.is_open(found, end - timedelta(seconds=1))
    assert found.today(end - timedelta(seconds=1)) > found.today(moment)


@given(_week, _zones, _moments)
def test_a_place_is_open_or_opens_next(
    week: dict[str, object], zone: str, moment: datetime
) -> None:
    found = parse_hours(week, {}, zone)
    opens = rules.opens_next(found, moment)
    if opens is not None:
        assert opens > moment
        assert rules.is_open(found, opens)


# --- where ----------------------------------------------------------------------------------------


def test_distances_are_those_of_the_map() -> None:
    gothenburg, stockholm, copenhagen = (57.7046, 11.9643), (59.3339, 18.0613), (55.6808, 12.5766)
    assert rules.distance(gothenburg, stockholm) == pytest.approx(396, abs=5)
    assert rules.distance(gothenburg, copenhagen) == pytest.approx(228, abs=5)


_positions = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@given(_positions, _positions)
def test_a_distance_is_the_same_both_ways_and_no_longer_than_half_the_earth(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    there = rules.distance(one, other)
    assert there == pytest.approx(rules.distance(other, one), abs=1e-6)
    assert 0 <= there <= 20_016


@pytest.mark.parametrize("text", ["", "57", "57,11,12", "x,y", "91,0", "0,181", "nan,nan"])
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        rules.parse_position(text)
