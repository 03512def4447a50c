"""Quotes: within a role's limit, with their stock, accepted once, and over when they are over."""

from __future__ import annotations

from functools import partial

import pytest
from django.utils import timezone

from spindel.catalogue.models import Place, Price
from spindel.commerce.common import rules
from spindel.commerce.orders import actions as orders
from spindel.commerce.orders import order_holds
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.payments.models import Payment
from spindel.commerce.quotes import actions
from spindel.commerce.quotes import reading as quotes
from spindel.commerce.quotes.actions import Changed, Maker, Over, TooCheap
from spindel.commerce.quotes.models import Quote
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.models import Hold
from spindel.identity import customers, ownership
from spindel.kit.idempotency import KeyReused, Request
from spindel.kit.refusal import Refusal
from spindel.messages.models import Mail
from spindel.staff.actors import Actor
from spindel.timeline.models import Fact
from tests.commerce.conftest import Shop
from tests.commerce.quotes.cast import OSKAR, at_once, in_days, let_time_pass, make, offer, sent
from tests.commerce.stock.cast import deliver, reserve, there
from tests.telling import follow
from tests.working import work

MAJA = Maker(Actor("Maja", channel="phone"), 15)


@pytest.fixture
def priced(shop: Shop) -> Shop:
    """Vinga costs 1,299 kronor, and the warehouse sends."""
    for variant in (shop.small, shop.large):
        Price.objects.create(variant_id=variant, market="SE", currency="SEK", amount=129_900)
    Place.objects.filter(pk=shop.warehouse).update(ships=True)
    return shop


def facts() -> list[str]:
    return list(Fact.objects.order_by("sequence").values_list("name", flat=True))


# --- making ---------------------------------------------------------------------------------------


def test_what_is_accepted_is_ordered_at_the_price_that_was_offered(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 3)
    quote = sent(Item(priced.small, 2, amount=119_900))
    Price.objects.filter(variant_id=priced.small).update(amount=139_900)
    order = actions.accept(quote.pk, 1, channel="email")
    assert (order.total, order.state, order.channel) == (239_800, "confirmed", "email")
    assert [(one.amount, one.list_amount) for one in order.lines.all()] == [(119_900, 139_900)]
    assert there(priced.small, priced.warehouse) == (3, 2, 1)
    assert Payment.objects.get(order_id=order.pk).amount == 239_800
    quote.refresh_from_db()
    assert (quote.state, quote.order) == ("accepted", order)
    assert facts() == ["Quote Sent", "Order Completed", "Quote Accepted"]
    told = Fact.objects.get(name="Quote Accepted").properties
    assert (told["quote_id"], told["order_id"]) == (quote.number, order.number)
    follow()
    assert customers.by_identifier("email", "anna@example.se")


@pytest.mark.parametrize(
    ("maker", "lowest"), [(OSKAR, 116_910), (MAJA, 110_415), (Maker(Actor("Admin"), 100), 0)]
)
def test_nobody_offers_less_than_the_role_may(priced: Shop, maker: Maker, lowest: int) -> None:
    make(Item(priced.small, 1, amount=lowest), maker=maker)
    if lowest:
        with pytest.raises(TooCheap) as refused:
            make(Item(priced.small, 1, amount=lowest - 1), maker=maker)
        assert refused.value.lowest == lowest
    with pytest.raises(Refusal):
        make(Item(priced.small, 1, amount=129_901), maker=maker)


def test_the_limit_counts_from_what_everybody_pays_now(priced: Shop) -> None:
    Price.objects.create(
        variant_id=priced.small, market="SE", currency="SEK", amount=100_000, sale=True
    )
    make(Item(priced.small, 1, amount=90_000))
    with pytest.raises(TooCheap):
        make(Item(priced.small, 1, amount=89_999))


def test_a_price_that_a_colleague_could_give_stands_but_for_no_more(priced: Shop) -> None:
    quote = make(Item(priced.small, 2, amount=111_000), maker=MAJA)
    same = Item(priced.small, 2, amount=111_000)
    actions.revise(quote.pk, 1, offer(same, note="with a note"), OSKAR)
    for other in (Item(priced.small, 3, amount=111_000), Item(priced.small, 2, amount=110_999)):
        with pytest.raises(TooCheap):
            actions.revise(quote.pk, 2, offer(other), OSKAR)


@pytest.mark.parametrize(
    "more",
    [
        {"until": in_days(-1)},
        {"until": in_days(91)},
        {"until": in_days(15), "holds": True},
        {"pay_by": "till"},
        {"pay_by": "store"},  # of what is sent
        {"address": {}},
        {"contact": {}},
        {"contact": {"email": "nothing"}},
        {"note": "x" * 2_001},
        {"note": "\0"},
        {"contact": {"email": "a" * 255}},
        {"contact": {"email": "a@example.se", "shoe": "x"}},
        {"market": "XX"},
        {"market": "DK"},  # where it is not sold
        {"language": "de"},
    ],
)
def test_what_can_not_be_offered_is_refused(priced: Shop, more: dict[str, object]) -> None:
    with pytest.raises(Refusal):
        make(Item(priced.small, 1), **more)
    assert Quote.objects.count() == 0


def test_goods_are_offered_to_be_collected_only_where_one_can(priced: Shop) -> None:
    make(Item(priced.small, 1, "pick_up", priced.goteborg), pay_by="store", address={})
    for bad in (
        Item(priced.small, 1, "pick_up", priced.warehouse),
        Item(priced.small, 1, "hand_over", priced.goteborg),
        Item(priced.small, 1, "pick_up"),
        Item(priced.small, 0),
    ):
        with pytest.raises(Refusal):
            make(bad)


def test_the_same_key_is_the_same_quote(priced: Shop) -> None:
    until = in_days(7)
    first = make(Item(priced.small, 1), key="k", until=until)
    assert make(Item(priced.small, 1), key="k", until=until).pk == first.pk
    with pytest.raises(KeyReused):
        make(Item(priced.small, 2), key="k", until=until)
    assert Quote.objects.count() == 1


def test_a_quote_of_a_customer_is_on_her_timeline_and_found_with_her(
    priced: Shop, anna: int
) -> None:
    customer = customers.by_identifier("user_id", "anna")
    assert customer
    made = actions.make(
        offer(Item(priced.small, 1), contact={"name": "Anna", "phone": "0701234567"}),
        OSKAR,
        identifier=ownership.under(customer),
        request=Request("test", "k"),
    )
    assert [one.pk for one in quotes.of_customer(customer, 10)] == [made.pk]
    assert quotes.owners([made.pk]) == {made.pk: customer}
    actions.send(made.pk, 1, Request("tests", "s"), by="Oskar", mail=False)
    assert "Quote Sent" in [one.name for one in customers.timeline(customer).items]


# --- held meanwhile -------------------------------------------------------------------------------


def test_its_stock_is_held_for_her_and_used_when_she_accepts(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 2)
    deliver(priced.large, priced.goteborg, 1)
    quote = sent(
        Item(priced.small, 2), Item(priced.large, 1, "pick_up", priced.goteborg), holds=True
    )
    assert there(priced.small, priced.warehouse) == (2, 2, 0)
    assert there(priced.large, priced.goteborg) == (1, 1, 0)
    with pytest.raises(rules.NotEnough):
        reserve((priced.small, priced.warehouse, 1))
    order = actions.accept(quote.pk, 1, channel="email")
    assert there(priced.small, priced.warehouse) == (2, 2, 0)
    kept = list(Hold.objects.filter(state="active"))
    assert {one.order_id for one in order_holds.lines(kept).values()} == {order.pk}
    orders.cancel(order.pk, None, by="Oskar")
    assert there(priced.small, priced.warehouse) == (2, 0, 2)


def test_it_is_held_whole_or_not_at_all(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 2)
    with pytest.raises(rules.NotEnough):
        make(Item(priced.small, 1), Item(priced.large, 1), holds=True)
    assert there(priced.small, priced.warehouse) == (2, 0, 2)
    assert Quote.objects.count() == 0


def test_what_is_held_in_a_place_far_down_the_list_is_hers_all_the_same(priced: Shop) -> None:
    """Many places send it, and all of them are empty but for what is held for her."""
    deliver(priced.small, priced.warehouse, 1)
    quote = sent(Item(priced.small, 1), holds=True)
    for number in range(30):
        Place.objects.create(code=f"p{number}", name=f"P{number}", ships=True)
    for place in Place.objects.filter(code__startswith="p"):
        deliver(priced.small, place.pk, 1)
        reserve((priced.small, place.pk, 1))
    Place.objects.filter(pk=priced.warehouse).update(ships=True)
    order = actions.accept(quote.pk, 1, channel="email")
    assert {one.place_id for one in order_holds.of_order(order.pk)} == {priced.warehouse}


def test_a_revision_holds_what_it_is_now_or_stays_as_it_was(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 2)
    deliver(priced.large, priced.warehouse, 1)
    quote = sent(Item(priced.small, 2), holds=True)
    actions.revise(quote.pk, 1, offer(Item(priced.large, 1), holds=True), OSKAR)
    assert there(priced.small, priced.warehouse) == (2, 0, 2)
    assert there(priced.large, priced.warehouse) == (1, 1, 0)
    with pytest.raises(rules.NotEnough):
        actions.revise(quote.pk, 2, offer(Item(priced.large, 2), holds=True), OSKAR)
    quote.refresh_from_db()
    assert quote.revision == 2
    assert there(priced.large, priced.warehouse) == (1, 1, 0)
    actions.revise(quote.pk, 2, offer(Item(priced.large, 1)), OSKAR)
    assert there(priced.large, priced.warehouse) == (1, 0, 1)


def test_what_was_held_and_not_found_in_the_store_is_somebody_elses_promise(
    priced: Shop,
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    quote = sent(Item(priced.small, 1, "pick_up", priced.goteborg), holds=True)
    holds.not_found(Hold.objects.get().pk, "Oskar")
    with pytest.raises(rules.NotEnough):
        actions.accept(quote.pk, 1, channel="email")
    assert Order.objects.count() == 0


# --- what becomes of it ---------------------------------------------------------------------------


def test_a_double_click_is_one_order(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 5)
    quote = sent(Item(priced.small, 1))
    first = actions.accept(quote.pk, 1, channel="email")
    assert actions.accept(quote.pk, 1, channel="web").pk == first.pk
    assert facts().count("Quote Accepted") == 1
    assert there(priced.small, priced.warehouse) == (5, 1, 4)


def test_what_was_changed_since_she_saw_it_is_not_ordered(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 5)
    quote = sent(Item(priced.small, 1))
    actions.revise(quote.pk, 1, offer(Item(priced.small, 2)), OSKAR)
    assert facts()[-1] == "Quote Changed"
    with pytest.raises(Changed):
        actions.accept(quote.pk, 1, channel="email")
    with pytest.raises(Changed):
        actions.revise(quote.pk, 1, offer(Item(priced.small, 3)), OSKAR)
    assert actions.accept(quote.pk, 2, channel="email").total == 259_800
    with pytest.raises(Over):
        actions.revise(quote.pk, 2, offer(Item(priced.small, 1)), OSKAR)


def test_what_nobody_has_sent_is_not_accepted(priced: Shop) -> None:
    quote = make(Item(priced.small, 1))
    with pytest.raises(Over) as over:
        actions.accept(quote.pk, 1, channel="email")
    assert over.value.state == "draft"


def test_what_is_withdrawn_frees_its_stock_and_is_not_accepted(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 1)
    quote = sent(Item(priced.small, 1), holds=True)
    actions.withdraw(quote.pk, by="Maja")
    actions.withdraw(quote.pk, by="Maja")
    assert there(priced.small, priced.warehouse) == (1, 0, 1)
    with pytest.raises(Over) as over:
        actions.accept(quote.pk, 1, channel="email")
    assert over.value.state == "withdrawn"
    assert facts() == ["Quote Sent", "Quote Withdrawn"]
    quote.refresh_from_db()
    assert quote.ended_by == "Maja"


def test_it_is_over_from_the_second_that_its_time_is_up(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 1)
    quote = sent(Item(priced.small, 1), holds=True)
    let_time_pass(quote)
    Hold.objects.update(until=timezone.now())
    assert quotes.state_of(Quote.objects.get()) == "expired"
    assert there(priced.small, priced.warehouse)[2] == 1  # whether or not a job has run
    with pytest.raises(Over) as over:
        actions.accept(quote.pk, 1, channel="email")
    assert over.value.state == "expired"
    with pytest.raises(Over):
        actions.withdraw(quote.pk, by="Maja")
    work("commerce")
    assert Quote.objects.get().state == "expired"
    assert there(priced.small, priced.warehouse) == (1, 0, 1)
    assert facts() == ["Quote Sent", "Quote Expired"]


def test_what_she_could_not_accept_is_told_to_whoever_made_it_once(priced: Shop) -> None:
    quote = sent(Item(priced.small, 1))
    with pytest.raises(rules.NotEnough):
        actions.accept(quote.pk, 1, channel="email")
    for _ in range(3):
        actions.fail(quote.pk, Quote.Failure.SOLD_OUT)
    shown = quotes.view(Quote.objects.get(), "sv")
    assert (shown.failure, shown.state) == ("sold_out", "sent")
    assert facts() == ["Quote Sent", "Quote Failed"]


def test_opening_it_is_kept_once_and_only_when_it_was_sent(priced: Shop) -> None:
    quote = make(Item(priced.small, 1))
    actions.see(quote.pk)
    assert Quote.objects.get().seen_at is None
    actions.send(quote.pk, 1, Request("tests", "s"), by="Oskar", mail=False)
    actions.see(quote.pk)
    first = Quote.objects.get().seen_at
    actions.see(quote.pk)
    assert first
    assert Quote.objects.get().seen_at == first


def test_a_mail_is_sent_once_a_key_and_again_when_asked_again(priced: Shop) -> None:
    quote = make(Item(priced.small, 1))
    for key in ("a", "a", "b"):
        actions.send(quote.pk, 1, Request("tests", key), by="Oskar")
    assert Mail.objects.filter(purpose="quote").count() == 2
    assert facts() == ["Quote Sent", "Quote Sent"]
    mail = Mail.objects.order_by("pk")[0]
    assert (mail.to, mail.name, mail.language) == ("anna@example.se", "Anna Åkesson", "sv")
    nameless = make(Item(priced.small, 1), contact={"name": "Bo", "phone": "0701234567"})
    with pytest.raises(Refusal):
        actions.send(nameless.pk, 1, Request("tests", "c"), by="Oskar")


def test_a_quote_of_somebody_forgotten_is_not_accepted(priced: Shop) -> None:
    quote = sent(Item(priced.small, 1))
    Quote.objects.update(identifier=None)
    with pytest.raises(Over) as over:
        actions.accept(quote.pk, 1, channel="email")
    assert over.value.state == "withdrawn"


# --- at once --------------------------------------------------------------------------------------


def test_two_who_accept_at_once_have_one_order(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 5)
    for _ in range(5):
        quote = sent(Item(priced.small, 1))
        came = at_once(*[partial(actions.accept, quote.pk, 1, channel="email")] * 4)
        assert len({one.pk for one in came if isinstance(one, Order)}) == 1, came
        assert all(isinstance(one, Order) for one in came), came
    assert Order.objects.count() == 5
    assert there(priced.small, priced.warehouse) == (5, 5, 0)


def test_who_accepts_while_it_is_withdrawn_comes_before_or_after(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 20)
    for _ in range(10):
        quote = sent(Item(priced.small, 1), holds=True)
        order, withdrawn = at_once(
            partial(actions.accept, quote.pk, 1, channel="email"),
            partial(actions.withdraw, quote.pk, by="Maja"),
        )
        quote.refresh_from_db()
        if isinstance(order, Order):
            assert isinstance(withdrawn, Over), withdrawn
            assert quote.state == "accepted"
        else:
            assert isinstance(order, Over), order
            assert (quote.state, quote.order) == ("withdrawn", None)
    taken = Order.objects.count()
    assert there(priced.small, priced.warehouse) == (20, taken, 20 - taken)


def test_who_accepts_while_it_is_changed_gets_what_she_saw_or_nothing(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 40)
    deliver(priced.large, priced.warehouse, 40)
    for _ in range(10):
        quote = sent(Item(priced.small, 1), Item(priced.large, 1), holds=True)
        other = offer(Item(priced.large, 2), Item(priced.small, 1), holds=True)
        order, revised = at_once(
            partial(actions.accept, quote.pk, 1, channel="email"),
            partial(actions.revise, quote.pk, 1, other, OSKAR),
        )
        if isinstance(order, Order):
            assert isinstance(revised, Over), revised
            assert order.total == 259_800
        else:
            assert isinstance(order, Changed), order
            assert isinstance(revised, Quote), revised
            actions.withdraw(quote.pk, by="Maja")
    taken = Order.objects.count()
    assert there(priced.small, priced.warehouse)[1] == taken
    assert there(priced.large, priced.warehouse)[1] == taken


def test_the_last_pairs_wanted_by_quotes_in_opposite_order(priced: Shop) -> None:
    for variant in (priced.small, priced.large):
        deliver(variant, priced.warehouse, 6)
    forth = [Item(priced.small, 1), Item(priced.large, 1)]
    came: list[object] = []
    for _ in range(3):
        made = [sent(*items) for items in (forth, forth[::-1]) * 2]
        came += at_once(*[partial(actions.accept, one.pk, 1, channel="email") for one in made])
    assert sum(isinstance(one, Order) for one in came) == 6, came
    assert sum(isinstance(one, rules.NotEnough) for one in came) == 6, came
    assert there(priced.small, priced.warehouse) == (6, 6, 0)
    assert there(priced.large, priced.warehouse) == (6, 6, 0)


def test_the_same_made_at_once_is_one(priced: Shop) -> None:
    asked = offer(Item(priced.small, 1))
    came = at_once(
        *[partial(actions.make, asked, OSKAR, identifier=None, request=Request("t", "k"))] * 4
    )
    assert {one.pk for one in came if isinstance(one, Quote)} == {Quote.objects.get().pk}, came
