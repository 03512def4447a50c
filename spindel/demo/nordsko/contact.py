"""When people write, call and are written to."""

from functools import partial

from spindel.demo.nordsko import messages, talk
from spindel.demo.nordsko.catalogue import PRODUCT, STORES, Store, Variant
from spindel.demo.nordsko.in_store import pick_up
from spindel.demo.nordsko.messages import Client, Message
from spindel.demo.nordsko.people import Browser, Person
from spindel.demo.nordsko.town import DAY, Town


def chat_later(
    town: Town,
    person: Person,
    browser: Browser,
    at: float,
    topic: str,
    variant: Variant,
    order_id: str = "",
) -> None:
    """The chat is manned from nine to eight; who looks at shoes at night can't ask."""
    midnight = town.calendar.on(at).midnight
    if at < midnight + 20 * 3600:
        begins = max(at, midnight + 9 * 3600) + town.dice.uniform(20, 120)
        town.plan(begins, partial(chat, town, person, browser, topic, variant, order_id))


def chat(
    town: Town,
    person: Person,
    browser: Browser,
    topic: str,
    variant: Variant,
    order_id: str,
    at: float,
) -> None:
    dice = town.dice
    client = messages.chat(browser, person.locale)
    email = dice.choice(person.emails)
    if town.chance(0.1):
        email = email.capitalize()  # as the keyboard of a phone begins a sentence
    store = person.store if person.store and town.chance(0.7) else dice.choice(STORES)
    texts = talk.lines(
        dice,
        topic,
        person.locale,
        shoe=PRODUCT[variant.product_id].name,
        size=str(variant.size),
        store=f"{store.city}, {store.address}",
        order=order_id,
        email=email,
        phone=person.phone,
    )
    at = converse(client, town, texts, dice.choice(talk.AGENTS), email, at)
    if topic == "sold out" and town.chance(0.8):
        agent = messages.server("chat", {"email": email, "phone": person.phone})
        reserve(town, agent, person, store, variant, at)


def converse(
    client: Client, town: Town, texts: list[str], agent: str, email: str, at: float
) -> float:
    """The customer speaks first; she leaves her address in her words or when asked for it."""
    about: Message = {"conversation_id": town.number("chat-", 4_100), "agent_name": agent}
    says_email = next((turn for turn, text in enumerate(texts) if email in text), 2)
    town.send(client.track(at, "Live Chat Conversation Started", about))
    for turn, text in enumerate(texts):
        at += town.dice.uniform(8, 70)
        if turn == says_email:
            client.context["traits"] = {"email": email}
        event = "Live Chat Message Received" if turn % 2 else "Live Chat Message Sent"
        town.send(client.track(at, event, {**about, "message_body": text}))
    at += town.dice.uniform(10, 90)
    town.send(client.track(at, "Live Chat Conversation Ended", about))
    return at


def reserve(
    town: Town, client: Client, person: Person, store: Store, variant: Variant, at: float
) -> None:
    """An agent puts a pair aside until tomorrow; most of those are fetched."""
    until = store.closing_after(town.calendar.on(at).date)
    town.send(client.track(at, "Stock Reserved", messages.reservation(store, variant, until)))
    confirm(town, person, at, talk.RESERVED[person.locale].format(store=store.city))
    if town.chance(0.75):
        tomorrow = town.calendar.days[town.calendar.number(at) + 1].midnight
        fetched = town.calendar.in_store(town.dice, store, tomorrow)
        town.plan(fetched, partial(pick_up, town, person, store, variant))


def call(town: Town, person: Person, reason: str, at: float) -> None:
    line = messages.server("phone", {"phone": person.phone})
    about: Message = {"call_id": town.number("call-", 7_700), "direction": "inbound"}
    duration = int(town.dice.lognormvariate(5.2, 0.6))
    agent = town.dice.choice(talk.AGENTS)
    town.send(line.track(at, "Call Started", about))
    ended: Message = {**about, "duration": duration, "reason": reason, "agent_name": agent}
    if reason == "stock" and person.store and person.wish:
        reserve(town, line, person, person.store, person.wish, at + duration * 0.8)
    town.send(line.track(at + duration, "Call Ended", ended))


def confirm(town: Town, person: Person, at: float, subject: str) -> None:
    mail = messages.server("mail", {"email": person.emails[0]})
    about: Message = {"email_id": town.number("m-", 900_000), "email_subject": subject}
    if person.mail_bounces:
        town.send(mail.track(at + 45, "Email Bounced", about))
        return
    town.send(mail.track(at + 45, "Email Delivered", about))
    if town.chance(0.6):
        opened = at + 60 + town.dice.expovariate(1 / 7200)
        town.send(mail.track(opened, "Email Opened", about))


def send_newsletter(
    town: Town, name: str, subjects: dict[str, str], at: float
) -> list[tuple[Person, float]]:
    """To everyone who wants it; answers who comes to the shop by it, and when."""
    dice, coming = town.dice, []
    for number, (email, person) in enumerate(list(town.subscribers.items())):
        mail = messages.server("mail", {"email": email})
        about: Message = {
            "email_id": f"nl-{int(at)}-{number}",
            "email_subject": subjects[person.locale],
            "campaign_id": name,
            "campaign_name": name,
        }
        delivered = at + number * 0.05
        if person.mail_bounces:
            town.send(mail.track(delivered, "Email Bounced", about))
            del town.subscribers[email]
            continue
        town.send(mail.track(delivered, "Email Delivered", about))
        if town.chance(person.mail_habit):
            opened = delivered + 120 + dice.expovariate(1 / DAY) * 0.5
            town.send(mail.track(opened, "Email Opened", about))
            luck = dice.random()
            if luck < 0.13 and person.browsers:
                link: Message = {"link_id": "hero", "link_url": f"{messages.SHOP}/shop/?c={name}"}
                town.send(mail.track(opened + 20, "Email Link Clicked", {**about, **link}))
                coming.append((person, opened + 22))
            elif luck > 0.985:
                town.send(mail.track(opened + 30, "Unsubscribed", about))
                del town.subscribers[email]
    return coming
