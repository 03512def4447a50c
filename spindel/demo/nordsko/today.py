"""What goes on at Nordsko hour by hour, once Spindel is open there: a gentle trickle.

An hour is the same whenever it is asked for: its dice come of the seed and of itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count
from random import Random

from spindel.demo.nordsko import messages
from spindel.demo.nordsko.catalogue import STORES, Store, Variant
from spindel.demo.nordsko.contact import call, chat
from spindel.demo.nordsko.habits import CALL_REASONS, HISTORY, MONTHLY
from spindel.demo.nordsko.messages import Client, Message, Sent
from spindel.demo.nordsko.online import REFERRERS, browse, click_ad, log_in
from spindel.demo.nordsko.people import Person, everyone, stranger
from spindel.demo.nordsko.seasons import HOME_ZONE, WEB_HOURS
from spindel.demo.nordsko.shelves import LEFT_ALONE
from spindel.demo.nordsko.town import Town, choose, wanted

HOUR = 3600.0
SEED = 20
_LEAST, _MORE = 4, 5  # visits in an hour at night, and more for each share of the day's in it
_BUSY = Counter(WEB_HOURS)
_FIRST = datetime(2024, 1, 1, tzinfo=UTC).timestamp()
_NUMBERS = 50  # of each series in an hour, at most


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does at `at` that Spindel itself does and records: `what` is one of

    - `fill`: the variant goes into the cart of a visit, to be sent, or to be fetched at `store`;
    - `order`: what is in it is ordered, and paid by `pay_by`; `refuse`: the bank refuses the card;
    - `hold`: the store holds the variant until tomorrow;
    - `sell`: it is bought over the store's counter; `shows` names the customer, if anything does.
    """

    at: float
    what: str
    visit: str
    person: Person
    variant: Variant
    store: Store | None = None
    channel: str = "web"
    pay_by: str = ""
    shows: str = ""
    refuse: bool = False


def goings_on(since: float, seed: int = SEED, customers: int = 5_000) -> Iterator[Sent | Act]:
    """What happens after the Unix time `since`, in order of time, without an end."""
    # As many as the history tells of: of fewer they would be other people.
    people = everyone(Random(SEED), customers, datetime.fromtimestamp(since, HOME_ZONE).date())
    plain = [one for one in people[1:] if one.is_plain]  # Anna has a story of her own
    number, waiting = count(), list[tuple[float, int, Sent | Act]]()
    # Who came late in an hour is still there in the next.
    for start in count(int(since // HOUR) - 1):
        while waiting and waiting[0][0] < start * HOUR:
            yield heappop(waiting)[2]
        for one in _hour(start * HOUR, seed, plain):
            if one.at > since:
                heappush(waiting, (one.at, next(number), one))


def _hour(start: float, seed: int, people: list[Person]) -> list[Sent | Act]:
    dice = Random(f"{seed} {start}")
    begins = datetime.fromtimestamp(start, HOME_ZONE)
    past = int((start - _FIRST) // HOUR) * _NUMBERS
    town = Town(begins - HISTORY, begins + timedelta(days=1), [], dice, numbers_from=past)
    acts: list[Act] = []
    for visit in range(_LEAST + _MORE * _BUSY[begins.hour]):
        at = start + dice.random() * HOUR
        person = replace(dice.choice(people), wish=None)
        luck = dice.random()
        if luck < 0.32 and (store := _open_store(town, person, at)):
            acts += _at_the_counter(town, f"{int(start)}-{visit}", person, store, at)
        elif luck < 0.36 and 9 <= begins.hour < 18 and begins.weekday() < 5:
            call(town, person, dice.choice(CALL_REASONS), at)
        elif luck < 0.39 and 9 <= begins.hour < 20 and person.browsers:
            shoe = choose(town, person, wanted(town, person, at), at)
            chat(town, person, person.browsers[0], "fit", shoe, "", at)
        else:
            acts += _online(town, f"{int(start)}-{visit}", person, at)
    told = list(town.play())
    for number, sent in enumerate(told):
        sent.message["messageId"] = f"nt-{seed}-{int(start)}-{number}"
    return [*told, *acts]


def _open_store(town: Town, person: Person, at: float) -> Store | None:
    store = person.store or town.dice.choice(STORES)
    hours = store.hours_on(town.calendar.on(at).date)
    now = datetime.fromtimestamp(at, HOME_ZONE).time()
    return store if hours and hours[0] <= now < hours[1] else None


def _at_the_counter(
    town: Town, visit: str, person: Person, store: Store, at: float
) -> Iterator[Act]:
    if person.app and town.chance(0.3):
        phone = messages.app(person.app, person.locale, person.user_id)
        here: Message = {"store": store.slug, "store_name": store.name}
        town.send(phone.track(at, "Store Visited", here))
    variant = choose(town, person, wanted(town, person, at), at)
    if variant.sku in LEFT_ALONE or town.chance(0.3):
        return  # nothing fitted
    at += town.dice.uniform(300, 1200)
    shows = f"card:{person.card}" if person.card else f"phone:{person.phone}"
    shows = shows if town.chance(0.8) else ""
    yield Act(at, "sell", visit, person, variant, store, "store", "till", shows)


def _online(town: Town, visit: str, person: Person, at: float) -> Iterator[Act]:
    if not person.browsers or town.chance(0.25):
        person = stranger(town.dice)
    dice = town.dice
    if person.app and town.chance(0.4):
        client = messages.app(person.app, person.locale, person.user_id)
        town.send(client.look(at, "Home", "/"))
    else:
        client, at = _in_a_browser(town, person, at)
    at, variant = browse(town, client, person, at)
    if variant is None or not person.number or variant.sku in LEFT_ALONE:
        return
    luck, act = dice.random(), partial(Act, visit=visit, person=person, variant=variant)
    channel = client.source
    if luck < 0.07 and person.store and person.store.country == person.country:
        at += dice.uniform(20, 90)
        yield act(at, "hold", store=person.store, channel=channel)
    elif luck < 0.5:
        at += dice.uniform(5, 40)
        fetches = person.store if person.store and town.chance(0.25) else None
        if fetches is not None and fetches.country != person.country:
            fetches = None
        yield act(at, "fill", store=fetches, channel=channel)
        at += dice.uniform(20, 90)
        bag: Message = {"products": [messages.line(variant, person.currency)]}
        town.send(client.look(at, "Cart", "/shop/cart"))
        town.send(client.track(at + 0.3, "Cart Viewed", bag | {"cart_id": f"c-{visit}"}))
        if town.chance(0.7):
            at += dice.uniform(10, 60)
            client.turn_to("/shop/checkout", "Checkout – Nordsko")
            price = float(messages.price_of([variant], person.currency))
            begun = bag | {"value": price, "currency": person.currency}
            town.send(client.track(at, "Checkout Started", begun))
            pay_by = dice.choice(("card", "card", "store" if fetches else "invoice"))
            at += dice.uniform(40, 150)
            refuse = town.chance(0.08)
            yield act(at, "order", channel=channel, store=fetches, pay_by=pay_by, refuse=refuse)


def _in_a_browser(town: Town, person: Person, at: float) -> tuple[Client, float]:
    dice, browser = town.dice, person.browsers[0]
    campaign, referrer = None, dice.choice(REFERRERS)
    if town.chance(0.1):
        campaign, referrer = click_ad(town, browser, at), "https://l.facebook.com/"
        at += dice.uniform(1.5, 6)
    elif person.emails and town.chance(0.06):
        campaign, referrer = _open_letter(town, person, at), ""
        at += dice.uniform(15, 30)
    client = messages.web(browser, person.locale, "", campaign)
    client.context["userAgent"] = browser.user_agent
    town.send(client.look(at, "Home", "/shop/", referrer))
    del client.context["userAgent"]  # once a visit, as in the history
    if person.user_id and town.chance(0.5):
        client.ids["userId"] = person.user_id  # logged in on it since who knows when
    elif person.user_id and town.chance(0.2):
        at = log_in(town, client, person, at + dice.uniform(8, 30))
    return client, at


def _open_letter(town: Town, person: Person, at: float) -> Message:
    mail = messages.server("mail", {"email": person.emails[0]})
    name = f"nytt-{town.calendar.on(at).date:%Y-%m}"
    about: Message = {
        "email_id": f"nl-{name}-{person.number}",
        "email_subject": MONTHLY[person.locale],
        "campaign_id": name,
        "campaign_name": name,
    }
    link: Message = {"link_id": "hero", "link_url": f"{messages.SHOP}/shop/?c={name}"}
    town.send(mail.track(at, "Email Opened", about))
    town.send(mail.track(at + 12, "Email Link Clicked", {**about, **link}))
    return messages.newsletter(name)
