"""What the bank tells, signed, that is not as it should be: nothing is taken for paid, or lost."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from spindel.commerce.orders import actions as orders
from spindel.commerce.payments.models import Payment, PaymentDispute, PaymentEvent
from spindel.demo.payments.bank import Thing
from tests.commerce.payments.conftest import Buying, happened, standing, work
from tests.commerce.payments.standing import WEBHOOK, StandingBank
from tests.console.conftest import as_role, maja, text
from tests.examples import examples

__all__ = ["as_role", "maja"]

SET_ASIDE = "payment_intent.amount_capturable_updated"


def paid(anna: Buying, bank: StandingBank) -> tuple[Payment, str]:
    """What Anna has paid, which is not told yet; and what the bank calls it."""
    payment = anna.order()
    bank.pay(anna.start(payment))
    return payment, bank.events(SET_ASIDE)[-1]["data"]["object"]["id"]


def ask(bank: StandingBank, path: str, **asked: str) -> None:
    """Somebody does it at the bank's own pages."""
    bank.bank.ask("POST", f"v1/{path}", dict(asked))


def needs_a_look(client: Client) -> str:
    return text(client.get("/attention/", HTTP_ACCEPT_LANGUAGE="en"))


# --- another currency -----------------------------------------------------------------------------


@pytest.mark.parametrize("currency", ["eur", "xyz", "jpy", "clf"])
def test_money_of_another_currency_pays_no_order(
    anna: Buying, bank: StandingBank, maja: Client, currency: str
) -> None:
    payment, intent = paid(anna, bank)
    ask(bank, f"payment_intents/{intent}/capture")
    bank.tell(*(in_currency(event, currency) for event in bank.events()))
    assert standing(payment) == ("awaiting", "pending", 0, 0, 0)
    assert happened(payment).count("payment_failed") == 1
    page = needs_a_look(maja)
    assert page.count("Money came in another currency") == 1
    assert payment.number[:4] in page


def in_currency(event: Thing, currency: str) -> Thing:
    """The same, of another currency."""
    told = json.dumps(event).replace('"sek"', f'"{currency}"')
    changed: Thing = json.loads(told)
    return changed


def test_a_dispute_is_shown_in_the_currency_that_the_bank_names(
    anna: Buying, bank: StandingBank, maja: Client
) -> None:
    payment, intent = paid(anna, bank)
    bank.tell()
    told = {"id": "dp_1", "amount": 11_900, "currency": "eur", "payment_intent": intent}
    event: Thing = {"id": "evt_dp", "type": "charge.dispute.created", "data": {"object": told}}
    bank.tell(event)
    assert PaymentDispute.objects.get().currency == "EUR"
    page = needs_a_look(maja)
    assert "€119" in page
    assert standing(payment)[0] == "confirmed"


# --- paid back at the bank, before the goods have left --------------------------------------------


@pytest.mark.parametrize("backwards", [False, True])
def test_when_all_of_it_is_paid_back_what_has_not_left_is_cancelled(
    anna: Buying, bank: StandingBank, maja: Client, backwards: bool
) -> None:
    payment, intent = paid(anna, bank)
    ask(bank, f"payment_intents/{intent}/capture")
    ask(bank, "refunds", payment_intent=intent)
    events = bank.events()
    bank.tell(*(reversed(events) if backwards else events))
    work()
    assert standing(payment) == ("cancelled", "captured", 129_900, 129_900, 129_900)
    assert anna.held() == 0
    assert happened(payment).count("refunded") == 1
    assert needs_a_look(maja).count("Money was paid back, and not from here") == 1


@pytest.mark.parametrize("backwards", [False, True])
def test_when_some_of_it_is_paid_back_the_order_goes_on_and_somebody_has_to_look(
    anna: Buying, bank: StandingBank, maja: Client, backwards: bool
) -> None:
    payment, intent = paid(anna, bank)
    ask(bank, f"payment_intents/{intent}/capture")
    ask(bank, "refunds", payment_intent=intent, amount="10000")
    events = bank.events()
    bank.tell(*(reversed(events) if backwards else events))
    assert standing(payment) == ("confirmed", "captured", 129_900, 129_900, 10_000)
    page = needs_a_look(maja)
    assert "Money was paid back, and not from here" in page
    shown = text(maja.get(f"/orders/{payment.order_id}/"))
    assert "Money was paid back, and not from here" in shown
    event = PaymentEvent.objects.exclude(trouble="").get()
    maja.post(f"/attention/told/{event.pk}/settle/")
    assert "not from here" not in needs_a_look(maja)


def test_what_is_paid_back_from_here_needs_nobody(anna: Buying, bank: StandingBank) -> None:
    payment, intent = paid(anna, bank)
    ask(bank, f"payment_intents/{intent}/capture")
    bank.tell()
    orders.cancel(payment.order_id, None, by="Maja")
    work()
    bank.tell()
    assert standing(payment) == ("cancelled", "captured", 129_900, 129_900, 129_900)
    assert not PaymentEvent.objects.exclude(trouble="").exists()


# --- what can't be read ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("data", "object", "currency"), "kr\0"),
        (("data", "object", "currency"), "kronor"),
        (("data", "object", "id"), "pi_\0"),
        (("data", "object", "id"), "pi_" + "x" * 300),
        (("data", "object", "amount_capturable"), "1e999999"),
        (("data", "object", "amount_capturable"), 10**30),
        (("data", "object", "amount_capturable"), -1),
        (("data", "object"), "nothing"),
        (("data",), None),
        (("created",), 10**15),
    ],
)
def test_what_is_signed_and_can_not_be_read_is_kept_and_somebody_has_to_look(
    anna: Buying, bank: StandingBank, maja: Client, path: tuple[str, ...], value: object
) -> None:
    payment, _ = paid(anna, bank)
    event = changed(bank.events(SET_ASIDE)[0], path, value)
    assert post(bank, event).status_code == 200
    assert post(bank, event).status_code == 200
    assert standing(payment) == ("awaiting", "pending", 0, 0, 0)
    page = needs_a_look(maja)
    assert page.count("What a payment provider told can’t be read") == 1
    assert event["id"] in page


def changed(event: Thing, path: tuple[str, ...], value: object) -> Thing:
    """The event with another value at the path."""
    copied: Thing = json.loads(json.dumps(event))
    inner: Any = copied
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return copied


def post(bank: StandingBank, event: Thing):
    """Tell it, signed. A text that is a number JSON can't otherwise be made to hold is that."""
    body = json.dumps(event).replace('"1e999999"', "1e999999")
    return Client().post(
        WEBHOOK,
        body,
        content_type="application/json",
        headers={"Stripe-Signature": bank.bank.sign(body)},
    )


@pytest.mark.parametrize(
    "signature", ["t=1,v1=é", "t=é,v1=0", "t=" + "9" * 5000 + ",v1=0", "v1=,t=", "=", ",,,"]
)
def test_no_signature_is_too_strange_to_be_turned_away(bank: StandingBank, signature: str) -> None:
    answer = Client().post(
        WEBHOOK, "{}", content_type="application/json", headers={"Stripe-Signature": signature}
    )
    assert answer.status_code == 400


_STRANGE = st.one_of(
    st.sampled_from(
        [
            *(None, True, "", "\0", "\ud800", "x" * 5000, "1e999999", 1.5, -1, 0, 10**30),
            *("xyz", "SEK", "eur", "clf", [], {}, {"payment": "\0"}),
            ["x"] * 50,
        ]
    ),
    st.text(max_size=20),
    st.integers(),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3),
)


def paths(value: object, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where there is something in it."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*before, name)
            yield from paths(inner, (*before, name))


def test_whatever_is_changed_in_what_the_bank_tells_is_answered_and_pays_nothing_else(
    anna: Buying, bank: StandingBank
) -> None:
    payment, intent = paid(anna, bank)
    ask(bank, f"payment_intents/{intent}/capture")
    ask(bank, "refunds", payment_intent=intent, amount="100")
    events = bank.events()
    numbers = itertools.count()

    @settings(
        max_examples=examples(150),
        database=None,
    )
    @given(st.data())
    def tell(data: st.DataObject) -> None:
        event = data.draw(st.sampled_from(events)) | {"id": f"evt_{next(numbers)}"}
        for _ in range(data.draw(st.integers(1, 3))):
            found = data.draw(st.sampled_from(sorted(paths(event))))
            event = changed(event, found, data.draw(_STRANGE))
        event.setdefault("id", "evt_x")
        before = PaymentEvent.objects.count()
        answer = post(bank, event)  # an error would be raised here
        assert answer.status_code in (200, 400)
        if answer.status_code == 400:
            assert PaymentEvent.objects.count() == before
        else:
            assert PaymentEvent.objects.filter(event_id=event["id"]).exists()

    tell()
    bank.tell()
    now = standing(payment)
    assert now[3] <= 129_900
    assert now[4] <= now[3]
