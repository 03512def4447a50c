"""Two years of Nordsko: everybody's plans, and what came of them."""

import zlib
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import partial
from itertools import pairwise
from random import Random

from spindel.demo.nordsko.contact import call, send_newsletter
from spindel.demo.nordsko.in_store import enrol, visit_store
from spindel.demo.nordsko.messages import Message
from spindel.demo.nordsko.online import change_details, register, visit_app, visit_web
from spindel.demo.nordsko.people import Person, everyone, stranger
from spindel.demo.nordsko.seasons import HOME_ZONE
from spindel.demo.nordsko.story import plan_annas_last_weeks
from spindel.demo.nordsko.town import Deed, Town

HISTORY = timedelta(days=730)
CALL_REASONS = ("stock", "stock", "size", "return", "invoice", "gift card", "opening hours")
MONTHLY = {"sv-SE": "Nytt hos Nordsko", "da-DK": "Nyt hos Nordsko", "en-GB": "New at Nordsko"}


def history(
    until: datetime, customers: int = 5_000, seed: int = 20
) -> Iterator[tuple[str, Message]]:
    """(source, message) in time order, ending at `until`; the same arguments give the same
    messages. Messages share their parts, so take them for read-only."""
    dice = Random(seed)
    people = everyone(dice, customers, until.astimezone(HOME_ZONE).date())
    town = Town(until - HISTORY, until, people, dice)
    plan_two_years(town)
    plan_annas_last_weeks(town)
    # Another history is other messages, also for a collector that has seen this one.
    run = zlib.crc32(f"{until.timestamp()} {customers} {seed}".encode())
    for number, (_, source, message) in enumerate(town.play()):
        message["messageId"] = f"ns-{run:08x}-{number}"
        yield source, message


def plan_two_years(town: Town) -> None:
    anna, *others = town.people
    deeds = plan_visits(town, anna, 0, town.calendar.length - 24, 40)
    for person in others:
        deeds += plan_person(town, person)
    for _ in range(len(town.people) * 5 // 4):
        day = town.calendar.some_day(town.dice, 0, town.calendar.length)
        at = town.calendar.some_hour(town.dice, day)
        deeds.append((at, partial(drop_in, town)))
    for _ in range(len(town.people) // 2):
        day = town.calendar.some_day(town.dice, 0, town.calendar.length)
        deeds.append((day.midnight, partial(walk_in, town)))
    town.plan_all(deeds + plan_newsletters(town))


def plan_person(town: Town, person: Person) -> list[tuple[float, Deed]]:
    """Most people come a few times in two years, a few every week; some stop, some are new."""
    dice, length = town.dice, town.calendar.length
    first = dice.randrange(length - 1) if town.chance(0.6) else 0
    last = length if town.chance(0.65) else dice.randint(first + 1, length)
    times = min(1 + int(dice.lognormvariate(1.05, 1.2)), 150)
    deeds = plan_visits(town, person, first, last, times)
    known_from = town.calendar.some_day(dice, first, last)
    if person.browsers:
        deeds.append((town.calendar.some_hour(dice, known_from), partial(register, town, person)))
    elif person.card and person.store:
        at = town.calendar.in_store(dice, person.store, known_from.midnight)
        deeds.append((at, partial(enrol, town, person)))
    else:
        asked = town.calendar.in_office(dice, known_from.midnight)
        deeds.append((asked, partial(call, town, person, dice.choice(CALL_REASONS))))
    if town.chance(0.16):
        at = town.calendar.some_day(dice, first, last).midnight
        asked = town.calendar.in_office(dice, at)
        deeds.append((asked, partial(call, town, person, dice.choice(CALL_REASONS))))
    if person.changes_to:
        at = town.calendar.some_hour(dice, town.calendar.some_day(dice, first, last))
        deeds.append((at, partial(change_details, town, person)))
    return deeds


def plan_visits(
    town: Town, person: Person, first: int, last: int, times: int
) -> list[tuple[float, Deed]]:
    deeds: list[tuple[float, Deed]] = []
    to_store = 0.0 if not person.store else 0.2 if person.browsers else 1.0
    to_app = 0.5 if person.app else 0.0
    for _ in range(times):
        day = town.calendar.some_day(town.dice, first, last)
        at = town.calendar.some_hour(town.dice, day)
        if town.chance(to_store):
            deeds.append((day.midnight, partial(visit_store, town, person)))
        elif town.chance(to_app):
            deeds.append((at, partial(visit_app, town, person)))
        else:
            deeds.append((at, partial(visit_web, town, person)))
    return deeds


def drop_in(town: Town, at: float) -> None:
    visit_web(town, stranger(town.dice), at)


def walk_in(town: Town, at: float) -> None:
    visit_store(town, stranger(town.dice), at)


def plan_newsletters(town: Town) -> list[tuple[float, Deed]]:
    """On the first Thursday of the month, and on the first morning of a campaign."""
    deeds: list[tuple[float, Deed]] = []
    days = town.calendar.days[: town.calendar.length]
    for yesterday, day in pairwise(days):
        if day.date.weekday() == 3 and day.date.day <= 7:
            name = f"nytt-{day.date:%Y-%m}"
            deeds.append((day.at(time(10)), partial(mail_all, town, name, MONTHLY)))
        campaign = day.campaign
        if campaign and not (yesterday.campaign and yesterday.campaign.name == campaign.name):
            send = partial(mail_all, town, campaign.name, campaign.subjects)
            deeds.append((day.at(time(7, 30)), send))
    return deeds


def mail_all(town: Town, name: str, subjects: dict[str, str], at: float) -> None:
    for person, comes_at in send_newsletter(town, name, subjects, at):
        town.plan(comes_at, partial(visit_web, town, person, letter=name))
