"""What people do in the web shop and in the app."""

from decimal import Decimal
from functools import partial

from spindel.demo.nordsko import messages, talk
from spindel.demo.nordsko.catalogue import Variant
from spindel.demo.nordsko.contact import call, chat_later, confirm
from spindel.demo.nordsko.in_store import exchange
from spindel.demo.nordsko.messages import Client, Message, line
from spindel.demo.nordsko.people import Browser, Person
from spindel.demo.nordsko.seasons import Campaign
from spindel.demo.nordsko.town import DAY, SHELVES, Town, choose, wanted

REFERRERS = (
    *("",) * 5,
    *("https://www.google.com/",) * 4,
    "https://www.bing.com/",
    "https://www.instagram.com/",
    "https://www.prisjakt.nu/",
)
SEARCHES = {
    "sv-SE": ("svarta stövlar", "vattentäta skor", "vita sneakers", "breda skor", "barnskor 29"),
    "da-DK": ("sorte støvler", "vandtætte sko", "hvide sneakers", "brede sko", "børnesko 29"),
    "en-GB": ("black boots", "waterproof shoes", "white sneakers", "wide fit", "kids shoes 29"),
}


def visit_web(town: Town, person: Person, at: float, *, letter: str = "") -> None:
    browser = person.browsers[0]
    if len(person.browsers) > 1 and town.chance(0.3):
        browser = town.dice.choice(person.browsers)
    source, referrer = None, town.dice.choice(REFERRERS)
    if letter:
        source, referrer = messages.newsletter(letter), ""
    elif town.chance(0.09):
        source, referrer = click_ad(town, browser, at), "https://l.facebook.com/"
        at += town.dice.uniform(1.5, 6)
    whoever = town.logged_in.get(browser.anonymous_id)
    client = open_browser(town, person, browser, source)
    client.context["userAgent"] = browser.user_agent
    town.send(client.look(at, "Home", "/shop/", referrer))
    del client.context["userAgent"]  # once a visit is enough for a demo
    campaign = town.campaign(at)
    if campaign and campaign.coupon and town.chance(0.12):
        at = promote(town, client, at, campaign)
    if person.user_id and whoever is not person and (whoever or town.chance(0.18)):
        at = log_in(town, client, person, at + town.dice.uniform(8, 30))
    shop(town, client, person, browser, at)


def open_browser(
    town: Town, person: Person, browser: Browser, campaign: Message | None = None
) -> Client:
    """It still knows who logged in last, which in a household may be the other."""
    whoever = town.logged_in.get(browser.anonymous_id)
    return messages.web(browser, person.locale, whoever.user_id if whoever else "", campaign)


def visit_app(town: Town, person: Person, at: float) -> None:
    assert person.app
    client = messages.app(person.app, person.locale, person.user_id)
    if person.app.anonymous_id not in town.logged_in:
        del client.ids["userId"]
        town.send(client.look(at, "Welcome", "/"))
        at = log_in(town, client, person, at + 20)
    else:
        town.send(client.look(at, "Home", "/"))
    shop(town, client, person, person.browsers[0], at)


def click_ad(town: Town, browser: Browser, at: float) -> Message:
    campaign = town.campaign(at)
    source = messages.paid(campaign.name if campaign else "nordsko-alltid")
    creative = town.dice.choice(("karusell", "film-15s", "stillbild"))
    clicked: Message = {"network": "facebook", "campaign": source["name"], "creative": creative}
    town.send(messages.ads(browser, source).track(at, "Ad Clicked", clicked))
    return source


def promote(town: Town, client: Client, at: float, campaign: Campaign) -> float:
    promotion: Message = {
        "promotion_id": campaign.name,
        "creative": f"{campaign.name}-hero",
        "name": campaign.subjects["sv-SE"],
        "position": "home-top",
    }
    town.send(client.track(at + 0.3, "Promotion Viewed", promotion))
    if town.chance(0.4):
        at += town.dice.uniform(2, 9)
        town.send(client.track(at, "Promotion Clicked", promotion))
    return at


def _tell_members(town: Town, person: Person, email: str, at: float) -> None:
    """The shop's server knows who has logged in, and says so when it learns something new."""
    details = (person.user_id, email, person.phone, person.last_name)
    if details not in town.members:
        town.members.add(details)
        members = messages.server("members", {}, person.user_id)
        town.send(members.identify(at, person.traits(email)))


def log_in(town: Town, client: Client, person: Person, at: float) -> float:
    anonymous_id = str(client.ids["anonymousId"])
    client.ids["userId"] = person.user_id
    on_last_browser = anonymous_id == person.browsers[-1].anonymous_id
    email = person.emails[-1 if on_last_browser else 0]
    if client.source == "app" and person.number % 60 == 0:
        town.send(client.alias(at - 0.5, anonymous_id))  # the first version of the app did
    town.send(client.identify(at, person.traits(email)))
    _tell_members(town, person, email, at + 1)
    if person.number % 125 == 7:
        work: Message = {"name": "Kattegattskliniken", "plan": "arbetsskor"}
        town.send(client.group(at + 0.2, "b-17", work))
    town.logged_in[anonymous_id] = person
    if town.chance(0.2):
        town.subscribe(person, email)
    return at + town.dice.uniform(2, 8)


def shop(town: Town, client: Client, person: Person, browser: Browser, at: float) -> None:
    at, variant = browse(town, client, person, at)
    if variant is None or not person.number:
        return
    if town.chance(0.05):
        wish = messages.view(variant, person.currency)
        town.send(client.track(at + 4, "Product Added to Wishlist", wish))
    if town.chance(0.035):
        chat_later(town, person, browser, at, "sold out", variant)
    elif town.chance(0.03):
        chat_later(town, person, browser, at, "fit", variant)
    elif town.chance(0.42):
        fill_cart(town, client, person, variant, at + town.dice.uniform(5, 40))


def browse(town: Town, client: Client, person: Person, at: float) -> tuple[float, Variant | None]:
    """Look around from the front page on: until when, and what was looked at last, if anything."""
    dice, currency = town.dice, person.currency
    if town.chance(0.22):
        return at, None  # looked at the front page and was called to dinner
    product = wanted(town, person, at)
    if town.chance(0.2):
        at += dice.uniform(5, 25)
        client.turn_to("/shop/search", "Search – Nordsko")
        query = dice.choice((*SEARCHES[person.locale], product.name.lower()))
        town.send(client.track(at, "Products Searched", {"query": query}))
    else:
        at += dice.uniform(4, 30)
        slug = product.category.lower().replace(" ", "-")
        town.send(client.look(at, product.category, f"/shop/{slug}"))
        shown = messages.LISTED[product.category]
        properties: Message = {"list_id": slug, "category": product.category, "products": shown}
        town.send(client.track(at + 0.4, "Product List Viewed", properties))
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 4))):
        at += dice.expovariate(1 / 40) + 3
        variant = choose(town, person, product, at)
        town.send(client.look(at, product.name, product.url))
        town.send(client.track(at + 0.3, "Product Viewed", messages.view(variant, currency)))
        person.wish = variant
        product = dice.choice(SHELVES.get((product.category, person.woman)) or [product])
    return at, variant


def fill_cart(town: Town, client: Client, person: Person, variant: Variant, at: float) -> None:
    dice, currency = town.dice, person.currency
    cart_id = town.number("c-", 20_000)
    cart = [variant]
    town.send(client.track(at, "Product Added", {"cart_id": cart_id, **line(variant, currency)}))
    if town.chance(0.22):
        at += dice.uniform(20, 200)
        another = choose(town, person, wanted(town, person, at), at)
        properties = {"cart_id": cart_id, **line(another, currency)}
        town.send(client.track(at, "Product Added", properties))
        if town.chance(0.3):
            at += dice.uniform(20, 200)
            town.send(client.track(at, "Product Removed", properties))
        else:
            cart.append(another)
    at += dice.uniform(3, 60)
    viewed: Message = {"cart_id": cart_id, "products": [line(item, currency) for item in cart]}
    town.send(client.look(at, "Cart", "/shop/cart"))
    town.send(client.track(at + 0.3, "Cart Viewed", viewed))
    if town.chance(0.62):
        check_out(town, client, person, cart, viewed, at + dice.uniform(5, 60))


def check_out(
    town: Town, client: Client, person: Person, cart: list[Variant], viewed: Message, at: float
) -> None:
    dice, currency = town.dice, person.currency
    value = float(messages.price_of(cart, currency))
    client.turn_to("/shop/checkout", "Checkout – Nordsko")
    begun: Message = {**viewed, "value": value, "currency": currency}
    town.send(client.track(at, "Checkout Started", begun))
    if town.chance(0.15):
        return
    if person.user_id and "userId" not in client.ids:
        at = log_in(town, client, person, at + dice.uniform(15, 60))
    elif not person.user_id:
        at += dice.uniform(40, 120)
        town.send(client.identify(at, person.traits(person.emails[0])))
        if town.chance(0.4):
            town.subscribe(person, person.emails[0])
    campaign = town.campaign(at)
    coupon, percent = "", 0
    if campaign and campaign.coupon and town.chance(0.7):
        coupon, percent = campaign.coupon, campaign.percent
        at += dice.uniform(4, 20)
        discount = round(value * percent / 100, 2)
        used: Message = {"coupon_id": coupon, "coupon_name": coupon, "discount": discount}
        town.send(client.track(at, "Coupon Applied", {"cart_id": viewed["cart_id"], **used}))
    at += dice.uniform(30, 150)
    if town.chance(0.1):
        return  # the bank's app was in the other room
    order_id = town.number("NO-", 310_000)
    shipping = Decimal(0) if value > 999 else Decimal(49)
    placed = messages.order(order_id, cart, currency, shipping, coupon, percent)
    town.send(client.track(at, "Order Completed", placed))
    person.wish = None
    confirm(town, person, at, talk.ORDERED[person.locale].format(order=order_id))
    plan_after_order(town, person, order_id, dice.choice(cart), percent, at)


def plan_after_order(
    town: Town, person: Person, order_id: str, variant: Variant, percent: int, at: float
) -> None:
    dice = town.dice
    luck = dice.random()
    later = at + dice.uniform(4, 12) * DAY
    if luck < 0.02:
        town.plan(at + dice.uniform(600, 9000), partial(cancel, town, person, order_id, variant))
    elif luck < 0.08 and person.store:
        back = partial(exchange, town, person, person.store, order_id, variant)
        town.plan(town.calendar.in_store(dice, person.store, later), back)
    elif luck < 0.14:
        unpacked = town.calendar.in_office(dice, later)
        town.plan(unpacked, partial(return_by_post, town, person, order_id, variant, percent))
    elif luck < 0.22:
        asked = town.calendar.in_office(dice, at + 2 * DAY)
        town.plan(asked, partial(call, town, person, "delivery"))
    elif luck < 0.26 and person.browsers:
        chat_later(town, person, person.browsers[0], at + 2 * DAY, "parcel", variant, order_id)
    elif luck < 0.34:
        worn = town.calendar.some_hour(dice, town.calendar.on(later + 10 * DAY))
        town.plan(worn, partial(review, town, person, variant))


def _behind_the_shop(person: Person) -> Client:
    """The shop's server, which knows a customer by her account or by her address."""
    if person.user_id:
        return messages.server("web", {}, person.user_id)
    return messages.server("web", {"email": person.emails[0]})


def cancel(town: Town, person: Person, order_id: str, variant: Variant, at: float) -> None:
    cancelled: Message = {"order_id": order_id, "products": [line(variant, person.currency)]}
    town.send(_behind_the_shop(person).track(at, "Order Cancelled", cancelled))


def return_by_post(
    town: Town, person: Person, order_id: str, variant: Variant, percent: int, at: float
) -> None:
    shop_server = _behind_the_shop(person)
    reason = town.dice.choice(("too small", "too small", "too large", "changed their mind"))
    returned: Message = {"order_id": order_id, "reason": reason, **line(variant, person.currency)}
    town.send(shop_server.track(at, "Item Returned", returned))
    refund = messages.refund(order_id, variant, person.currency, percent)
    refunded_at = town.calendar.in_office(town.dice, at + town.dice.uniform(1, 3) * DAY)
    town.send(shop_server.track(refunded_at, "Order Refunded", refund))


def review(town: Town, person: Person, variant: Variant, at: float) -> None:
    body = town.dice.choice(talk.REVIEWS[person.locale])
    reviewed: Message = {
        "product_id": variant.product_id,
        "review_id": town.number("r-", 500),
        "review_body": body,
        "rating": town.dice.choice((3, 4, 4, 5, 5, 5, 2)),
    }
    town.send(_behind_the_shop(person).track(at, "Product Reviewed", reviewed))


def register(town: Town, person: Person, at: float) -> None:
    """An account, or an address left for the newsletter: the first that names her online."""
    browser = person.browsers[0]
    if town.logged_in.get(browser.anonymous_id) is person:
        return
    client = open_browser(town, person, browser)
    if person.user_id:
        town.send(client.look(at, "Join", "/shop/join"))
        log_in(town, client, person, at + town.dice.uniform(40, 150))
    else:
        town.send(client.look(at, "Newsletter", "/shop/newsletter"))
        email = person.emails[-1]
        signed_up: Message = {"email": email, "first_name": person.first_name}
        signed_up["last_name"] = person.last_name
        town.send(client.identify(at + town.dice.uniform(10, 40), signed_up))
        town.subscribe(person, email)


def change_details(town: Town, person: Person, at: float) -> None:
    """A new name or a new number, entered under "My details"."""
    if person.user_id and person.changes_to:
        person.last_name, person.phone = person.changes_to
        client = open_browser(town, person, person.browsers[0])
        town.send(client.look(at, "My details", "/shop/account"))
        log_in(town, client, person, at + 40)
