"""Whatever is on offer, promised and in stock, to whomever: all channels give one answer.

The faces are asked for real, by their own pages and operations. How many answers are compared is
said by the environment variable PROBES.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from spindel.catalogue import marks
from spindel.catalogue.markets import Market
from spindel.catalogue.models import Place, Price, Product, Variant
from spindel.catalogue.probing import Question
from spindel.commerce.stock.models import Level
from spindel.consistency import asking
from spindel.consistency.comparing import differences
from spindel.consistency.sampling import Sample, questions
from spindel.identity import actions as identity
from spindel.identity import customers, identifiers
from spindel.identity.ownership import Under
from spindel.offers import actions as offers
from spindel.offers.models import Offer, PricePromise
from spindel.offers.promising import promise
from spindel.offers.terms import Goods, Hours, PercentOff, Stacking, Terms
from spindel.shop.probes import linked
from spindel.staff.actors import Actor
from tests.demo.storefront import ALWAYS, Street, bring, login_link
from tests.demo.storefront import street as street  # a fixture
from tests.offers.cast import benefits, goods
from tests.offers.cast import terms as any_terms

PROBES = int(os.environ.get("PROBES", "300"))
PEOPLE = ("anna@example.se", "berit@example.se", "carl@example.dk")

clocks = st.sampled_from(["00:00", "06:00", "12:00", "18:00", "23:59"])
hours = st.builds(
    Hours, days=st.frozensets(st.integers(1, 7), min_size=1), opens=clocks, closes=clocks
)


@st.composite
def offer_terms(draw: st.DrawFn) -> Terms:
    """What an offer may say to anybody, at all hours or some, in all markets or one."""
    one = draw(any_terms)
    return Terms(
        names={"sv": draw(st.sampled_from(["Rea", "Vår", "<b>Klubb & co</b>"])), "da": "Udsalg"},
        benefit=one.benefit,
        goods=one.goods,
        stacking=one.stacking,
        cap=one.cap,
        minimum=one.minimum,
        least_pieces=one.least_pieces,
        priority=one.priority,
        hours=draw(st.none() | hours),
        markets=draw(st.sampled_from([frozenset(), frozenset({"SE"}), frozenset({"DK"})])),
        most_each=draw(st.none() | st.just(1)),
        most_uses=draw(st.none() | st.integers(1, 2)),
        needs_code=draw(st.booleans()) and draw(st.booleans()),
    )


@st.composite
def promised(draw: st.DrawFn) -> tuple[int, Terms]:
    """To which of the people, and what."""
    benefit = draw(benefits)
    terms = Terms(
        names={"sv": "Utlovat", "da": "Lovet"},
        benefit=benefit,
        goods=draw(st.just(Goods()) | goods),
        stacking=draw(st.sampled_from([Stacking.BEST, Stacking.TOGETHER])),
        priority=0,
    )
    return draw(st.integers(0, len(PEOPLE) - 1)), terms


def furnish(random) -> None:
    """Six products of every kind that offers tell apart, in two countries."""
    for code, country in (("gbg", "SE"), ("cph", "DK")):
        Place.objects.get_or_create(
            code=code, defaults={"name": code, "country": country, "hours": ALWAYS}
        )
    place, _ = Place.objects.get_or_create(
        code="lager", defaults={"name": "Lager", "kind": "warehouse", "ships": True}
    )
    for number in range(1, 7):
        product = Product.objects.create(
            number=f"p{number}",
            names={"sv": f"Sko {number}", "da": f"Sko {number} (dk)"},
            brand=random.choice(["Vinga", "Hjelm"]),
            categories=random.sample(["shoes", "jeans", "bags"], random.randint(0, 2)),
            vat=random.choice([0, 600, 2500]),
        )
        for size in (38, 39):
            one = Variant.objects.create(
                product=product, sku=f"p{number}-{size}", options={"size": str(size)}
            )
            for where in ({"market": "SE", "currency": "SEK"}, {"market": "DK", "currency": "DKK"}):
                cost = random.randint(1, 50_000)
                if random.random() < 0.9:
                    Price.objects.create(variant=one, amount=cost, **where)
                if random.random() < 0.3:
                    Price.objects.create(variant=one, amount=cost * 2 // 3, sale=True, **where)
            if random.random() < 0.5:
                Level.objects.create(variant=one, place=place, on_hand=random.randint(0, 2))


def people() -> list[int]:
    found = [identifiers.identifier("email", one) for one in PEOPLE]
    assert all(found)
    return [one for one in found if one]


def give(several: list[Terms]) -> None:
    for number, one in enumerate(several):
        offers.keep(f"o{number}", one, by="astrid")
        offers.set_state(f"o{number}", Offer.State.LIVE, "astrid")


def vow(told: list[tuple[int, Terms]], who: list[int]) -> None:
    for number, (one, terms) in enumerate(told):
        promise(
            Under(who[one]),
            terms,
            until=timezone.now() + timedelta(days=3),
            source=PricePromise.Source.PERSONAL,
            reference=f"r{number}",
            actor=Actor("Mona", None, "phone"),
        )


answered: Counter[str] = Counter()


def all_alike(seed: int) -> None:
    report = asking.ask(questions(Sample(customers=2, products=1, seed=seed)))
    answered.update(report.answers)
    assert report.found == []


@settings(
    max_examples=max(2, PROBES // 150),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    world=st.randoms(use_true_random=False),
    given_=st.lists(offer_terms(), max_size=5),
    vowed=st.lists(promised(), max_size=4),
    night=st.integers(0, 6),
)
def _alike(monkeypatch, world, given_, vowed, night) -> None:
    with transaction.atomic():
        furnish(world)
        who = people()
        give(given_)
        vow(vowed, who)
        all_alike(world.randint(0, 1_000))
        one, other = customers.of(who[:1])[who[0]], customers.of(who[1:2])[who[1]]
        merged = identity.merge_customers(one, other, "astrid")
        all_alike(1)
        identity.split_customer(merged, [who[1]], "astrid")
        midnight = timezone.now().replace(hour=22, minute=59, second=59) + timedelta(days=night)
        for later in (0, 2):  # in Stockholm the day ends in between
            with monkeypatch.context() as patch:
                moment = midnight + timedelta(seconds=later)
                patch.setattr(timezone, "now", lambda moment=moment: moment)
                all_alike(2)
        transaction.set_rollback(True)


def test_all_channels_give_one_answer(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answered.clear()
    _alike(monkeypatch)
    assert answered.total() > min(PROBES, 300) // 2, answered
    print(f"{answered.total()} answers compared: {dict(answered)}")


# --- the web shop ---------------------------------------------------------------------------------

HERS = Terms(names={"en": "Yours"}, benefit=PercentOff(777), stacking=Stacking.TOGETHER)
ON = [Goods(products=frozenset({"vinga"})), Goods(categories=frozenset({"Boots"})), Goods()]
ANNA = "anna@example.com"


@settings(
    max_examples=max(3, PROBES // 40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(world=st.randoms(use_true_random=False), given_=st.lists(offer_terms(), max_size=3))
def _web_alike(anna, seen, world, given_) -> None:
    """Offers change under an open shop; the page that she has shows it when she looks again."""
    for key in Offer.objects.filter(state=Offer.State.LIVE).values_list("key", flat=True):
        offers.set_state(key, Offer.State.PAUSED, "astrid")
    give([replace(one, goods=world.choice(ON)) for one in given_])
    who = identifiers.identifier("email", ANNA)
    goods = list(Variant.objects.select_related("product").order_by("pk"))
    asked = Question(who, customers.of([who])[who], Market("SE", "SEK", "en"), goods)
    should = asking.expected(asked)
    for variant in world.sample(goods, 2):
        page = anna.get(f"/shop/products/{variant.product.number}?sku={variant.sku}").text
        read, told = list(marks.answers(page, asked.market)), list(linked(page, asked.market))
        assert variant.sku in dict(read)
        assert variant.sku in dict(told)
        for sku, said in read + told:
            seen.append(sku)
            assert list(differences(said, should[sku])) == []


def test_the_web_shop_gives_whoever_is_logged_in_the_same_answer(street: Street) -> None:
    anna = street.shopper()
    anna.send(anna.get(login_link(anna, ANNA)), "/shop/login/confirm")
    bring("vinga-black-38", "lager", 2)
    bring("vinga-white-38", "vallgatan", 2)
    who = identifiers.identifier("email", ANNA)
    assert who
    vow([(0, HERS)], [who])
    seen: list[str] = []
    _web_alike(anna, seen)
    assert len(seen) >= 18
    print(f"{len(seen)} answers of the web shop compared")
