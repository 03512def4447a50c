"""Returns and exchanges: over any counter, once, for what was paid, into this store's stock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from spindel.catalogue.models import Place, Price, Product, Variant
from spindel.commerce.carts.actions import Edit, change_of_shopper
from spindel.commerce.common import links, rules
from spindel.commerce.orders import actions as orders
from spindel.commerce.orders import returnable
from spindel.commerce.orders.balance import Way
from spindel.commerce.orders.models import Order, OrderEvent, Return, ReturnPolicy
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Dearer, Item
from spindel.commerce.orders.placement.placing import Bought
from spindel.commerce.payments.models import PaymentCommand
from spindel.commerce.returns import actions
from spindel.commerce.returns import reading as returns
from spindel.commerce.returns.actions import AgainstPolicy, Back, MayNotOverrule
from spindel.commerce.stock.models import Movement, StockEvent
from spindel.identity import identifiers, searching
from spindel.kit.idempotency import KeyReused, Request
from spindel.kit.refusal import Refusal
from spindel.staff.actors import Actor
from spindel.staff.models import AuditEntry, User
from spindel.timeline.models import Fact
from tests.commerce import acting
from tests.commerce.conftest import Shop
from tests.commerce.orders.cast import checkout, come, counter, facts
from tests.commerce.orders.cast import priced as priced  # a fixture
from tests.commerce.returns.cast import age, at, back, bought, here, money, swap
from tests.commerce.returns.cast import marstrand as marstrand  # a fixture
from tests.commerce.stock.cast import deliver, reserve, there
from tests.telling import follow


def people(text: str) -> list[int]:
    return [hit.customer for hit in searching.search(text)]


# --- taken back -----------------------------------------------------------------------------------


def test_a_pair_bought_in_one_store_comes_back_in_another(priced: Shop, anna: int) -> None:
    order = bought(priced, whose=anna)
    done = back(order, priced.stockholm, Back(0, 1, reason="too small"))
    assert there(priced.small, priced.goteborg) == (0, 0, 0)
    assert there(priced.small, priced.stockholm) == (1, 0, 1)
    assert (done.refund, done.credited, done.number[0]) == (129_900, 0, "B")
    assert money() == {"till": 0}
    assert facts()[-2:] == ["Item Returned", "Order Refunded"]
    fact = Fact.objects.get(name="Item Returned")
    assert (fact.identifier_id, fact.channel) == (anna, "store")
    assert fact.properties["store_name"] == "Stockholm"
    assert fact.properties["price"] == 1299.0
    assert Fact.objects.get(name="Order Refunded").properties["total"] == 1299.0
    event = OrderEvent.objects.get(kind="returned")
    assert (event.by, event.why, event.detail["number"]) == ("Oskar", "too small", done.number)
    told = returns.told(done)
    assert (told.order, told.place, told.ways) == (
        order.number,
        "stockholm",
        [Way("till", 129_900)],
    )
    assert [(one.sku, one.quantity, one.amount) for one in told.lines] == [("vinga-38", 1, 129_900)]


def test_a_double_click_is_one_return(priced: Shop) -> None:
    order = bought(priced, quantity=2)
    first = back(order, priced.goteborg)
    assert back(order, priced.goteborg).pk == first.pk
    assert there(priced.small, priced.goteborg) == (1, 0, 1)
    with pytest.raises(KeyReused):
        back(order, priced.goteborg, Back(0, 2))
    assert facts().count("Item Returned") == 1


def test_never_more_comes_back_than_was_handed_over(priced: Shop) -> None:
    order = bought(priced, quantity=3)
    back(order, priced.goteborg, Back(0, 2), key="a")
    for lines in ([Back(0, 2)], [Back(0, 1), Back(0, 1, "damaged")], [Back(7, 1)]):
        with pytest.raises(orders.TooMany):
            back(order, priced.stockholm, *lines, key="b")
    back(order, priced.stockholm, key="c")
    with pytest.raises(orders.TooMany):
        back(order, priced.goteborg, key="d")
    assert money() == {"till": 0}
    assert sum(Return.objects.values_list("refund", flat=True)) == order.total


def test_an_order_that_was_not_handed_over_is_cancelled_instead(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 1)
    her = come()
    change_of_shopper(her, Edit("vinga-38", quantity=1))
    order = placing.place_cart_of_shopper(her, checkout(), key="k")
    (line,) = returns.purchase(order.pk).lines
    assert (line.can, line.open, line.why) == (0, 0, "not_delivered")
    with pytest.raises(Refusal, match="Cancel it instead"):
        back(order, priced.goteborg)
    orders.cancel(order.pk, None, by="Elin")
    assert returns.purchase(order.pk).lines[0].why == "cancelled"


def test_what_was_sent_comes_back_over_a_counter_and_its_money_the_way_it_came(
    priced: Shop,
) -> None:
    deliver(priced.small, priced.warehouse, 2)
    her = come()
    change_of_shopper(her, Edit("vinga-38", quantity=2))
    order = placing.place_cart_of_shopper(her, checkout("invoice"), key="k")
    some = [orders.Some(0, 1)]
    acting.ship(
        order.pk,
        priced.warehouse,
        some,
        carrier="PostNord",
        actor=Actor("Elin"),
        request=Request("c", "s"),
    )
    with pytest.raises(orders.TooMany):
        back(order, priced.stockholm, Back(0, 2))
    back(order, priced.stockholm)
    assert there(priced.small, priced.stockholm) == (1, 0, 1)
    assert money() == {"invoice": 129_900}


def test_damaged_goods_come_and_are_gone_again_and_the_ledger_tells_both(priced: Shop) -> None:
    ReturnPolicy.objects.create(category="", days=30, damaged=True)
    order = bought(priced)
    before = StockEvent.objects.count()
    back(order, priced.stockholm, Back(0, 1, "damaged", "faulty"))
    assert there(priced.small, priced.stockholm) == (0, 0, 0)
    moved = Movement.objects.filter(place=priced.stockholm).order_by("pk")
    assert [(one.kind, one.on_hand) for one in moved] == [("return", 1), ("damage", -1)]
    assert StockEvent.objects.count() == before, "it is not back in stock"


def test_what_a_till_has_told_of_comes_back_the_same_way(priced: Shop) -> None:
    place = Place.objects.get(pk=priced.goteborg)
    deliver(priced.small, priced.goteborg, 2)
    order = acting.tell_purchase(
        "8401-7",
        [Bought(priced.small, 2, 99_900)],
        place=place,
        at=timezone.now() - timedelta(days=3),
        whose=None,
        currency="SEK",
        by="API: tills",
        source="pos",
    )
    (found,) = returns.find("8401-7", people)
    assert (found.id, found.lines[0].can) == (order.pk, 2)
    assert back(order, priced.stockholm).refund == 99_900


def test_whoever_shows_a_receipt_that_was_nobodys_has_it_on_her_timeline(
    priced: Shop, anna: int
) -> None:
    order = bought(priced, quantity=2)
    back(order, priced.stockholm, shown_by=anna)
    follow()
    customer = identifiers.living(anna)
    assert identifiers.living(order.identifier_id or 0) == customer
    bo = identifiers.identifier("email", "bo@example.se")
    assert bo
    back(order, priced.stockholm, key="by bo", shown_by=bo)
    assert facts().count("Receipt Claimed") == 1, "it is hers already, and comes back all the same"


# --- the policy -----------------------------------------------------------------------------------


def test_too_late_is_said_and_is_overruled_by_who_may_with_a_reason(
    priced: Shop, agent: User, clerk: User
) -> None:
    order = bought(priced)
    until = returnable.returnable_until(order)
    assert until
    assert timedelta(days=29) < until - timezone.now() < timedelta(days=31)
    age(order, 32)
    order.refresh_from_db()
    assert returnable.returnable_until(order) is None
    (line,) = returns.purchase(order.pk).lines
    assert (line.can, line.open, line.why) == (0, 1, "too_late")
    with pytest.raises(AgainstPolicy) as refused:
        back(order, priced.goteborg, user=agent)
    assert refused.value.why == {0: "too_late"}
    for user in (clerk, None):
        with pytest.raises(MayNotOverrule):
            back(order, priced.goteborg, user=user, overrule="She was ill.")
    done = back(order, priced.goteborg, user=agent, overrule="She was ill.")
    assert done.overruled == "She was ill."
    assert OrderEvent.objects.get(kind="returned").why == "She was ill."
    assert AuditEntry.objects.get(did="return.overruled").by == agent.email


def test_the_policy_is_by_category_and_condition(priced: Shop, agent: User) -> None:
    Product.objects.update(categories=["Shoes > Sandals"])
    actions.set_policy("Shoes>Sandals", 14, False, agent)
    order = bought(priced)
    with pytest.raises(AgainstPolicy) as refused:
        back(order, priced.goteborg, Back(0, 1, "damaged"))
    assert refused.value.why == {0: "damaged"}
    age(order, 16)
    assert returns.purchase(order.pk).lines[0].why == "too_late"
    actions.set_policy("Shoes", 60, True, agent)
    actions.drop_policy("Shoes > Sandals", agent)
    assert returns.purchase(order.pk).lines[0].can == 1
    actions.set_policy("Shoes", 0, True, agent)
    assert returns.purchase(order.pk).lines[0].why == "never"
    with pytest.raises(Refusal):
        actions.set_policy("", 4_000, False, agent)


def test_the_days_count_from_when_the_parcel_arrived(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 1)
    her = come()
    change_of_shopper(her, Edit("vinga-38", quantity=1))
    order = placing.place_cart_of_shopper(her, checkout(), key="k")
    parcel = acting.ship(
        order.pk,
        priced.warehouse,
        None,
        carrier="PostNord",
        actor=Actor("Elin"),
        request=Request("c", "s"),
    )
    age(order, 50)
    for sent, arrived, can in ((40, None, 0), (40, 20, 1)):
        parcel.at = timezone.now() - timedelta(days=sent)
        parcel.arrived_at = arrived and timezone.now() - timedelta(days=arrived)
        parcel.save()
        assert returns.purchase(order.pk).lines[0].can == can


# --- found ----------------------------------------------------------------------------------------


def test_a_purchase_is_found_by_whatever_she_has_with_her(priced: Shop, anna: int) -> None:
    order = bought(priced, whose=anna, contact={"name": "Anna Åkesson"})
    other = bought(priced, "by somebody else")
    done = back(order, priced.stockholm)
    follow()
    link = f"https://shop.example/o/{links.code('order', order.pk)}/"
    spaced = f" {order.number[:4].lower()} {order.number[4:8]} {order.number[8:]} "
    for text in (order.number, spaced, link, done.number, "anna@example.se", "anna"):
        assert [one.id for one in returns.find(text, people)] == [order.pk], text
    assert [one.id for one in returns.find(other.number, people)] == [other.pk]
    for text in ("", "R00000000000", link[:-4], "bo@example.se"):
        assert returns.find(text, people) == []
    (found,) = returns.find("anna", people)
    assert (found.buyer, found.customer) == ("Anna Åkesson", identifiers.living(anna))
    assert (found.place_name, found.lines[0].why, found.can) == ("Göteborg", "returned", False)


def test_a_name_is_narrowed_by_the_product(priced: Shop, anna: int, marstrand: int) -> None:
    Variant.objects.filter(pk=marstrand).update(gtin="07310865004703")
    first = bought(priced, whose=anna)
    deliver(marstrand, priced.goteborg, 1)
    second = placing.sell(counter(priced, "second", here(marstrand, priced.goteborg), whose=anna))
    follow()

    def found(product: str) -> list[int]:
        return [one.id for one in returns.find("anna@example.se", people, product)]

    assert found("") == [second.pk, first.pk]
    assert found("vinga 38") == found("vinga-38") == [first.pk]
    assert found("Marstrand") == found("7310865004703") == [second.pk]
    assert found("vinga 40") == found("100%") == []


# --- exchanged ------------------------------------------------------------------------------------


def test_another_size_is_even_whatever_it_costs_today(priced: Shop, anna: int) -> None:
    order = bought(priced, whose=anna)
    deliver(priced.large, priced.stockholm, 1)
    Price.objects.update(amount=199_900)
    done = swap(order, priced.stockholm, here(priced.large, priced.stockholm))
    new = done.exchange
    assert new
    assert (new.total, new.state, done.refund, done.credited) == (
        *(129_900, "completed"),
        *(129_900, 129_900),
    )
    assert there(priced.small, priced.stockholm) == (1, 0, 1)
    assert there(priced.large, priced.stockholm) == (0, 0, 0)
    assert money() == {"till": 129_900}
    assert facts()[-1] == "Item Exchanged"
    assert facts().count("Order Completed") == 1, "an exchange is told of once"
    fact = Fact.objects.get(name="Item Exchanged")
    assert (fact.properties["value"], fact.properties["difference"]) == (1299.0, 0.0)
    assert fact.properties["new_order_id"] == new.number
    assert OrderEvent.objects.get(kind="exchanged").detail["exchange"] == new.number
    again = swap(order, priced.stockholm, here(priced.large, priced.stockholm))
    assert again.pk == done.pk


def test_another_product_costs_todays_price_less_what_was_paid(
    priced: Shop, marstrand: int
) -> None:
    order = bought(priced)
    deliver(marstrand, priced.stockholm, 1)
    wanted = here(marstrand, priced.stockholm)
    balance = returns.reckon(order, {0: 1}, [wanted]).balance
    assert (balance.to_pay, balance.to_refund) == (20_000, 0)
    with pytest.raises(Dearer):
        swap(order, priced.stockholm, wanted, difference=10_000)
    done = swap(order, priced.stockholm, wanted, difference=20_000)
    assert (done.refund, done.credited) == (129_900, 129_900)
    assert money() == {"till": 149_900}
    paid = Fact.objects.filter(name="Order Completed").order_by("sequence")
    assert [one.properties["total"] for one in paid] == [1299.0, 200.0]
    assert returns.told(done).to_pay == 20_000


def test_what_is_worth_less_is_paid_back_the_way_it_came(priced: Shop, marstrand: int) -> None:
    Price.objects.filter(variant=marstrand).update(amount=99_900)
    order = bought(priced)
    deliver(marstrand, priced.stockholm, 1)
    done = swap(order, priced.stockholm, here(marstrand, priced.stockholm), difference=-30_000)
    assert (done.refund, done.credited) == (129_900, 99_900)
    assert returns.told(done).ways == [Way("till", 30_000)]
    assert money() == {"till": 99_900}
    assert Fact.objects.get(name="Order Refunded").properties["total"] == 300.0


def test_too_little_of_it_changes_nothing(priced: Shop) -> None:
    order = bought(priced)
    with pytest.raises(rules.NotEnough):
        swap(order, priced.stockholm, here(priced.large, priced.stockholm))
    assert Return.objects.count() == 0
    assert there(priced.small, priced.stockholm) == (0, 0, 0)
    assert facts().count("Item Exchanged") == 0


def test_a_faulty_pair_is_exchanged_for_the_same_and_its_own_does_not_count_as_there(
    priced: Shop,
) -> None:
    ReturnPolicy.objects.create(category="", damaged=True)
    order = bought(priced)
    lines = (Back(0, 1, "damaged", "faulty"),)
    with pytest.raises(rules.NotEnough):
        swap(order, priced.stockholm, here(priced.small, priced.stockholm), lines=lines)
    deliver(priced.small, priced.stockholm, 1)
    swap(order, priced.stockholm, here(priced.small, priced.stockholm), lines=lines)
    assert there(priced.small, priced.stockholm) == (0, 0, 0)


def test_it_is_exchanged_for_one_that_another_store_keeps_for_her(priced: Shop) -> None:
    order = bought(priced)
    deliver(priced.large, priced.stockholm, 1)
    wanted = Item(priced.large, 1, "pick_up", priced.stockholm)
    new = swap(order, priced.goteborg, wanted).exchange
    assert new
    assert new.state == "confirmed"
    assert there(priced.large, priced.stockholm) == (1, 1, 0)
    orders.hand_over(
        new.pk, priced.stockholm, None, actor=Actor("Elin"), request=Request("tablet", "h")
    )
    assert there(priced.large, priced.stockholm) == (0, 0, 0)
    assert money() == {"till": 129_900}


def test_it_is_exchanged_for_one_that_comes_by_mail(priced: Shop) -> None:
    order = bought(priced)
    deliver(priced.large, priced.warehouse, 1)
    with pytest.raises(Refusal, match="where it is to be sent"):
        swap(order, priced.goteborg, Item(priced.large, 1))
    home = {"street": "Storgatan 1", "postcode": "411 01", "city": "Göteborg", "country": "SE"}
    new = swap(order, priced.goteborg, Item(priced.large, 1), address=home).exchange
    assert new
    how = {"carrier": "PostNord", "by": "Elin", "source": "c", "key": "s"}
    acting.ship(new.pk, priced.warehouse, None, **how)
    new.refresh_from_db()
    assert (new.state, new.address["street"]) == ("completed", "Storgatan 1")


def test_what_was_held_for_her_is_used_up(priced: Shop, anna: int) -> None:
    order = bought(priced, whose=anna)
    deliver(priced.large, priced.stockholm, 1)
    (hold,) = reserve((priced.large, priced.stockholm, 1), whose=anna)
    swap(order, priced.stockholm, here(priced.large, priced.stockholm))
    hold.refresh_from_db()
    assert hold.state == "handed_over"
    assert there(priced.large, priced.stockholm) == (0, 0, 0)


def test_what_came_from_an_exchange_comes_back_for_its_value_the_way_it_was_first_paid(
    priced: Shop, marstrand: int
) -> None:
    order = bought(priced, quantity=2)
    for variant in (priced.large, marstrand):
        deliver(variant, priced.stockholm, 1)
    first = swap(order, priced.stockholm, here(priced.large, priced.stockholm), key="1").exchange
    assert first
    second = swap(first, priced.stockholm, here(marstrand, priced.stockholm), key="2").exchange
    assert second
    assert money() == {"till": 2 * 129_900 + 20_000}
    done = back(second, priced.goteborg, key="3")
    assert done.refund == 149_900
    assert money() == {"till": 129_900}
    with pytest.raises(orders.TooMany):
        back(first, priced.goteborg, key="4")
    back(order, priced.goteborg, key="5")
    assert money() == {"till": 0}


def test_an_exchange_that_is_cancelled_gives_back_what_had_been_paid_and_no_more(
    priced: Shop, marstrand: int
) -> None:
    order = bought(priced)
    deliver(marstrand, priced.stockholm, 1)
    wanted = Item(marstrand, 1, "pick_up", priced.stockholm)
    new = swap(order, priced.goteborg, wanted, pay_by="store").exchange
    assert new
    assert money() == {"till": 129_900, "store": 0}
    orders.cancel(new.pk, None, by="Oskar")
    assert money() == {"till": 0, "store": 0}
    assert PaymentCommand.objects.filter(kind="cancel").count() == 1


def test_what_is_collected_later_is_paid_there_less_what_came_back(
    priced: Shop, marstrand: int
) -> None:
    order = bought(priced)
    deliver(marstrand, priced.stockholm, 2)
    wanted = Item(marstrand, 2, "pick_up", priced.stockholm)
    new = swap(order, priced.goteborg, wanted, pay_by="store").exchange
    assert new
    orders.cancel(new.pk, [orders.Some(0, 1)], by="Oskar")
    assert money() == {"till": 129_900, "store": 0}
    orders.hand_over(
        new.pk, priced.stockholm, None, actor=Actor("Elin"), request=Request("tablet", "h")
    )
    assert money() == {"till": 129_900, "store": 20_000}


def test_what_can_not_be_given_is_refused_in_words(priced: Shop) -> None:
    order = bought(priced)
    wanted = {
        "comes from this store": (here(priced.large, priced.goteborg), {}),
        "over the counter": (here(priced.large, priced.stockholm), {"pay_by": "store"}),
        "collected in a store": (Item(priced.large, 1), {"pay_by": "store"}),
        "Nothing is collected": (Item(priced.large, 1, "pick_up", priced.warehouse), {}),
        "no such goods": (here(987_654, priced.stockholm), {}),
        "no such store": (Item(priced.large, 1, "pick_up", 987_654), {}),
    }
    for words, (item, more) in wanted.items():
        with pytest.raises(Refusal, match=words):
            swap(order, priced.stockholm, item, **more)
    with pytest.raises(orders.NoOrder):
        acting.take_back(987_654, [Back(0, 1)], **at(priced.goteborg))  # type: ignore[arg-type]  # the words are right


def test_several_pieces_are_exchanged_each_for_its_own_and_the_rest_comes_back(
    priced: Shop, marstrand: int
) -> None:
    deliver(priced.small, priced.goteborg, 2)
    deliver(marstrand, priced.goteborg, 1)
    items = here(marstrand, priced.goteborg), here(priced.small, priced.goteborg, 2)
    order = placing.sell(counter(priced, "several", *items))
    deliver(priced.large, priced.stockholm, 1)
    lines = Back(0, 1, reason="changed their mind"), Back(1, 2, reason="too small")
    done = swap(order, priced.stockholm, here(priced.large, priced.stockholm), lines=lines)
    assert (done.refund, done.credited) == (149_900 + 2 * 129_900, 129_900)
    exchanged = Fact.objects.get(name="Item Exchanged").properties
    assert (exchanged["returned_sku"], exchanged["sku"]) == ("vinga-38", "vinga-39")
    came = Fact.objects.filter(name="Item Returned").values_list("properties", flat=True)
    assert {(one["sku"], one["quantity"]) for one in came} == {("marstrand-40", 1), ("vinga-38", 1)}


def test_who_was_forgotten_still_brings_it_back(priced: Shop) -> None:
    order = bought(priced, quantity=2)
    deliver(priced.large, priced.stockholm, 1)
    Order.objects.update(identifier=None)
    before = len(facts())
    back(order, priced.stockholm, key="1")
    swap(order, priced.stockholm, here(priced.large, priced.stockholm), key="2")
    assert len(facts()) == before
    assert money() == {"till": 129_900}
