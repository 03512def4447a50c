"""All faces tell the same; and where one does not, the audit finds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
import psycopg
import pytest
from django.db import connection
from django.http import Http404
from django.test import Client
from django.utils import timezone

from spindel.catalogue.models import Product, Variant
from spindel.catalogue.probing import Answer, Asker, Probe, Question, Unanswered
from spindel.consistency import asking, jobs, running
from spindel.consistency.actions import keep
from spindel.consistency.asking import Found
from spindel.consistency.comparing import Deviation
from spindel.consistency.models import AuditRun, Difference
from spindel.consistency.sampling import Sample, questions
from spindel.kit.refusal import Refusal
from spindel.offers import actions as offers
from spindel.offers import pieces, reading
from spindel.offers.eligible import NO_OFFERS
from spindel.offers.models import Offer
from spindel.offers.terms import Goods, PercentOff
from spindel.shoppers.models import Shopper
from spindel.staff.models import ApiToken, AuditEntry, Role, User
from spindel.timeline.models import Fact
from tests.commerce.conftest import anna as anna  # fixtures
from tests.commerce.conftest import crm as crm
from tests.commerce.orders.cast import give_offer
from tests.console.conftest import as_role as as_role
from tests.console.conftest import text
from tests.demo.storefront import Street, bring, furnish
from tests.demo.storefront import street as street
from tests.kit.outside import site as site

FACES = {"agent", "catalogue", "feed", "console", "quote", "shop-api", "tablet"}


@pytest.fixture
def goods(request: pytest.FixtureRequest, database: str) -> None:
    """Vinga and Kiruna, of which some can be sent and some not; 20 % off Vinga."""
    if "street" not in request.fixturenames:  # which has them already
        furnish()
    bring("vinga-black-38", "lager", 3)
    bring("vinga-white-39", "vallgatan", 1)
    give_offer("spring", PercentOff(2_000), goods=Goods(products=frozenset({"vinga"})))


def audited(seed: int = 1) -> AuditRun:
    run, _report = running.audit(Sample(customers=3, products=2, seed=seed), "astrid")
    return run


def found() -> set[tuple[str, str, str, str]]:
    """What differs now: which face, what, what it says and should say."""
    open = Difference.objects.filter(until=None)
    return set(open.values_list("face", "what", "said", "should"))


@contextmanager
def planted(monkeypatch: pytest.MonkeyPatch, face: str, lie: Callable) -> Iterator[None]:
    """A face that answers what the lie makes of its answers."""

    def ask(probe: Probe, asker: Asker, question: Question) -> dict[str, Answer]:
        return {sku: lie(sku, one) for sku, one in probe.ask(asker, question).items()}

    def lying() -> list[Probe]:
        return [
            replace(one, ask=lambda a, q, one=one: ask(one, a, q)) if one.face == face else one
            for one in honest
        ]

    honest = asking.probes()
    with monkeypatch.context() as patch:
        patch.setattr(asking, "probes", lying)
        yield


# --- alike ----------------------------------------------------------------------------------------


def test_all_faces_answer_alike(goods: None, anna: int) -> None:
    run = audited()
    assert found() == set()
    assert set(run.faces) == FACES
    assert run.customers >= 1
    assert (run.products, run.differing) == (2, 0)
    assert run.answers > 40


def test_asking_leaves_nothing_behind(goods: None, anna: int) -> None:
    many = [one.objects.count() for one in (User, ApiToken, Shopper, AuditEntry, Fact)]
    audited()
    assert [one.objects.count() for one in (User, ApiToken, Shopper, AuditEntry, Fact)] == many


def test_the_same_seed_asks_about_the_same(goods: None) -> None:
    def asked(seed: int) -> list[tuple[str, ...]]:
        return [tuple(v.sku for v in one.goods) for one in questions(Sample(seed=seed))]

    assert asked(4) == asked(4)
    assert any(asked(4) != asked(seed) for seed in range(5, 15))


# --- the audit can fail ---------------------------------------------------------------------------


def test_a_face_that_knows_the_offers_of_yesterday_is_found(
    goods: None, anna: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong cache: the app's API prices with offers that it has read before they were given."""
    from spindel.shop.api import prices as app

    def stale(*asked: object, **more: object) -> list[pieces.PieceView]:
        with monkeypatch.context() as patch:
            patch.setattr(pieces, "live", lambda edition: NO_OFFERS)
            return real(*asked, **more)

    real = pieces.view
    with monkeypatch.context() as patch:
        patch.setattr(app, "pieces", type("Stale", (), {"view": staticmethod(stale)}))
        audited()
    assert {
        ("shop-api", "price", "129900", "103920"),
        ("shop-api", "offers", "", "spring på svenska"),
    } <= found()
    assert {face for face, *_ in found()} == {"shop-api"}
    assert Difference.objects.filter(identifier=anna, what="price").exists()
    audited()
    assert found() == set()


def test_a_stale_feed_is_found(goods: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from spindel.catalogue import feed_out

    market = {}
    real = feed_out.lines

    def kept(asked: object, link: str) -> Iterator[str]:
        lines = market.setdefault(asked, list(real(asked, link)))
        return iter(lines)

    monkeypatch.setattr(feed_out, "lines", kept)
    audited()
    assert found() == set()
    offers.set_state("spring", Offer.State.PAUSED, "astrid")
    bring("vinga-black-39", "lager", 1)
    bring("vinga-white-38", "lager", 1)
    bring("vinga-white-39", "lager", 1)
    Product.objects.filter(number="kiruna").update(names={"sv": "Kiruna II"})
    audited()
    assert {(face, what) for face, what, *_ in found()} >= {("feed", "price"), ("feed", "name")}
    assert {face for face, *_ in found()} == {"feed"}


def test_an_offer_that_one_face_does_not_know_is_found(
    goods: None, anna: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that is restricted to a channel: the tablet gives it no more."""

    def without(sku: str, said: Answer) -> Answer:
        return replace(said, total=129_900, offers=()) if "vinga" in sku else said

    with planted(monkeypatch, "tablet", without):
        audited()
    assert {(face, what) for face, what, *_ in found()} == {
        ("tablet", "price"),
        ("tablet", "offers"),
    }


def test_a_page_whose_words_are_not_what_it_says_to_machines_is_found(
    goods: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spindel.catalogue import views

    monkeypatch.setattr(views, "_money", lambda amount, currency: "SEK 1")
    audited()
    assert {(face, what, said) for face, what, said, _ in found()} == {("console", "price", "")}


def test_a_wrong_name_is_found(goods: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from spindel.catalogue import views

    monkeypatch.setattr(views, "called", lambda product: "Winga")
    audited()
    assert {(face, what, said) for face, what, said, _ in found()} == {("console", "name", "Winga")}


def test_goods_that_a_face_does_not_show_are_found(
    goods: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spindel.catalogue import feed_out

    real = feed_out.lines
    monkeypatch.setattr(
        feed_out, "lines", lambda *asked: (one for one in real(*asked) if "kiruna" not in one)
    )
    audited()
    assert {(face, what) for face, what, *_ in found()} == {("feed", "missing")}


@pytest.mark.parametrize("how", ["raises", "refuses"])
def test_a_face_that_does_not_answer_is_found(
    goods: None, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    def broken(*asked: object) -> None:
        raise Http404 if how == "refuses" else ZeroDivisionError

    monkeypatch.setattr("spindel.store.views.goods.price_of", broken)
    audited()
    assert {(face, what) for face, what, *_ in found()} == {("tablet", "missing")}


def test_the_pages_of_the_web_shop_are_asked_where_it_is_said_where_they_are(
    street: Street, goods: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spindel.shop import probes

    shopper = street.shopper("sv")
    monkeypatch.setenv(
        "SPINDEL_SHOP_PAGES", "SE=http://shop.example/shop/products/{number}?sku={sku}"
    )
    monkeypatch.setattr(probes, "_fetched", lambda address, language: shopper.get(address).text)
    assert {"web", "json-ld"} <= set(audited().faces)
    assert found() == set()
    monkeypatch.setattr(
        probes,
        "_fetched",
        lambda address, language: shopper.get(address).text.replace("Vinga", "Winga"),
    )
    audited()
    assert {(face, what) for face, what, *_ in found()} == {("web", "name"), ("json-ld", "name")}


def test_a_product_without_a_page_leaves_what_is_said_of_the_others(
    street: Street, goods: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And while the shop is asked, which may take long, no transaction is open."""
    shopper, statuses = street.shopper("sv"), {}
    real = httpx.Client

    def answer(request: httpx.Request) -> httpx.Response:
        assert not connection.in_atomic_block
        number = request.url.path.rpartition("/")[2]
        page = shopper.get(str(request.url)).text
        return httpx.Response(statuses.get(number, 200), text=page.replace("Vinga", "Winga"))

    monkeypatch.setenv(
        "SPINDEL_SHOP_PAGES", "SE=http://shop.example/shop/products/{number}?sku={sku}"
    )
    monkeypatch.setattr(
        httpx, "Client", lambda **more: real(transport=httpx.MockTransport(answer), **more)
    )
    wrong = {("web", "name"), ("json-ld", "name")}
    without = {("web", "missing"), ("json-ld", "missing")}
    audited()
    assert {one[:2] for one in found()} == wrong
    for gone in (404, 410):
        statuses["kiruna"] = gone
        audited()
        assert {one[:2] for one in found()} == wrong | without
    statuses["kiruna"] = 500  # now it is the shop that has failed: what was wrong is not gone
    audited()
    assert {one[:2] for one in found()} == wrong | without
    statuses.clear()
    audited()
    assert {one[:2] for one in found()} == wrong


def test_a_page_that_comes_byte_by_byte_is_not_waited_for(
    site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spindel.shop import probes

    monkeypatch.setattr(probes, "_PATIENCE", 0.2)
    for path in ("/drips", "/drips-headers"):
        with pytest.raises(Unanswered):
            probes._fetched(site.replace("feeds.example", "127.0.0.1") + path, "sv")


def test_of_many_goods_a_few_are_asked_at_once(goods: None) -> None:
    asked = []

    def ask(asker: Asker, question: Question) -> dict[str, Answer]:
        asked.append(len(question.goods))
        return {}

    some = next(questions(Sample(customers=0, products=2)))
    variant = some.goods[0]
    report = asking.ask([replace(some, goods=[variant] * 45)], [Probe("x", "x", ask, whole=False)])
    assert asked == [20, 20, 5]
    assert report.found == []


def test_what_was_said_before_a_change_is_no_difference(
    goods: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An offer ends between one face's answer and what it should have been."""
    real, ended = asking.expected, []

    def later(question: Question) -> dict[str, Answer]:
        if not ended:
            offers.set_state("spring", Offer.State.PAUSED, "astrid")
            ended.append(True)
        return real(question)

    monkeypatch.setattr(asking, "expected", later)
    audited()
    assert ended
    assert found() == set()
    reading.live(0)


# --- what becomes of it ---------------------------------------------------------------------------


def lie(sku: str, said: Answer) -> Answer:
    return replace(said, total=1)


def test_a_difference_is_one_until_it_is_gone_and_told_on_her_timeline(
    goods: None, anna: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with planted(monkeypatch, "tablet", lie):
        audited()
        first = {one.pk: one.since for one in Difference.objects.all()}
        audited()
        assert {one.pk: one.since for one in Difference.objects.all()} == first
    told = Fact.objects.filter(name="Difference Found", identifier_id=anna)
    assert told.count() == Difference.objects.filter(identifier=anna).count() > 0
    assert told[0].properties["said"] == "1"
    audited()
    assert found() == set()
    assert Fact.objects.filter(name="Difference Gone", identifier_id=anna).count() == told.count()


def test_what_can_be_asked_about_no_more_is_closed(
    goods: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with planted(monkeypatch, "feed", lie):
        audited()
    assert found()
    Variant.objects.update(removed_at=timezone.now())
    audited()
    assert found() == set()


def test_of_somebody_who_was_forgotten_meanwhile_nothing_is_kept(goods: None, anna: int) -> None:
    gone = Found("tablet", anna + 1_000_000, "vinga", "SE", "SEK", Deviation("price", "1", "2"))
    hers = replace(gone, identifier=anna)
    nobodys = replace(gone, identifier=None)
    Difference.objects.create(
        face="quote", what="price", identifier_id=gone.identifier, sku="vinga-black-38", market="SE"
    )
    keep(asking.Report(found=[gone, hers, nobodys]), "astrid")
    open = Difference.objects.filter(until=None).values_list("identifier_id", flat=True)
    assert set(open) == {anna, None}


def test_only_one_audit_is_at_it(goods: None, database: str) -> None:
    with psycopg.connect(database) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [running._LOCK])
        with pytest.raises(Refusal) as no:
            audited()
    assert no.value.code == "audit_runs"


def test_it_runs_once_a_night_and_can_be_turned_off(
    goods: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINDEL_AUDIT_HOUR", "off")
    jobs.nightly()
    assert not AuditRun.objects.exists()
    monkeypatch.setenv("SPINDEL_AUDIT_HOUR", "0")
    jobs.nightly()
    jobs.nightly()
    assert AuditRun.objects.get().by == jobs.NIGHTLY


def test_the_page_says_who_is_told_what(
    goods: None, anna: int, as_role: Callable[[Role], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    marketer = as_role(Role.MARKETER)
    assert "Nobody has asked yet" in text(marketer.get("/same-answer/"))
    audited()
    assert "All channels answer alike" in text(marketer.get("/same-answer/"))
    with planted(monkeypatch, "tablet", lie):
        audited()
    page = text(marketer.get("/same-answer/"))
    assert "Store tablet" in page
    assert "should be" in page
    assert "Store tablet" in text(as_role(Role.ADMIN).get("/attention/"))
    assert as_role(Role.CLERK).get("/same-answer/").status_code == 403
    audited()
    assert "What has differed" in text(marketer.get("/same-answer/"))


def test_an_old_run_is_of_its_time(goods: None) -> None:
    run = audited()
    assert (timezone.now() - run.began_at).total_seconds() < 60
