"""The demo's bank keeps to Stripe's documented contract, as Stripe's own library speaks it."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import stripe
from stripe import StripeClient

from spindel.demo.payments.bank import Bank, Thing
from spindel.demo.payments.forms import parse
from tests.commerce.payments.standing import KEY, SECRET, StandingBank


@pytest.fixture
def client(bank: StandingBank) -> StripeClient:
    return StripeClient(KEY, base_addresses={"api": bank.url}, max_network_retries=0)


def asked(**more: object) -> Thing:
    line = {
        "quantity": 2,
        "price_data": {
            "currency": "dkk",
            "unit_amount": 4_900,
            "product_data": {"name": "Socks"},
        },
    }
    return {
        "mode": "payment",
        "line_items": [line],
        "success_url": "https://shop.example/thanks",
        "payment_intent_data": {"capture_method": "manual", "metadata": {"a": "b"}},
    } | more


def open_session(client: StripeClient, key: str = "", **more: object) -> stripe.checkout.Session:
    options = {"idempotency_key": key} if key else {}
    return client.v1.checkout.sessions.create(asked(**more), options)  # type: ignore[arg-type]  # typed dicts


def test_a_form_with_nested_keys_is_read_as_it_is_meant() -> None:
    assert parse("a=1&b[c]=2&d[0][e]=3&d[1][e]=4&f[]=5&f[]=6") == {
        "a": "1",
        "b": {"c": "2"},
        "d": [{"e": "3"}, {"e": "4"}],
        "f": ["5", "6"],
    }
    for bad in ("a[b=1", "[a]=1", "a=1&a[b]=2"):
        with pytest.raises(ValueError, match="Invalid key"):
            parse(bad)


def test_a_session_is_what_was_asked_for(client: StripeClient, bank: StandingBank) -> None:
    made = open_session(client, client_reference_id="order 1", metadata={"x": "y"})
    found = client.v1.checkout.sessions.retrieve(made.id)
    assert found.id.startswith("cs_test_")
    assert (found.status, found.payment_status) == ("open", "unpaid")
    assert (found.amount_total, found.currency) == (9_800, "dkk")
    assert found.client_reference_id == "order 1"
    assert found.to_dict()["metadata"] == {"x": "y"}
    assert found.url == f"{bank.url}/pay/{found.id}"


def test_the_same_key_is_the_same_request_or_none(client: StripeClient) -> None:
    first = open_session(client, key="k")
    assert open_session(client, key="k").id == first.id
    with pytest.raises(stripe.IdempotencyError):
        open_session(client, key="k", client_reference_id="another")
    assert open_session(client).id != first.id


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"mode": "subscription"}, "mode"),
        ({"line_items": []}, "line_items"),
        ({"success_url": "javascript:alert(1)"}, "success_url"),
        ({"payment_method_types": ["card"]}, "payment_method_types"),
        ({"expires_at": int(time.time()) + 60}, "expires_at"),
        ({"expires_at": int(time.time()) + 90_000}, "expires_at"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(
    client: StripeClient, wrong: Thing, param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        open_session(client, key="k", **wrong)
    assert (refused.value.http_status, refused.value.param) == (400, param)
    open_session(client, key="k")  # nothing was begun by it


def test_nobody_else_is_let_in(bank: StandingBank) -> None:
    stranger = StripeClient("sk_test_x", base_addresses={"api": bank.url}, max_network_retries=0)
    with pytest.raises(stripe.AuthenticationError):
        open_session(stranger)


def test_what_is_not_there_is_missing(client: StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.retrieve("pi_none")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_money_is_set_aside_taken_and_paid_back(client: StripeClient, bank: StandingBank) -> None:
    made = open_session(client)
    bank.pay(str(made.url))
    bank.pay(str(made.url))  # again: nothing
    session = client.v1.checkout.sessions.retrieve(made.id, {"expand": ["payment_intent"]})
    assert (session.status, session.url) == ("complete", None)
    intent = session.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert (intent.status, intent.amount_capturable) == ("requires_capture", 9_800)
    assert intent.to_dict()["metadata"] == {"a": "b"}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 9_801})
    assert refused.value.code == "amount_too_large"
    taken = client.v1.payment_intents.capture(
        intent.id, {"amount_to_capture": 9_000, "expand": ["latest_charge"]}
    )
    charge = taken.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert (taken.amount_received, charge.amount_captured, charge.amount_refunded) == (
        9_000,
        9_000,
        0,
    )
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.cancel(intent.id)
    assert refused.value.code == "payment_intent_unexpected_state"
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 4_000})
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 5_001})
    back = client.v1.refunds.create({"payment_intent": intent.id, "expand": ["charge"]})
    assert isinstance(back.charge, stripe.Charge)
    assert (back.amount, back.charge.amount_refunded, back.charge.refunded) == (5_000, 9_000, True)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": intent.id})
    assert refused.value.code == "charge_already_refunded"
    listed = client.v1.refunds.list({"payment_intent": intent.id})
    assert [one.amount for one in listed.data] == [5_000, 4_000]
    assert [one["type"] for one in bank.events()] == [
        "payment_intent.amount_capturable_updated",
        "charge.succeeded",
        "checkout.session.completed",
        "charge.captured",
        "payment_intent.succeeded",
        *("refund.created", "charge.refunded") * 2,
    ]


def test_a_session_that_ended_can_not_be_paid(client: StripeClient, bank: StandingBank) -> None:
    made = open_session(client)
    client.v1.checkout.sessions.expire(made.id)
    bank.pay(f"{bank.url}/pay/{made.id}")
    assert client.v1.checkout.sessions.retrieve(made.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.expire(made.id)


def test_what_happened_is_told_until_it_is_taken(tmp_path: Path) -> None:
    answers, told = [500, 302, 200], []

    class Shop(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.append((body, self.headers["Stripe-Signature"]))
            self.send_response(answers.pop(0))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}/webhooks/stripe"
        bank = Bank(tmp_path / "b.sqlite", key=KEY, secret=SECRET, page="http://b", webhook=url)
        status, session = bank.ask("POST", "v1/checkout/sessions", _as_form(asked()))
        assert status == 200
        bank.ask("POST", f"v1/checkout/sessions/{session['id']}/expire", {})
        now = time.time()
        for later in (0, 2, 10, 30, 10_000):
            bank.now = lambda later=later: now + later  # type: ignore[misc]  # bound at once
            bank.tell()
    finally:
        server.shutdown()
        server.server_close()
    assert len(told) == 3
    for body, signature in told:
        stripe.WebhookSignature.verify_header(body, signature, SECRET)
        event = json.loads(body)
        assert (event["object"], event["type"]) == ("event", "checkout.session.expired")
        assert event["data"]["object"]["id"] == session["id"]
        assert not [name for name in event["data"]["object"] if name.startswith("_")]
    assert len({body for body, _ in told}) == 1


def _as_form(values: Thing) -> Thing:
    """As a form says it: in text."""

    def text(value: object) -> object:
        if isinstance(value, dict):
            return {key: text(each) for key, each in value.items()}
        return [text(each) for each in value] if isinstance(value, list) else str(value)

    return {key: text(value) for key, value in values.items()}
