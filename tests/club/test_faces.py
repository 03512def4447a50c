"""The club through its doors: the console, the shop's API, a till's token, a file."""

from __future__ import annotations

import io
import json
import re
import threading

import pytest
from django.db import connection
from django.test import Client

from spindel.catalogue.markets import Market
from spindel.catalogue.models import Price
from spindel.club import actions, settings, verifying
from spindel.club.importing import import_members
from spindel.club.models import ClubMember
from spindel.club.personal import HOLDINGS
from spindel.commerce.carts import actions as carts
from spindel.commerce.carts.actions import Edit
from spindel.identity import customers, identifiers
from spindel.identity.forgetting import subject
from spindel.identity.ownership import Under
from spindel.kit.idempotency import Request
from spindel.kit.refusal import Refusal
from spindel.offers import actions as offers
from spindel.offers.models import Offer, PricePromise
from spindel.offers.terms import PercentOff, Terms
from spindel.shoppers import actions as sessions
from spindel.shoppers import reading as shoppers
from spindel.staff.actors import Actor
from spindel.staff.models import ApiToken, Role, Scope, User
from tests.club.cast import AT_TILL, catch_up, customer, facts, give, has, join
from tests.commerce.conftest import Shop
from tests.commerce.forgetting import forget
from tests.commerce.orders.cast import bought
from tests.conftest import PASSWORD
from tests.statements import counted


def console(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def token(*scopes: Scope) -> dict[str, str]:
    secret = ApiToken.new_secret()
    ApiToken.objects.create(name="till", digest=ApiToken.hash(secret), scopes=list(scopes))
    return {"Authorization": f"Bearer {secret}"}


def test_an_agent_has_her_join_and_makes_a_reward_of_her_points(anna: int, agent: User) -> None:
    page = console(agent)
    hers = f"/customers/{customer(anna)}"
    assert "Have the customer join" in page.get(f"{hers}/club/").content.decode()
    page.post(f"{hers}/club/join/")
    catch_up()
    give(anna, 250, "a")
    shown = page.get(f"{hers}/club/").content.decode()
    assert "250 points" in shown
    assert "500 points more to Silver" not in shown  # what was given counts as earned
    for _ in range(2):  # pressed twice
        page.post(f"{hers}/club/reward/", {"key": "one"})
    assert has(anna).available == 50
    assert PricePromise.objects.count() == 1
    assert [one["points"] for one in facts("Points Spent")] == [200]


def test_a_correction_needs_a_reason_and_is_an_agents(anna: int, agent: User, clerk: User) -> None:
    join(anna)
    at = f"/customers/{customer(anna)}/club/correct/"
    console(agent).post(at, {"points": "50", "why": "", "key": "1"})
    assert has(anna).available == 0
    console(agent).post(at, {"points": "50", "why": "late parcel", "key": "2"})
    assert has(anna).available == 50
    assert console(clerk).post(at, {"points": "50", "why": "mine", "key": "3"}).status_code == 403


def test_a_reward_comes_off_her_next_basket(shop: Shop, anna: int) -> None:
    Price.objects.create(variant_id=shop.small, market="SE", currency="SEK", amount=129_900)
    join(anna)
    give(anna, 200, "a")
    key = _session(anna)
    carts.change_of_shopper(_digest(key), Edit("vinga-38", quantity=1))
    answer = Client().post(
        "/api/shop/club/rewards",
        headers={"Authorization": f"Bearer {key}", "Idempotency-Key": "k"},
    )
    assert answer.status_code == 201, answer.content
    assert answer.json()["member"]["available"] == 0
    cart = Client().get("/api/shop/cart", headers={"Authorization": f"Bearer {key}"}).json()
    assert cart["total"] == 119_900


def test_she_joins_in_the_shop_once_it_is_certain_who_she_is(anna: int) -> None:

    browser = identifiers.identifier("anonymous_id", "phone")
    stranger = sessions.let_in(browser=browser, market=Market("SE", "SEK", "sv"))
    refused = Client().post("/api/shop/club", headers={"Authorization": f"Bearer {stranger}"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_known")
    mine = {"Authorization": f"Bearer {_session(anna)}"}
    assert Client().get("/api/shop/club", headers=mine).json()["member"] is None
    joined = Client().post("/api/shop/club", headers=mine).json()
    assert joined["member"]["number"] == ClubMember.objects.get().number
    assert joined["qr"].startswith("<svg")
    assert joined["picture"].startswith("data:image/png")
    assert joined["reward_amount"] == 10_000


def test_a_till_has_somebody_join_by_a_number_and_finds_them_by_the_card(anna: int) -> None:
    headers = token(Scope.READ_CLUB, Scope.WRITE_CLUB)
    body = {"identifier": "phone:070 174 06 05", "market": "SE", "channel": "store"}
    joined = Client().post(
        "/api/club/members", json.dumps(body), content_type="application/json", headers=headers
    )
    assert joined.status_code == 201, joined.content
    number = joined.json()["number"]
    catch_up()
    found = Client().get("/api/club/member", {"identifier": f"card:{number}"}, headers=headers)
    assert found.json()["number"] == number
    assert customers.by_identifier("phone", "+46701740605") == customers.by_identifier(
        "card", number
    )
    nobody = Client().get("/api/club/member", {"identifier": "card:2900000000000"}, headers=headers)
    assert (nobody.status_code, nobody.json()["code"]) == (404, "no_member")


@pytest.mark.parametrize("odd", ["phone:123", "email:no", "device:x", "nothing"])
def test_a_till_is_told_what_nobody_can_be_reached_by(database: str, odd: str) -> None:
    refused = Client().post(
        "/api/club/members", json.dumps({"identifier": odd}),
        content_type="application/json", headers=token(Scope.WRITE_CLUB),
    )  # fmt: skip
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_contact")
    assert not ClubMember.objects.exists()


def test_a_marketer_sees_the_club_and_says_how_it_works(anna: int, database: str) -> None:
    marketer = User.objects.create_user("mia@nordsko.example", PASSWORD, role=Role.MARKETER)
    page = console(marketer)
    assert "No members yet" in page.get("/club/").content.decode()
    join(anna)
    shown = page.get("/club/").content.decode()
    assert "Store" in shown
    assert "svg" in shown
    typed = {
        "is_open": "yes", "pending_days": "14", "lasts_months": "0", "reward_points": "100",
        "reward_days": "30", "currency": ["SEK", ""], "per_point": ["5,50", ""],
        "reward": ["50", ""], "tier_key": ["", ""], "tier_en": ["Friend", ""],
        "tier_sv": ["Vän", ""], "tier_da": ["Ven", ""], "tier_points": ["300", ""],
    }  # fmt: skip
    form = page.get("/club/terms/").content.decode()
    assert re.search('name="is_open" value="yes" checked', form)
    assert page.post("/club/terms/", typed).status_code == 302
    now = settings.terms()
    assert (now.per_point, now.reward.amounts) == ({"SEK": 550}, {"SEK": 5_000})
    assert now.pending_days == 14
    assert [(one.key, one.points) for one in now.tiers] == [("friend", 300)]
    odd = typed | {"per_point": ["1,290", ""], "tier_points": ["x", ""]}
    wrong = page.post("/club/terms/", odd)
    assert wrong.status_code == 422
    assert settings.terms() == now
    assert "1,290" in wrong.content.decode()  # what was typed stays


def test_a_club_that_there_was_comes_along_and_again_changes_nothing(shop: Shop, anna: int) -> None:
    file = (
        b"number;email;phone;joined;points;store\n"
        b"1000123;anna@example.se;;2024-03-31;120;goteborg\n"
        b"1000124;;070-174 06 05;;;nowhere\n"
        b"2912345678900;x@example.se;;;5;\n"  # its last digit is wrong
        b"1000125;nobody;;;5;\n"
        b"1000126;b@example.se;;2099-01-01;5;\n"
        b"1000127;b@example.se;;;-5;\n"
    )
    report = import_members(io.BytesIO(file), "test", "SE")
    assert (report.rows, report.joined, report.refusals) == (6, 2, 4)
    assert [one.row for one in report.refused] == [4, 5, 6, 7]
    catch_up()
    assert (has(anna).available, has(anna).number) == (120, "1000123")
    assert has(anna).joined_at.year == 2024
    places = dict(ClubMember.objects.values_list("number", "place_id"))
    assert places == {"1000123": shop.goteborg, "1000124": None}
    again = import_members(io.BytesIO(file), "test", "SE")
    assert (again.joined, again.there) == (0, 2)
    assert has(anna).available == 120
    assert verifying.verify() == []


def test_a_file_is_taken_in_by_as_many_statements_however_long_it_is(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def file(rows: range) -> io.BytesIO:
        lines = "".join(f"77{n:05},m{n}@example.se,5\n" for n in rows)
        return io.BytesIO(f"number,email,points\n{lines}".encode())

    with counted(monkeypatch) as few:
        import_members(file(range(2)), "test")
    with counted(monkeypatch) as many:
        import_members(file(range(2, 202)), "test")
    assert many[0] <= few[0]
    assert ClubMember.objects.count() == 202


def test_of_two_who_spend_the_same_points_at_once_one_does(anna: int) -> None:
    join(anna)
    give(anna, 500, "a")
    outcomes: list[str] = []

    def spend(key: str) -> None:
        try:
            actions.take_reward(customer(anna), actor=AT_TILL, request=Request("till", key))
            outcomes.append("spent")
        except Refusal as no:
            outcomes.append(no.code)
        finally:
            connection.close()

    crowd = [threading.Thread(target=spend, args=(str(n),)) for n in range(8)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert sorted(outcomes) == ["spent"] * 2 + ["too_few_points"] * 6
    assert has(anna).available == 100
    assert PricePromise.objects.count() == 2


def test_of_two_who_have_her_join_at_once_both_have_one_card(anna: int) -> None:

    def once() -> None:
        try:
            actions.join(Under(anna), actor=Actor(channel="store"))
        finally:
            connection.close()

    crowd = [threading.Thread(target=once) for _ in range(6)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert ClubMember.objects.count() == 1
    catch_up()
    assert len(facts("Club Joined")) == 1


def _session(who: int) -> str:

    browser = identifiers.identifier("anonymous_id", "phone-of-anna")
    return sessions.let_in(browser=browser, market=Market("SE", "SEK", "sv"), proved=who)


def _digest(key: str) -> bytes:

    return shoppers.digest(key)


def test_a_members_price_is_an_offer_for_members_and_a_tiers_for_those_of_the_tier(
    shop: Shop, anna: int
) -> None:
    Price.objects.create(variant_id=shop.small, market="SE", currency="SEK", amount=100_000)
    for key, group, rate in (("members", "members", 1_000), ("silver", "tier:silver", 2_000)):
        terms = Terms(names={"sv": "Pris"}, benefit=PercentOff(rate), audience=frozenset({group}))
        offers.keep(key, terms, by="test")
        offers.set_state(key, Offer.State.LIVE, "test")
    mine = {"Authorization": f"Bearer {_session(anna)}"}

    def costs() -> int:
        answer = Client().get("/api/shop/prices?sku=vinga-38", headers=mine)
        total: int = answer.json()["items"][0]["total"]
        return total

    assert costs() == 100_000
    join(anna)
    assert costs() == 90_000
    give(anna, 500, "a")
    assert costs() == 80_000
    actions.leave(customer(anna), actor=AT_TILL)
    assert costs() == 100_000


def test_whoever_is_forgotten_leaves_no_card_and_no_points(anna: int) -> None:
    join(anna)
    give(anna, 100, "a")
    told = [item for one in HOLDINGS for item in one.tell(subject(customer(anna)))]
    assert {"points", "kind"} <= told[0].keys()
    assert told[-1]["number"] == ClubMember.objects.get().number
    forget(customer(anna))
    assert not ClubMember.objects.exists()
    assert verifying.verify() == []


def test_a_window_that_fails_half_way_counts_nothing_and_then_once(
    shop: Shop, anna: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    join(anna)
    bought(shop, anna)
    with monkeypatch.context() as patch:

        def fail(*_: object, **__: object) -> None:
            raise RuntimeError("killed")

        patch.setattr("spindel.club.followers.record_all", fail)
        with pytest.raises(RuntimeError):
            catch_up()
    assert has(anna).pending == 0
    catch_up()
    assert has(anna).pending == 129
