"""What people do in the stores, as the tills tell it."""

from functools import partial

from spindel.demo.nordsko import messages
from spindel.demo.nordsko.catalogue import PRODUCT, STORES, Store, Variant
from spindel.demo.nordsko.messages import Message, line
from spindel.demo.nordsko.people import Person
from spindel.demo.nordsko.town import DAY, Town, choose, wanted


def visit_store(town: Town, person: Person, at: float) -> None:
    dice = town.dice
    store = person.store if person.store and town.chance(0.88) else dice.choice(STORES)
    comes_at = town.calendar.in_store(dice, store, at)
    town.plan(comes_at, partial(look_around, town, person, store))


def look_around(town: Town, person: Person, store: Store, at: float) -> None:
    if person.app and person.app.anonymous_id in town.logged_in and town.chance(0.7):
        phone = messages.app(person.app, person.locale, person.user_id)
        town.send(phone.track(at, "Store Visited", {"store": store.slug, "store_name": store.name}))
    if town.chance(0.25):
        return  # nothing fitted
    if not person.browsers and person.card:
        enrol(town, person, at + 500)
    items = [choose(town, person, wanted(town, person, at), at)]
    if town.chance(0.15):
        items.append(choose(town, person, wanted(town, person, at), at))
    buy(town, person, store, items, shown(town, person), at + town.dice.uniform(600, 1500))


def pick_up(town: Town, person: Person, store: Store, variant: Variant, at: float) -> None:
    """What was put aside for her: the clerk looks it up by the number on the note."""
    who: Message = {"phone": person.phone}
    if person.card and town.chance(0.8):
        who["card"] = person.card
    buy(town, person, store, [variant], who, at)


def buy(
    town: Town, person: Person, store: Store, items: list[Variant], who: Message, at: float
) -> None:
    receipt = ring_up(town, store, items, who, at)
    person.wish = None
    luck = town.dice.random()
    if luck < 0.06:
        back = partial(exchange, town, person, store, receipt, items[0])
        later = at + town.dice.uniform(1, 14) * DAY
        town.plan(town.calendar.in_store(town.dice, store, later), back)
    elif luck < 0.08:
        back = partial(return_in_store, town, person, store, receipt, items[0])
        later = at + town.dice.uniform(1, 25) * DAY
        town.plan(town.calendar.in_store(town.dice, store, later), back)


def enrol(town: Town, person: Person, at: float) -> None:
    """The clerk signs her up for a card, so that the till knows her next time."""
    if person.card in town.known_cards:
        return
    town.known_cards.add(person.card)
    till = messages.server("pos", {"card": person.card})
    town.send(till.identify(at, person.traits(person.emails[0])))
    if town.chance(0.3):
        town.subscribe(person, person.emails[0])


def shown(town: Town, person: Person) -> Message:
    """What the customer says of herself at the till: often the card, at times nothing at all."""
    luck = town.dice.random()
    if person.card and luck < 0.7:
        return {"card": person.card}
    if person.number and luck < 0.82:
        return {"phone": person.phone}
    if person.number and luck < 0.88:
        return {"email": person.emails[0]}
    return {}


def ring_up(town: Town, store: Store, items: list[Variant], who: Message, at: float) -> str:
    receipt = town.number(f"{store.code}-", 104_233)
    campaign = town.campaign(at)
    percent = campaign.percent if campaign else 0
    bought = messages.order(receipt, items, store.currency, percent=percent)
    bought |= {"affiliation": store.name, "store": store.slug, "store_name": store.name}
    bought["payment_method"] = town.dice.choice(("card", "card", "card", "swish", "gift card"))
    if bought["payment_method"] == "swish" and store.country == "DK":
        bought["payment_method"] = "mobilepay"
    town.send(messages.server("pos", who).track(at, "Order Completed", bought))
    return receipt


def exchange(
    town: Town, person: Person, store: Store, order_id: str, variant: Variant, at: float
) -> None:
    product = PRODUCT[variant.product_id]
    step = town.dice.choice((1, 1, -1))
    if variant.size + step not in product.sizes:
        step = -step
    out = product.variant(variant.size + step, variant.colour)
    reason = "too small" if step > 0 else "too large"
    exchanged = messages.exchange(order_id, store, variant, out, reason)
    who = shown(town, person)
    town.send(messages.server("pos", who).track(at, "Item Exchanged", exchanged))


def return_in_store(
    town: Town, person: Person, store: Store, receipt: str, variant: Variant, at: float
) -> None:
    till = messages.server("pos", shown(town, person))
    returned: Message = {
        "order_id": receipt,
        "store": store.slug,
        "store_name": store.name,
        "reason": "changed their mind",
    }
    town.send(till.track(at, "Item Returned", returned | line(variant, store.currency)))
    refund = messages.refund(receipt, variant, store.currency)
    town.send(
        till.track(
            at + 30, "Order Refunded", refund | {"store": store.slug, "store_name": store.name}
        )
    )
