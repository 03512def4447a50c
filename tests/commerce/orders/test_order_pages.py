"""The order book's pages: found, filtered, paged; sent, handed over, cancelled; masked by role."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from spindel.commerce.orders import actions
from spindel.commerce.orders.models import Order, OrderLine, Shipment
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.payments.models import PaymentCommand
from spindel.commerce.returns.actions import Back
from spindel.identity import identifiers
from spindel.kit.idempotency import Request
from spindel.messages.models import Mail
from spindel.staff.actors import Actor
from spindel.staff.models import AuditEntry, Role
from tests.commerce import acting
from tests.commerce.conftest import Shop
from tests.commerce.orders.on_pages import ANNA, HOME, As, order
from tests.commerce.orders.on_pages import priced as priced  # a fixture
from tests.commerce.stock.cast import deliver, there
from tests.console.conftest import as_role, maja, text
from tests.telling import tell

__all__ = ["as_role", "maja"]

HOSTILE = "<script>alert('x')</script>"


def keys(page: str) -> list[str]:
    return re.findall(r'name="key" value="([^"]+)"', page)


# --- the list -------------------------------------------------------------------------------------


def test_an_empty_book_says_what_will_be_in_it(maja: Client) -> None:
    assert "No orders yet" in text(maja.get("/orders/"))


def test_orders_are_listed_newest_first_with_who_what_and_how_far(
    maja: Client, priced: Shop, anna: int
) -> None:
    tell([{"type": "identify", "messageId": "n", "userId": "anna", "traits": {"name": "Anna Åke"}}])
    order(priced, whose=anna)
    order(priced, Item(priced.large, 1), key="k2")
    page = text(maja.get("/orders/"))
    assert page.index("Vinga, 39") < page.index("Vinga, 38")
    for word in ("Anna Åke", "SEK\xa02,598", "To be sent"):
        assert word in page
    assert AuditEntry.objects.filter(did="orders.listed").exists()


@pytest.mark.parametrize(
    "typed", ["number", "spaced", "anna@example.se", "ANNA@example.se", "0701234567", "Anna Å"]
)
def test_an_order_is_found_by_whatever_somebody_has(
    maja: Client, priced: Shop, anna: int, typed: str
) -> None:
    tell(
        [
            {
                "type": "identify",
                "messageId": "n",
                "userId": "anna",
                "traits": {"name": "Anna Åkesson"},
            }
        ]
    )
    wanted = order(priced, whose=anna)
    other = order(
        priced,
        Item(priced.large, 1),
        key="k2",
        contact={"name": "Bo", "email": "bo@example.se", "phone": "08-99 99 99 99"},
    )
    asked = {
        "number": wanted.number,
        "spaced": f"{wanted.number[:4].lower()} {wanted.number[4:8].lower()}",
    }.get(typed, typed)
    page = text(maja.get("/orders/", {"q": asked}, headers={"HX-Request": "true"}))
    assert f"/orders/{wanted.pk}/" in page
    assert f"/orders/{other.pk}/" not in page
    assert "<html" not in page


@pytest.mark.parametrize("typed", ["nobody at all", "\0", "<script>", "%", "'", "R" * 300])
def test_what_is_not_found_is_said(maja: Client, priced: Shop, typed: str) -> None:
    order(priced)
    page = text(maja.get("/orders/", {"q": typed}))
    assert "<script>" not in page
    assert ("No order is like this" in page) != (typed.strip("\0") == "")


def test_the_book_is_narrowed_by_state_channel_and_store(maja: Client, priced: Shop) -> None:
    deliver(priced.small, priced.goteborg, 2)
    sent = order(priced)
    counter = order(
        priced,
        Item(priced.small, 1, "hand_over", priced.goteborg),
        key="k2",
        channel="store",
        place=priced.goteborg,
        pay_by="till",
    )
    fetched = order(priced, Item(priced.small, 1, "pick_up", priced.goteborg), key="k3")

    def found(**words: str) -> set[int]:
        page = text(maja.get("/orders/", words))
        return {int(id) for id in re.findall(r'href="/orders/(\d+)/"', page)}

    assert found(state="completed") == {counter.pk}
    assert found(channel="web") == {sent.pk, fetched.pk}
    assert found(store="goteborg") == {counter.pk, fetched.pk}
    assert found(state="nonsense", channel="x", store="y") == {sent.pk, counter.pk, fetched.pk}


def test_how_far_an_order_has_come_is_said_in_the_same_words_wherever_it_stands(
    maja: Client, priced: Shop, anna: int
) -> None:
    deliver(priced.small, priced.goteborg, 3)
    counter = Item(priced.small, 1, "hand_over", priced.goteborg)
    sold = {"channel": "store", "place": priced.goteborg, "pay_by": "till"}
    fetched = order(priced, counter, key="f", **sold)
    returned = order(priced, counter, key="r", **sold)
    at_counter = {"place": priced.goteborg, "by": "Oskar", "source": "test", "key": "r"}
    acting.take_back(returned.pk, [Back(0, 1)], **at_counter)
    waiting = order(priced, Item(priced.large, 1), key="w")
    gone = order(priced, Item(priced.large, 1), key="g", whose=anna)
    parcel = acting.ship(
        gone.pk,
        priced.warehouse,
        None,
        carrier="PostNord",
        actor=Actor("Maja"),
        request=Request("test", "s"),
    )

    def states(stage: str) -> dict[int, str]:
        page = text(maja.get("/orders/", {"state": stage}))
        rows = re.findall(r'href="/orders/(\d+)/">(.*?)</a>', page, re.DOTALL)
        return {
            int(id): re.findall(r"order-state[^>]+>([^<]+)<", row)[0].strip()
            for id, row in rows
            if "order-state" in row
        }

    said = {
        fetched.pk: "Bought in Göteborg",
        returned.pk: "Given back",
        waiting.pk: "To be sent",
        gone.pk: "On its way",
    }
    assert states("") == said
    names = ("completed", "given_back", "confirmed", "on_its_way")
    for name, (id, word) in zip(names, said.items(), strict=True):
        assert states(name) == {id: word}
        assert f">{word}</span>" in text(maja.get(f"/orders/{id}/"))
    actions.arrive(parcel.pk, "Maja")
    assert states("on_its_way") == {}
    assert states("completed") == {fetched.pk: "Bought in Göteborg", gone.pk: "Arrived"}


@pytest.mark.slow
def test_the_ten_thousandth_order_is_reached_page_by_page(maja: Client, priced: Shop) -> None:
    first = datetime(2026, 1, 1, tzinfo=UTC)
    many = Order.objects.bulk_create(
        Order(
            number=f"N{one:05}",
            key=f"{one:032x}",
            content=f"{one:032x}",
            state="completed",
            channel="web",
            market="SE",
            currency="SEK",
            language="sv",
            total=100,
            vat=20,
            placed_at=first + timedelta(minutes=one // 3),  # three at the same moment
        )
        for one in range(10_000)
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=one,
            line=0,
            variant_id=priced.small,
            sku="s",
            product="p",
            name="Vinga",
            options="38",
            quantity=1,
            amount=100,
            list_amount=100,
            total=100,
            vat_rate=2500,
            fulfilment="ship",
            delivered=1,
        )
        for one in many
    )
    seen: list[str] = []
    address = "/orders/"
    for _ in range(4):
        page = text(maja.get(address))
        seen += re.findall(r"N\d{5}", page)
        (more,) = re.findall(r'hx-get="(/orders/\?[^"]*before=[^"]+)"', page)
        address = more.replace("&amp;", "&")
    assert seen == [f"N{one:05}" for one in range(9_999, 9_879, -1)]
    assert maja.get("/orders/?before=nonsense").status_code == 404
    assert maja.get(f"/orders/?before={'9' * 17}-{'9' * 18}").status_code in (200, 404)


def test_an_analyst_sees_orders_and_nobodys_contact(as_role: As, priced: Shop, anna: int) -> None:
    made = order(priced, whose=anna)
    client = as_role(Role.ANALYST)
    for page in (text(client.get("/orders/")), text(client.get(f"/orders/{made.pk}/"))):
        assert "Vinga" in page
        for secret in ("Anna", "anna@", "123 45 67", "Storgatan", "411 01"):
            assert secret not in page
    assert "does not see how to reach the customer" in text(client.get(f"/orders/{made.pk}/"))
    assert "<form" not in text(client.get(f"/orders/{made.pk}/")).partition("<main")[2]
    assert f"/orders/{made.pk}/" not in text(client.get("/orders/", {"q": "anna@example.se"}))


def test_a_clerk_sees_who_it_is_once_she_has_looked_her_up(
    as_role: As, priced: Shop, anna: int
) -> None:
    made = order(priced, whose=anna)
    clerk = as_role(Role.CLERK)
    page = text(clerk.get(f"/orders/{made.pk}/"))
    assert "anna@example.se" not in page
    assert "Look the customer up" in page
    clerk.get("/orders/", {"q": "anna@example.se"})
    assert "anna@example.se" in text(clerk.get(f"/orders/{made.pk}/"))


# --- one of them ----------------------------------------------------------------------------------


def test_an_order_tells_what_it_is_and_who_did_what(maja: Client, priced: Shop) -> None:
    made = order(
        priced,
        Item(priced.small, 2, amount=100_000),
        by="Oskar",
        contact=ANNA | {"name": HOSTILE},
        address=HOME | {"street": HOSTILE},
    )
    OrderLine.objects.update(name=HOSTILE)
    page = text(maja.get(f"/orders/{made.pk}/"))
    assert HOSTILE not in page
    for word in (
        "SEK2,000",
        "SEK1,299",
        "25%",
        "Oskar",
        "Placed",
        "The invoice comes with the goods",
        "411 01",
    ):
        assert word in page.replace("\xa0", "").replace("25 %", "25%"), word


@pytest.mark.parametrize("id", [0, 10**6, 10**30])
def test_an_order_that_is_not_there_is_not_found(maja: Client, db: None, id: int) -> None:
    assert maja.get(f"/orders/{id}/").status_code == 404
    for what in ("cancel", "ship", "hand-over", "link", "parcels/1/arrive"):
        assert maja.post(f"/orders/{id}/{what}/").status_code == 404


def test_a_parcel_is_sent_once_and_arrives(maja: Client, priced: Shop) -> None:
    made = order(priced)
    page = text(maja.get(f"/orders/{made.pk}/"))
    assert "To be sent from Borås" in page
    said = {
        "key": keys(page)[1],
        "place": "boras",
        "line-0": 1,
        "carrier": "PostNord",
        "tracking": HOSTILE,
        "tracking_url": "https://track.example/1",
    }
    for _ in range(2):
        assert maja.post(f"/orders/{made.pk}/ship/", said)["Location"] == f"/orders/{made.pk}/"
    parcel = Shipment.objects.get()
    assert there(priced.small, priced.warehouse) == (2, 1, 1)
    page = text(maja.get(f"/orders/{made.pk}/"))
    assert "PostNord" in page
    assert HOSTILE not in page
    assert 'href="https://track.example/1"' in page
    maja.post(f"/orders/{made.pk}/parcels/{parcel.pk}/arrive/")
    assert "arrived" in text(maja.get(f"/orders/{made.pk}/"))
    other = order(priced, Item(priced.large, 1), key="k2")
    assert maja.post(f"/orders/{other.pk}/parcels/{parcel.pk}/arrive/").status_code == 404


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"carrier": ""}, "who carries it"),
        ({"tracking_url": "javascript:alert(1)"}, "begins with https"),
        ({"line-0": "7"}, "So many"),
        ({"line-0": "-1"}, "quantity"),
        ({"line-0": "0"}, "how many"),
        ({"line-9": "1"}, "no such line"),
        ({"place": "nowhere"}, "from where"),
        ({"place": "goteborg"}, "do not wait here"),
    ],
)
def test_a_parcel_that_can_not_be_sent_says_why(
    maja: Client, priced: Shop, said: dict[str, str], why: str
) -> None:
    made = order(priced)
    right = {"key": "s", "place": "boras", "line-0": "1", "carrier": "PostNord"}
    maja.post(f"/orders/{made.pk}/ship/", right | said)
    assert why in text(maja.get(f"/orders/{made.pk}/"))
    assert not Shipment.objects.exists()


def test_what_she_came_to_fetch_is_handed_over(maja: Client, priced: Shop) -> None:
    deliver(priced.small, priced.goteborg, 1)
    made = order(priced, Item(priced.small, 1, "pick_up", priced.goteborg))
    page = text(maja.get(f"/orders/{made.pk}/"))
    assert "Waits in Göteborg" in page
    said = {"key": "h", "place": "goteborg", "line-0": 1}
    for _ in range(2):
        maja.post(f"/orders/{made.pk}/hand-over/", said)
    made.refresh_from_db()
    assert made.state == "completed"
    assert there(priced.small, priced.goteborg) == (0, 0, 0)
    assert "Handed over" in text(maja.get(f"/orders/{made.pk}/"))


def test_some_is_cancelled_once_however_often_the_form_is_sent(maja: Client, priced: Shop) -> None:
    made = order(priced)
    said = {"line-0": 1, "left-0": 2, "why": "changed their mind"}
    for _ in range(2):
        maja.post(f"/orders/{made.pk}/cancel/", said)
    assert there(priced.small, priced.warehouse) == (3, 1, 2)
    page = text(maja.get(f"/orders/{made.pk}/"))
    assert "changed meanwhile" in page
    assert "1\xa0× cancelled" in page
    maja.post(f"/orders/{made.pk}/cancel/", {"all": "yes", "why": HOSTILE})
    made.refresh_from_db()
    assert made.state == "cancelled"
    page = text(maja.get(f"/orders/{made.pk}/"))
    assert HOSTILE not in page
    assert 'id="cancel"' not in page


def test_nothing_to_cancel_is_said(maja: Client, priced: Shop) -> None:
    made = order(priced)
    maja.post(f"/orders/{made.pk}/cancel/", {"line-0": 0, "left-0": 2})
    assert "how many of what to cancel" in text(maja.get(f"/orders/{made.pk}/"))
    assert there(priced.small, priced.warehouse) == (3, 2, 1)


def test_a_cancelled_order_that_was_paid_goes_back(maja: Client, priced: Shop) -> None:
    made = order(priced)
    acting.ship(
        made.pk,
        priced.warehouse,
        [actions.Some(0, 1)],
        carrier="PostNord",
        actor=Actor("Elin"),
        request=Request("t", "s"),
    )
    maja.post(f"/orders/{made.pk}/cancel/", {"all": "yes"})
    kinds = set(PaymentCommand.objects.values_list("kind", flat=True))
    assert kinds == {"capture", "refund"}


def test_the_link_is_mailed_again_once_a_form(maja: Client, priced: Shop, anna: int) -> None:
    made = order(priced, whose=anna)
    for _ in range(2):
        answer = maja.post(f"/orders/{made.pk}/link/", {"key": "l"})
    assert answer["Location"] == f"/orders/{made.pk}/"
    mail = Mail.objects.get(purpose="order")
    assert (mail.to, mail.language) == ("anna@example.se", "sv")
    assert "/o/" in mail.text
    owner = identifiers.living(anna)
    answer = maja.post(f"/orders/{made.pk}/link/", {"key": "l2", "customer": owner})
    assert answer["Location"] == f"/customers/{owner}/"


def test_an_order_without_an_address_is_mailed_to_nobody(maja: Client, priced: Shop) -> None:
    made = order(priced, contact={"name": "Anna", "phone": "+46701234567"})
    maja.post(f"/orders/{made.pk}/link/", {"key": "l"})
    assert not Mail.objects.exists()
    assert "no e-mail address" in text(maja.get(f"/orders/{made.pk}/"))


@pytest.mark.parametrize("role", [Role.MARKETER, Role.ANALYST])
def test_who_may_not_handle_orders_changes_none(as_role: As, priced: Shop, role: Role) -> None:
    made = order(priced)
    client = as_role(role)
    for what in ("cancel", "ship", "hand-over", "link"):
        assert client.post(f"/orders/{made.pk}/{what}/", {"all": "yes"}).status_code == 403
    assert there(priced.small, priced.warehouse) == (3, 2, 1)
