"""Two customers to follow: Anna, who is in the history, and Maja, who is played live."""

import uuid
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from random import Random

from spindel.demo.nordsko import messages
from spindel.demo.nordsko.catalogue import PRODUCT, STORE, Store
from spindel.demo.nordsko.contact import converse
from spindel.demo.nordsko.in_store import ring_up
from spindel.demo.nordsko.messages import Message, Sent
from spindel.demo.nordsko.people import FAMILY, USER_AGENTS, Browser, Person
from spindel.demo.nordsko.seasons import HOME_ZONE
from spindel.demo.nordsko.town import Town

VALLGATAN = STORE["goteborg-vallgatan"]
KOBMAGERGADE = STORE["kobenhavn-kobmagergade"]
VINGA = PRODUCT["vinga"]
VINGA_38 = VINGA.variant(38, "black")
MAJAS_38, MAJAS_39 = VINGA.variant(38, "white"), VINGA.variant(39, "white")
HAGA_37, HAGA_38 = (PRODUCT["haga"].variant(size, "cream") for size in (37, 38))
SLIPPERS = PRODUCT["sovmorgon"].variant(38, "grey")


def plan_annas_last_weeks(town: Town) -> None:
    """What she has on her mind when somebody opens her page today."""
    anna = town.people[0]
    today = datetime.fromtimestamp(town.until, HOME_ZONE).date()

    def ago(days: int, clock: str) -> float:
        day = today - timedelta(days=days)
        return datetime.combine(day, time.fromisoformat(clock), HOME_ZONE).timestamp()

    def open_ago(days: int, store: Store) -> float:
        while store.hours_on(today - timedelta(days=days)) is None:
            days += 1
        return ago(days, "12:40")

    exchanged_at = open_ago(13, KOBMAGERGADE)
    town.plan(open_ago(20, VALLGATAN), partial(_buys_haga, town, anna, exchanged_at))
    town.plan(ago(9, "07:41"), partial(_reads_a_letter, town, anna))
    town.plan(ago(6, "20:31"), partial(_sees_an_ad, town, anna))
    weekday = next(days for days in (4, 5, 6) if (today - timedelta(days)).weekday() < 5)
    town.plan(ago(weekday, "10:20"), partial(_calls, town, anna))
    town.plan(ago(3, "12:10"), partial(_saves_it_in_the_app, town, anna))
    town.plan(ago(1, "16:05"), partial(_asks_in_the_chat, town, anna))


def _buys_haga(town: Town, anna: Person, exchanged_at: float, at: float) -> None:
    """A size too small, which she finds out on a weekend in København."""
    receipt = ring_up(town, VALLGATAN, [HAGA_37], {"card": anna.card}, at)
    till = messages.server("pos", {"card": anna.card})
    exchanged = messages.exchange(receipt, KOBMAGERGADE, HAGA_37, HAGA_38, "too small")
    town.send(till.track(exchanged_at, "Item Exchanged", exchanged))


def _reads_a_letter(town: Town, anna: Person, at: float) -> None:
    mail = messages.server("mail", {"email": anna.emails[0]})
    letter: Message = {
        "email_id": "anna-vinga",
        "email_subject": "Vinga är tillbaka",
        "campaign_id": "vinga-tillbaka",
        "campaign_name": "vinga-tillbaka",
    }
    link: Message = {"link_id": "hero", "link_url": messages.SHOP + VINGA.url}
    town.send(mail.track(at, "Email Delivered", letter))
    town.send(mail.track(at + 700, "Email Opened", letter))
    town.send(mail.track(at + 722, "Email Link Clicked", {**letter, **link}))
    source = messages.newsletter("vinga-tillbaka")
    client = messages.web(anna.browsers[0], anna.locale, anna.user_id, source)
    town.send(client.look(at + 724, "Vinga", VINGA.url))
    town.send(client.identify(at + 725, anna.traits(anna.emails[0])))
    town.send(client.track(at + 726, "Product Viewed", messages.view(VINGA_38, "SEK")))


def _sees_an_ad(town: Town, anna: Person, at: float) -> None:
    source = messages.paid("vinga-i-host")
    clicked: Message = {"network": "facebook", "campaign": "vinga-i-host", "creative": "film-15s"}
    town.send(messages.ads(anna.browsers[0], source).track(at, "Ad Clicked", clicked))
    client = messages.web(anna.browsers[0], anna.locale, anna.user_id, source)
    cart: Message = {"cart_id": "c-anna", **messages.line(SLIPPERS, "SEK")}
    viewed: Message = {"cart_id": "c-anna", "products": [messages.line(SLIPPERS, "SEK")]}
    town.send(client.look(at + 3, "Vinga", VINGA.url, "https://l.facebook.com/"))
    town.send(client.track(at + 4, "Product Viewed", messages.view(VINGA_38, "SEK")))
    client.turn_to(PRODUCT[SLIPPERS.product_id].url, "Sovmorgon – Nordsko")
    town.send(client.track(at + 90, "Product Viewed", messages.view(SLIPPERS, "SEK")))
    town.send(client.track(at + 120, "Product Added", cart))
    town.send(client.look(at + 130, "Cart", "/shop/cart"))
    town.send(client.track(at + 131, "Cart Viewed", viewed))


def _calls(town: Town, anna: Person, at: float) -> None:
    switchboard = messages.server("phone", {"phone": anna.phone})
    about: Message = {"call_id": "call-anna", "direction": "inbound"}
    ended: Message = {**about, "duration": 214, "reason": "size", "agent_name": "Elin"}
    town.send(switchboard.track(at, "Call Started", about))
    town.send(switchboard.track(at + 214, "Call Ended", ended))


def _saves_it_in_the_app(town: Town, anna: Person, at: float) -> None:
    assert anna.app
    client = messages.app(anna.app, anna.locale, anna.user_id)
    wish = messages.view(VINGA_38, "SEK")
    town.send(client.look(at, "Vinga", VINGA.url))
    town.send(client.track(at + 15, "Product Added to Wishlist", wish))
    town.send(
        client.track(
            at + 1900, "Store Visited", {"store": VALLGATAN.slug, "store_name": VALLGATAN.name}
        )
    )


def _asks_in_the_chat(town: Town, anna: Person, at: float) -> None:
    client = messages.web(anna.browsers[0], anna.locale, anna.user_id)
    sold_out: Message = {**messages.view(VINGA_38, "SEK"), "availability": "sold out"}
    town.send(client.look(at, "Vinga", VINGA.url))
    town.send(client.track(at + 1, "Product Viewed", sold_out))
    texts = [
        "Hej! Vinga i 38 är slut på webben nu, jag borde ha slagit till. Finns den i Göteborg?",
        "Hej Anna, jag tittar. Ja, Vallgatan har ett par 38 i svart kvar.",
        f"Åh! Kan ni lägga undan det? Jag heter {anna.name}, {anna.emails[0]}",
        "Det ligger i kassan till stängning i morgon. Vi skickar en bekräftelse.",
        "Tusen tack",
    ]
    chat = messages.chat(anna.browsers[0], anna.locale)
    at = converse(chat, town, texts, "Elin", anna.emails[0], at + 60)
    agent = messages.server("chat", {"email": anna.emails[0], "phone": anna.phone})
    until = VALLGATAN.closing_after(town.calendar.on(at).date)
    reserved = messages.reservation(VALLGATAN, VINGA_38, until)
    town.send(agent.track(at + 5, "Stock Reserved", reserved))
    mail = messages.server("mail", {"email": anna.emails[0]})
    about: Message = {"email_id": "anna-reserved", "email_subject": "Vinga 38 väntar i Göteborg"}
    town.send(mail.track(at + 20, "Email Delivered", about))
    town.send(mail.track(at + 400, "Email Opened", about))


@dataclass(frozen=True, slots=True)
class Touch:
    """What a channel tells of her, so many seconds after what was before."""

    after: float
    source: str
    message: Message


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody at Nordsko (`who`) asks of Spindel: it records itself what comes of that.

    `order` in the body stands for the number of the order that the deeds before have made.
    """

    after: float
    who: str
    name: str
    path: str
    body: Message


def shopper_story(now: datetime, run: str) -> list[Touch | Deed]:
    """From an ad to an exchange in another country.

    Nobody knows Maja before. What names her is told piece by piece, each beside one that is known:
    browser, e-mail and phone in the chat, phone and card at the till.
    """
    digits = zlib.crc32(run.encode())
    browser = Browser(str(uuid.uuid5(uuid.NAMESPACE_URL, f"{messages.SHOP}/{run}")), USER_AGENTS[0])
    email = f"maja.{run}@example.com".lower()
    # No number in the history begins with 073; these are made up as well.
    phone = f"+4673{digits % 10_000_000:07d}"
    card = f"NK 9{digits:010d}"

    source = messages.paid("vinga-i-host")
    ad = messages.ads(browser, source)
    web = messages.web(browser, "sv-SE", campaign=source)
    chat = messages.chat(browser, "sv-SE")
    till = messages.server("pos", {"phone": phone, "card": card})

    clicked: Message = {"network": "facebook", "campaign": source["name"], "creative": "film-15s"}
    listed: Message = {"list_id": "sneakers", "category": "Sneakers"}
    listed["products"] = messages.LISTED["Sneakers"]
    sold_out: Message = {**messages.view(MAJAS_38, "SEK"), "availability": "sold out"}
    talk: Message = {"conversation_id": f"chat-{run}", "agent_name": "Jonas"}

    clock = now.timestamp()
    story: list[Touch | Deed] = []

    def tell(after: float, how: Callable[..., Sent], *what: object) -> None:
        nonlocal clock
        clock += after
        _, source, message = how(clock, *what)
        message["messageId"] = f"ns-{run}-{len(story)}"
        story.append(Touch(after, source, message))

    def ask(after: float, who: str, name: str, path: str, body: Message) -> None:
        nonlocal clock
        clock += after
        story.append(Deed(after, who, name, path, body))

    def write(after: float, text: str) -> None:
        tell(after, chat.track, "Live Chat Message Sent", {**talk, "message_body": text})

    def answer(after: float, text: str) -> None:
        tell(after, chat.track, "Live Chat Message Received", {**talk, "message_body": text})

    tell(0, ad.track, "Ad Clicked", clicked)
    tell(1.5, web.look, "Om Nordsko", "/shop/brands/nordsko", "https://l.facebook.com/")
    tell(3, web.look, "Sneakers", "/shop/sneakers")
    tell(0.4, web.track, "Product List Viewed", listed)
    tell(2.5, web.look, "Vinga", VINGA.url)
    tell(0.4, web.track, "Product Viewed", messages.view(MAJAS_39, "SEK"))
    tell(2, web.track, "Product Viewed", sold_out)

    tell(2, chat.track, "Live Chat Conversation Started", talk)
    write(1, "Hej! Vinga i 38 är slut. Finns den i någon butik i Göteborg?")
    answer(3, f"Hej! Jag tittar. Ja, på {VALLGATAN.address}. Ska jag lägga undan ett par?")
    chat.context["traits"] = {"email": email, "phone": phone}
    write(2.5, f"Ja tack, gärna till i morgon! {email}, {phone}")
    pair: Message = {"sku": MAJAS_38.sku, "place": VALLGATAN.slug}
    held: Message = {"lines": [pair], "until": "tomorrow", "whose": f"phone:{phone}"}
    ask(2, "agent", "Stock Reserved", "/api/stock/holds", {**held, "channel": "chat"})
    answer(1, "Klart. Det ligger i kassan till stängning i morgon.")
    tell(2, chat.track, "Live Chat Conversation Ended", talk)

    name: Message = {"first_name": "Maja", "last_name": Random(run).choice(FAMILY["sv-SE"])}
    # With her address, what she buys over a counter is on her page in the web shop, too.
    tell(4, till.identify, {**name, "email": email, "phone": phone, "card": card})
    bought: Message = {"items": [{**pair, "fulfilment": "hand_over"}], "whose": f"phone:{phone}"}
    at_till: Message = {"pay_by": "till", "channel": "store", "place": VALLGATAN.slug}
    ask(1, "till", "Order Completed", "/api/orders", {**bought, **at_till})
    back: Message = {"line": 0, "reason": "too small"}
    swap: Message = {"order": "", "lines": [back], "wanted": [{"sku": MAJAS_39.sku}]}
    swap |= {"place": KOBMAGERGADE.slug, "whose": f"card:{card}"}
    ask(5, "till", "Item Exchanged", "/api/returns/exchanges", swap)
    return story


def shelves_for_maja() -> list[tuple[str, str]]:
    """Of what there must be a pair where, before she comes."""
    return [(MAJAS_38.sku, VALLGATAN.slug), (MAJAS_39.sku, KOBMAGERGADE.slug)]
