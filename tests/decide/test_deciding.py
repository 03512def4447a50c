"""What a customer sees: the same in every channel, until she wants to see it no more."""

from __future__ import annotations

import json

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from spindel.catalogue.models import Product, Variant
from spindel.decide.contents import OnScreen, Part, Picture, Placement, Screen, Words
from spindel.identity import customers, identifiers
from spindel.identity.actions import merge_customers, split_customer
from spindel.identity.models import Identifier
from spindel.offers import actions as offers
from spindel.offers import shown
from spindel.offers.models import CustomerList, ListedCustomer, Offer, PricePromise
from spindel.offers.terms import Goods, PercentOff
from spindel.staff.models import Scope
from spindel.timeline.models import Fact, Source, WriteKey
from tests.commerce.conftest import Shop
from tests.commerce.conftest import crm as crm  # a fixture
from tests.commerce.conftest import shop as shop  # a fixture
from tests.commerce.orders.cast import give_offer
from tests.commerce.stock.cast import deliver
from tests.decide.cast import do, give, sees
from tests.flows.cast import Machine
from tests.flows.cast import at_shop as at_shop  # a fixture
from tests.shopping import AtShop, Come, log_in
from tests.statements import counted
from tests.telling import follow, tell


@pytest.fixture
def phone(at_shop: Come, web: Source) -> AtShop:
    return at_shop("phone-of-anna")


def decision(customer: object, placement: str = "start", **more: str) -> dict:
    asked = "".join(f"&{name}={value}" for name, value in more.items())
    machine = Machine(Scope.READ_CUSTOMERS)
    answer = machine.ask("GET", f"decide?placement={placement}&customer={customer}{asked}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def looked(at: str, browser: str = "phone-of-anna", **more: object) -> None:
    told = {"type": "track", "event": "Product Viewed", "anonymousId": browser}
    tell([{**told, "messageId": f"{browser} {at}", "properties": {"product_id": at}, **more}])


def dismissed_by_script(content: str, browser: str) -> None:
    told = {"type": "track", "event": "Promotion Dismissed", "anonymousId": browser}
    tell([{**told, "messageId": f"no {content}", "properties": {"promotion_id": content}}])


def test_nothing_is_said_outright(phone: AtShop) -> None:
    answer = phone.ask("GET", "decide?placement=start").json()
    assert answer == {"placement": "start", "items": [], "nothing": "no_content"}
    give("danes", markets=frozenset({"DK"}))
    assert phone.ask("GET", "decide?placement=start").json()["nothing"] == "none_for_her"
    assert decision("", "till")["nothing"] == "no_content"


def test_what_is_given_is_seen_from_that_second_and_what_is_stopped_no_more(phone: AtShop) -> None:
    assert sees(phone) == []
    give("spring")
    assert sees(phone) == ["spring"]
    machine = Machine(Scope.WRITE_OFFERS)
    machine.ask("POST", "content/spring/state", {"state": "paused"})
    assert sees(phone) == []


def test_content_about_an_offer_is_seen_while_that_counts_for_her(phone: AtShop) -> None:
    give_offer("tenth", PercentOff(1_000))
    give("spring", offer="tenth")
    assert sees(phone) == ["spring"]
    offers.set_state("tenth", Offer.State.PAUSED, "astrid")
    assert sees(phone) == []
    assert decision("")["left_out"] == [
        {"key": "spring", "reason": "no_offer", "offer_reason": None}
    ]


def test_the_same_in_every_channel_by_whatever_she_is_known(
    phone: AtShop, at_shop: Come, shop: Shop
) -> None:
    give("about-vinga", goods=Goods(products=frozenset({"vinga"})))
    give("about-all")
    looked("vinga")
    log_in(phone, "anna@example.se")
    follow()
    laptop = at_shop("laptop-of-anna")
    log_in(laptop, "anna@example.se")
    follow()
    customer = customers.by_identifier("email", "anna@example.se")
    assert sees(phone) == sees(laptop) == ["about-vinga", "about-all"]
    for screen in Screen:
        assert sees(phone, screen=screen) == sees(laptop)
    for whose in (customer, "email:anna@example.se", "anonymous_id:laptop-of-anna"):
        found = decision(whose)
        assert [one["key"] for one in found["items"]] == sees(laptop)
        assert found["items"][0]["why"] == [{"because": "looked_at", "about": "vinga"}]
    assert [one["key"] for one in decision("")["items"]] == ["about-all", "about-vinga"]


def test_what_her_store_has_in_her_size_counts(phone: AtShop, shop: Shop) -> None:
    Variant.objects.filter(pk=shop.small).update(filters=["size=38"])
    give("vinga", goods=Goods(products=frozenset({"vinga"})))
    looked("vinga-38")
    tell(
        [
            {
                "type": "identify",
                "messageId": "i",
                "anonymousId": "phone-of-anna",
                "traits": {"address": {"city": "Göteborg"}},
            }
        ]
    )

    def why() -> list[str]:
        found = decision("anonymous_id:phone-of-anna")["items"][0]["why"]
        return [one["because"] for one in found]

    assert why() == ["looked_at"]
    deliver(shop.large, shop.goteborg, 1)
    assert why() == ["looked_at", "in_her_store"]
    deliver(shop.small, shop.goteborg, 1)
    assert why() == ["looked_at", "in_her_store", "in_her_size"]


def test_what_she_bought_elsewhere_counts(phone: AtShop, shop: Shop) -> None:
    Product.objects.filter(number="vinga").update(brand="Hjelm")
    give("hjelm", goods=Goods(brands=frozenset({"Hjelm"})))
    products = [{"product_id": "vinga", "sku": "vinga-38", "quantity": 1, "price": 9}, "what", 7]
    told = {"type": "track", "event": "Order Completed", "anonymousId": "phone-of-anna"}
    tell([{**told, "messageId": "o", "properties": {"order_id": "1", "products": products}}])
    (one,) = decision("anonymous_id:phone-of-anna")["items"]
    assert one["why"] == [{"because": "bought", "about": "vinga"}]


def test_content_for_a_list_is_seen_by_whoever_is_on_it(phone: AtShop, at_shop: Come) -> None:
    give("friends", audience=frozenset({"list:friends"}))
    assert sees(phone) == []
    anna = identifiers.identifier("anonymous_id", "phone-of-anna")
    friends = CustomerList.objects.create(key="friends", name="Friends")
    ListedCustomer.objects.create(list=friends, identifier_id=anna)
    assert sees(phone) == ["friends"]
    assert sees(at_shop("phone-of-bo")) == []
    assert decision("")["left_out"] == [
        {"key": "friends", "reason": "not_for_her", "offer_reason": None}
    ]


# --- seen, clicked, dismissed ---------------------------------------------------------------------


def test_what_she_does_with_it_stands_on_her_timeline(phone: AtShop) -> None:
    give("spring")
    for did in ("viewed", "clicked", "dismissed"):
        assert do(phone, did, "spring") == 204
    facts = Fact.objects.filter(name__startswith="Promotion").order_by("sequence")
    assert [(one.name, one.channel) for one in facts] == [
        ("Promotion Viewed", "web"),
        ("Promotion Clicked", "web"),
        ("Promotion Dismissed", "web"),
    ]
    told = {"promotion_id": "spring", "name": "spring på svenska", "creative": "1"}
    assert facts[0].properties == {**told, "position": "start"}


def test_what_is_no_content_and_a_draft_are_told_of_by_nobody(phone: AtShop) -> None:
    machine = Machine(Scope.WRITE_OFFERS)
    says = {"placements": ["start"], "words": {"sv": {"title": "Vår"}}}
    assert machine.ask("PUT", "content/draft", {"says": says}).status_code == 200
    assert do(phone, "viewed", "draft") == do(phone, "viewed", "nothing") == 404
    assert do(phone, "eaten", "draft") == 422
    assert phone.ask("GET", "decide?placement=roof").status_code == 422


def test_what_is_dismissed_stays_away_everywhere_also_as_another_version(
    phone: AtShop, at_shop: Come
) -> None:
    both = frozenset({Placement.START, Placement.TILL, Placement.AGENT})
    give("spring", placements=both)
    log_in(phone, "anna@example.se")
    assert do(phone, "dismissed", "spring") == 204
    assert sees(phone) == sees(phone, "till") == []
    laptop = at_shop("laptop-of-anna")
    assert sees(laptop) == ["spring"], "nobody knows yet whose it is"
    log_in(laptop, "anna@example.se")
    follow()
    assert sees(laptop) == []
    give("spring", placements=both, words={"sv": Words("Nu med fler ord")})
    assert sees(laptop) == []
    assert decision("email:anna@example.se", "agent")["left_out"] == [
        {"key": "spring", "reason": "dismissed", "offer_reason": None}
    ]


def test_what_is_dismissed_stays_away_across_merges_and_goes_back_with_a_split(
    phone: AtShop, at_shop: Come
) -> None:
    give("spring")
    tablet = at_shop("tablet-of-somebody")
    dismissed_by_script("spring", "tablet-of-somebody")
    looked("vinga", "phone-of-anna")
    assert (sees(tablet), sees(phone)) == ([], ["spring"])
    one, other = (
        customers.by_identifier("anonymous_id", name)
        for name in ("phone-of-anna", "tablet-of-somebody")
    )
    merge_customers(one, other, "astrid")
    assert sees(tablet) == sees(phone) == []
    assert decision(one)["items"] == decision(other)["items"] == []
    tablets = Identifier.objects.get(value="tablet-of-somebody").pk
    split_customer(one, [tablets], "astrid")
    assert (sees(tablet), sees(phone)) == ([], ["spring"])


# --- asked by a page ------------------------------------------------------------------------------


def page(browser: str = "", key: str = "web-key", **more: object) -> HttpResponse:
    body = json.dumps({"placements": ["start", "product"], "browser": browser, **more})
    return Client().post(f"/api/decide/page?key={key}", body, content_type="text/plain")


def on_page(browser: str = "", **more: object) -> dict[str, list[str]]:
    told = page(browser, **more).json()["placements"]
    return {one["placement"]: [item["key"] for item in one["items"]] for one in told}


def test_a_page_asks_with_a_write_key_and_sees_what_the_shop_sees(
    phone: AtShop, web: Source
) -> None:
    both = frozenset({Placement.START, Placement.PRODUCT})
    give("about-vinga", goods=Goods(products=frozenset({"vinga"})), placements=both)
    give("about-all", placements=both)
    assert on_page() == on_page("nobody-knows-this-one")
    assert on_page()["start"] == ["about-all", "about-vinga"]
    looked("vinga")
    seen = {"start": sees(phone), "product": sees(phone, "product")}
    assert on_page("phone-of-anna") == seen
    assert seen["start"] == ["about-vinga", "about-all"]
    assert "why" not in page("phone-of-anna").json()["placements"][0]["items"][0]
    assert page()["Access-Control-Allow-Origin"] == "*"


def test_a_misspelt_place_leaves_the_others_as_they_are(phone: AtShop, web: Source) -> None:
    give("spring")
    mixed = ["roof", "start", "Start", "start", *(f"more-{one}" for one in range(10))]
    assert on_page(placements=mixed) == {"start": ["spring"]}
    assert on_page(placements=["roof"]) == {}


def test_a_page_that_asks_makes_nobody(phone: AtShop, web: Source) -> None:
    many = Identifier.objects.count()
    assert page("somebody-new").status_code == 200
    assert page("\x00bad").status_code == 422
    assert Identifier.objects.count() == many


def test_a_key_that_is_none_or_revoked_opens_nothing(phone: AtShop, web: Source) -> None:
    for bad in ("", "made-up", "%00"):
        assert page(key=bad).status_code == 401
    WriteKey.objects.update(revoked_at=timezone.now())
    assert page().status_code == 401


# --- an offer that was seen in a content ----------------------------------------------------------


def test_who_has_seen_a_content_about_an_offer_keeps_it_when_it_is_stopped(
    phone: AtShop, at_shop: Come
) -> None:
    offer = give_offer("spring", PercentOff(2_000))
    give("about-spring", offer="spring")
    give("about-nothing")
    assert do(at_shop("phone-of-bo"), "viewed", "about-nothing") == 204
    assert do(at_shop("phone-of-cia"), "dismissed", "about-spring") == 204
    assert shown.to_whom(offer).customers == 0
    assert do(phone, "viewed", "about-spring") == 204
    give("about-spring")  # it is about something else by now
    assert do(at_shop("phone-of-dan"), "viewed", "about-spring") == 204
    assert shown.to_whom(offer).customers == 1
    offers.set_state("spring", Offer.State.PAUSED, "astrid")
    promised = PricePromise.objects.get()
    assert (promised.offer_id, promised.source) == (offer.pk, "shown")


def test_who_has_seen_a_content_on_a_page_of_the_shop_keeps_its_offer(
    phone: AtShop, web: Source
) -> None:
    offer = give_offer("spring", PercentOff(2_000))
    give("about-spring", offer="spring")
    seen = {"type": "track", "event": "Promotion Viewed", "anonymousId": "phone-of-anna"}
    told = {"promotion_id": "about-spring"}
    tell([{**seen, "messageId": "seen", "properties": told}])
    assert shown.to_whom(offer).customers == 1


# --- on screens -----------------------------------------------------------------------------------


def test_each_screen_has_its_picture_and_says_what_it_leaves_out(phone: AtShop) -> None:
    wide, narrow = (Picture(f"https://shop.example/{w}.png", w, 300) for w in (1200, 400))
    give(
        "spring",
        words={
            "sv": Words("Vår", "Allt är nytt.", "/sv/var", "Tulpaner"),
            "en": Words("Spring", "All is new."),
        },
        screens={
            Screen.LAPTOP: OnScreen(wide),
            Screen.PHONE: OnScreen(narrow, frozenset({Part.TEXT})),
            Screen.TILL: OnScreen(None, frozenset({Part.LINK})),
        },
    )

    def seen(screen: str, language: str = "sv") -> dict:
        return decision("", screen=screen, language=language)["items"][0]

    laptop, narrow_one, till = seen("laptop"), seen("phone"), seen("till")
    assert laptop["picture"] == {"url": wide.url, "width": 1200, "height": 300}
    assert (laptop["text"], laptop["without"]) == ("Allt är nytt.", [])
    assert narrow_one["picture"]["width"] == 400
    assert (narrow_one["text"], narrow_one["without"]) == ("", ["text"])
    assert (till["link"], till["picture"], till["without"]) == ("", None, ["link", "picture"])
    assert seen("tablet")["without"] == ["picture"]
    assert (seen("laptop", "en")["title"], seen("laptop", "da")["title"]) == ("Spring", "Spring")


# --- kept by the API ------------------------------------------------------------------------------


def test_content_is_kept_in_versions_by_the_api(database: str) -> None:
    machine = Machine(Scope.READ_OFFERS, Scope.WRITE_OFFERS)
    says = {"placements": ["start"], "words": {"sv": {"title": "Vår", "link": "/var"}}}
    made = machine.ask("PUT", "content/spring", {"says": says, "why": "it is spring"}).json()
    assert (made["state"], made["version"], made["says"]) == ("draft", 1, says)
    assert machine.ask("PUT", "content/spring", {"says": says}).json()["version"] == 1
    says["words"]["sv"]["title"] = "Vår!"
    made = machine.ask("PUT", "content/spring", {"says": says}).json()
    assert [one["why"] for one in made["versions"]] == ["", "it is spring"]
    assert machine.ask("GET", "content?state=draft").json()["items"][0]["key"] == "spring"
    assert machine.ask("GET", "content/autumn").status_code == 404


@pytest.mark.parametrize(
    "bad",
    [
        {"words": {}},
        {"words": {"sv": {"title": ""}}},
        {"placements": ["roof"]},
        {"words": {"sv": {"title": "x", "link": "javascript:alert(1)"}}},
        {"words": {"sv": {"title": "x", "link": "//elsewhere.example"}}},
        {"screens": {"phone": {"picture": {"url": "data:x", "width": 1, "height": 1}}}},
        {"since": "2026-03-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"},
        {"more": 1},
    ],
)
def test_what_is_no_content_is_refused(bad: dict[str, object], database: str) -> None:
    says = {"placements": ["start"], "words": {"sv": {"title": "Vår"}}, **bad}
    answer = Machine(Scope.WRITE_OFFERS).ask("PUT", "content/spring", {"says": says})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_content")


def test_what_has_ended_is_not_shown_again(phone: AtShop) -> None:
    give("spring")
    machine = Machine(Scope.WRITE_OFFERS)
    assert machine.ask("POST", "content/spring/state", {"state": "ended"}).status_code == 200
    assert machine.ask("POST", "content/spring/state", {"state": "live"}).status_code == 409
    assert sees(phone) == []


# --- in sets --------------------------------------------------------------------------------------


def test_however_much_there_is_the_same_number_of_statements_is_sent(
    phone: AtShop, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_offer("tenth", PercentOff(1_000), most_each=1)

    def more(number: int) -> None:
        product = Product.objects.create(number=f"p{number}", names={"sv": "Mer"})
        variant = Variant.objects.create(product=product, sku=f"p{number}-1", options={})
        deliver(variant.pk, shop.goteborg, 1)
        goods = Goods(products=frozenset({f"p{number}"}))
        give(f"c{number}", goods=goods, offer="tenth" if number % 2 else "")
        looked(f"p{number}-1")

    def statements() -> int:
        sees(phone)  # reads what is live
        with counted(monkeypatch) as sent:
            assert sees(phone, limit="50")
        return sent[0]

    tell(
        [
            {
                "type": "identify",
                "messageId": "i",
                "anonymousId": "phone-of-anna",
                "traits": {"city": "Göteborg"},
            }
        ]
    )
    more(0)
    few = statements()
    for number in range(1, 8):
        more(number)
    assert statements() == few <= 9
