"""What happens and what is told of it, in processes that are killed: both, or neither."""

from __future__ import annotations

import json

import pytest

from spindel.commerce.common import mailing
from spindel.commerce.common.models import Notice
from spindel.commerce.orders.models import OrderEvent
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.stock.models import Hold
from spindel.messages.models import Mail
from tests.commerce.common.cast import ordered
from tests.commerce.conftest import Shop
from tests.commerce.orders.cast import priced as priced  # a fixture
from tests.commerce.orders.racing import start
from tests.commerce.payments.conftest import bank as bank  # a fixture
from tests.commerce.payments.standing import StandingBank
from tests.commerce.stock.cast import deliver

pytestmark = pytest.mark.slow

HAPPENS = {"cancel": "cancelled", "ship": "shipped", "settle": "confirmed", "hold": ""}


def happened(do: str) -> int:
    if do == "hold":
        return Hold.objects.filter(order_line_id=None).count()
    return OrderEvent.objects.filter(kind=HAPPENS[do]).count()


@pytest.mark.parametrize("do", HAPPENS)
def test_a_kill_between_any_two_statements_leaves_what_happened_with_its_mail_to_write_or_neither(
    do: str, priced: Shop, anna: int, bank: StandingBank
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    order = ordered(priced, Item(priced.small, 1), pay_by="card" if do == "settle" else "invoice")
    Notice.objects.all().delete()
    before = happened(do)
    place = priced.goteborg if do == "hold" else priced.warehouse
    task = {"do": do, "order": order.pk, "key": "k", "place": place, "paid": True}
    task |= {"variant": priced.small, "whose": anna}
    process = start(tasks=[task], die_after_each=True)
    kills = 0
    while process.stdout.readline() == "killed\n":
        kills += 1
        assert Notice.objects.count() == happened(do) - before
        process.stdin.write("go\n")
        process.stdin.flush()
    assert process.wait(60) == 0
    assert kills >= 1  # a hold is one statement
    mailing.write_mails(100)
    assert Mail.objects.count() == happened(do) - before == 1


def test_a_kill_between_any_two_statements_of_writing_mails_leaves_each_written_or_noted(
    priced: Shop,
) -> None:
    for n in range(5):
        ordered(priced, Item(priced.small, 1), key=f"o{n}")
    process = start(tasks=[{"do": "write_mails"}], die_after_each=True)
    kills = 0
    while (line := process.stdout.readline()) == "killed\n":
        kills += 1
        assert (Mail.objects.count(), Notice.objects.count()) in ((0, 5), (5, 0))
        process.stdin.write("go\n")
        process.stdin.flush()
    assert json.loads(line) == {"counted": {"written": 1}}
    assert process.wait(60) == 0
    assert kills > 4
    assert (Mail.objects.count(), Notice.objects.count()) == (5, 0)
