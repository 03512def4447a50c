"""What the bank knows and does: sessions, payments, refunds, and what it has to tell.

In a file, so that several processes are one bank, and a restart forgets nothing. Whatever is asked
happens whole or not at all.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from spindel.demo.payments.forms import Values

Thing = dict[str, Any]  # Any: one of the contract's objects, as JSON

API_VERSION = "2026-10-28.endive"
_SHORTEST, _LONGEST = 30 * 60, 24 * 3600  # seconds that a session may be open
_KEYS_LAST = 24 * 3600
_PAUSES = (1, 2, 5, 10, 30, 60, 300, 3600)
_TOLD_FOR = 3 * 24 * 3600
_LEASE = 30
_SECONDS_TO_ANSWER = 10

_TABLES = """
CREATE TABLE IF NOT EXISTS thing (id TEXT PRIMARY KEY, kind TEXT, of TEXT, body TEXT);
CREATE INDEX IF NOT EXISTS thing_of ON thing (kind, of);
CREATE TABLE IF NOT EXISTS key (key TEXT PRIMARY KEY, asked TEXT, status INT, body TEXT, at REAL);
CREATE TABLE IF NOT EXISTS event (
    id TEXT PRIMARY KEY, body TEXT, made REAL, due REAL, attempts INT DEFAULT 0, told INT DEFAULT 0
);
CREATE INDEX IF NOT EXISTS event_due ON event (told, due);
"""


class _NoWayOn(urllib.request.HTTPRedirectHandler):
    """An answer that leads elsewhere is no answer."""

    def redirect_request(self, *_: object) -> None:
        """Lead nowhere."""


_OPENER = urllib.request.build_opener(_NoWayOn)


class Refusal(Exception):
    """The bank will not do it; as the contract says it."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",
        code: str = "",
        param: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        error = {"type": type, "message": message, "code": code, "param": param}
        self.body = {"error": {key: value for key, value in error.items() if value}}


class Bank:
    """A bank. `page` is where its pages are, `webhook` whom it tells what happened."""

    def __init__(self, file: Path, *, key: str, secret: str, page: str, webhook: str) -> None:
        self._file = file
        self._key, self._secret = key, secret
        self._page, self._webhook = page, webhook
        self.now: Callable[[], float] = time.time
        self._within: sqlite3.Connection
        file.parent.mkdir(parents=True, exist_ok=True)
        with closing(self._connect()) as connection:
            connection.executescript(_TABLES)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, timeout=10, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        return connection

    @contextmanager
    def _transaction(self) -> Iterator[_Books]:
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield _Books(connection, self.now(), self._page)
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    # --- asked by the shop ------------------------------------------------------------------------

    def lets_in(self, authorization: str) -> bool:
        """Whether the header shows our key."""
        return hmac.compare_digest(authorization.encode(), f"Bearer {self._key}".encode())

    def ask(self, method: str, path: str, values: Values, once: str = "") -> tuple[int, Thing]:
        """Do what a request asks, and answer its status and body; with the same `once`, once."""
        asked = json.dumps([method, path, values], sort_keys=True)
        hashed = hashlib.sha256(asked.encode()).hexdigest()
        try:
            with self._transaction() as books:
                if once and (before := books.answered(once, hashed)) is not None:
                    return before
                answer = books.answer(method, path, values)
                if once:
                    books.keep_answer(once, hashed, *answer)
                return answer
        except Refusal as refusal:
            return refusal.status, refusal.body

    # --- done at its page -------------------------------------------------------------------------

    def session(self, id: str) -> Thing | None:
        """The page as it is now."""
        with self._transaction() as books:
            books.end_sessions()
            return books.find("session", id)

    def is_refused(self, session: Thing) -> bool:
        """Whether her card was refused when it was last tried."""
        with self._transaction() as books:
            intent = books.find("intent", session["payment_intent"] or "")
            return bool(intent and intent["last_payment_error"])

    def pay(self, id: str) -> None:
        """Her card is good. Paid before or too late: nothing."""
        with self._transaction() as books:
            books.end_sessions()
            books.pay(id)

    def refuse(self, id: str) -> None:
        """Her card is refused; she may try again."""
        with self._transaction() as books:
            books.end_sessions()
            books.refuse(id)

    # --- told to the shop -------------------------------------------------------------------------

    def events(self) -> list[Thing]:
        """All that it has told or has to tell, the oldest first."""
        with closing(self._connect()) as connection:
            found = connection.execute("SELECT body FROM event ORDER BY rowid").fetchall()
        return [json.loads(body) for (body,) in found]

    def tell(self) -> int:
        """Tell what is due; how much of it was taken. Where nobody is to be told: nothing."""
        if not self._webhook:
            return 0
        with self._transaction() as books:
            books.end_sessions()
        taken = 0
        while (claimed := self._claim()) is not None:
            id, body, attempts = claimed
            if self.deliver(body):
                with self._transaction() as books:
                    books.run("UPDATE event SET told = 1 WHERE id = ?", id)
                taken += 1
            else:
                pause = _PAUSES[min(attempts, len(_PAUSES) - 1)]
                with self._transaction() as books:
                    books.run("UPDATE event SET due = ? WHERE id = ?", self.now() + pause, id)
        return taken

    def _claim(self) -> tuple[str, str, int] | None:
        now = self.now()
        with self._transaction() as books:
            found = books.run(
                "SELECT id, body, attempts FROM event WHERE told = 0 AND due <= ? AND made > ?"
                " ORDER BY due, rowid LIMIT 1",
                now,
                now - _TOLD_FOR,
            )
            if not found:
                return None
            id, body, attempts = found[0]
            books.run(
                "UPDATE event SET due = ?, attempts = attempts + 1 WHERE id = ?", now + _LEASE, id
            )
            return id, body, attempts

    def deliver(self, body: str) -> bool:
        """Tell an event once; whether it was taken."""
        request = urllib.request.Request(  # noqa: S310  # our own address
            self._webhook,
            body.encode(),
            {"Content-Type": "application/json", "Stripe-Signature": self.sign(body)},
        )
        try:
            with _OPENER.open(request, timeout=_SECONDS_TO_ANSWER) as answer:  # the same
                return bool(200 <= answer.status < 300)
        except OSError:
            return False

    def sign(self, body: str, at: int | None = None) -> str:
        """The header that shows that it is from here, and of now."""
        at = int(self.now()) if at is None else at
        signed = hmac.new(self._secret.encode(), f"{at}.{body}".encode(), hashlib.sha256)
        return f"t={at},v1={signed.hexdigest()}"


class _Books:
    """What is in the file, within a transaction."""

    def __init__(self, connection: sqlite3.Connection, now: float, page: str) -> None:
        self._connection = connection
        self._now = now
        self._page = page

    def run(self, statement: str, *values: object) -> list[Any]:  # Any: what it selects
        return self._connection.execute(statement, values).fetchall()

    # things

    def find(self, kind: str, id: str) -> Thing | None:
        found = self.run("SELECT body FROM thing WHERE kind = ? AND id = ?", kind, id)
        return json.loads(found[0][0]) if found else None

    def get(self, kind: str, id: str) -> Thing:
        found = self.find(kind, id)
        if found is None:
            name = {"session": "checkout.session", "intent": "payment_intent"}.get(kind, kind)
            raise Refusal(
                f"No such {name}: '{id[:60]}'", status=404, code="resource_missing", param=kind
            )
        return found

    def save(self, kind: str, thing: Thing, of: str = "") -> None:
        self.run(
            "INSERT INTO thing VALUES (?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            thing["id"],
            kind,
            of,
            json.dumps(thing),
        )

    def tell(self, kind: str, thing: Thing) -> None:
        event = {
            "id": _name("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": int(self._now),
            "data": {"object": shown(thing)},
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
        }
        self.run(
            "INSERT INTO event (id, body, made, due) VALUES (?, ?, ?, ?)",
            event["id"],
            json.dumps(event),
            self._now,
            self._now,
        )

    # the same request again

    def answered(self, once: str, asked: str) -> tuple[int, Thing] | None:
        self.run("DELETE FROM key WHERE at < ?", self._now - _KEYS_LAST)
        found = self.run("SELECT asked, status, body FROM key WHERE key = ?", once)
        if not found:
            return None
        before, status, body = found[0]
        if before != asked:
            raise Refusal(
                "Keys for idempotent requests can only be used with the same parameters they were"
                f" first used with. Try using a key other than '{once[:60]}' if you meant to"
                " execute a different request.",
                type="idempotency_error",
            )
        return status, json.loads(body)

    def keep_answer(self, once: str, asked: str, status: int, body: Thing) -> None:
        self.run(
            "INSERT INTO key VALUES (?, ?, ?, ?, ?)",
            once,
            asked,
            status,
            json.dumps(body),
            self._now,
        )

    # what can be asked

    def answer(self, method: str, path: str, values: Values) -> tuple[int, Thing]:
        """What the contract says to the request. Raises Refusal."""
        self.end_sessions()
        expand = values.pop("expand", [])
        match method, path.strip("/").split("/"):
            case "POST", ["v1", "checkout", "sessions"]:
                found = self._open_session(values)
            case "GET", ["v1", "checkout", "sessions", id]:
                found = self.get("session", id)
            case "POST", ["v1", "checkout", "sessions", id, "expire"]:
                found = self._expire(id)
            case "GET", ["v1", "payment_intents", id]:
                found = self.get("intent", id)
            case "POST", ["v1", "payment_intents", id, "capture"]:
                found = self._capture(id, values)
            case "POST", ["v1", "payment_intents", id, "cancel"]:
                found = self._cancel(id)
            case "POST", ["v1", "refunds"]:
                found = self._refund(values)
            case "GET", ["v1", "refunds"]:
                found = self._refunds(values)
            case _:
                raise Refusal(f"Unrecognized request URL ({method}: {path[:100]}).", status=404)
        for one in expand:
            self._expand(found, str(one).split("."))
        return 200, found

    def _expand(self, thing: Thing, path: list[str]) -> None:
        kinds = {"payment_intent": "intent", "latest_charge": "charge", "charge": "charge"}
        if path[0] not in kinds or path[0] not in thing:
            raise Refusal(f"This property cannot be expanded ({path[0][:40]}).", param="expand")
        if isinstance(thing[path[0]], str):
            thing[path[0]] = self.get(kinds[path[0]], thing[path[0]])
        if path[1:] and thing[path[0]] is not None:
            self._expand(thing[path[0]], path[1:])

    # sessions

    def _open_session(self, values: Values) -> Thing:
        amount, currency, name = _to_pay(values)
        if values.get("mode") != "payment":
            raise Refusal("You must pass `mode`: this bank knows `payment`.", param="mode")
        if "payment_method_types" in values:
            raise Refusal(
                "Received unknown parameter: payment_method_types",
                code="parameter_unknown",
                param="payment_method_types",
            )
        now = int(self._now)
        ends = _whole(values, "expires_at") if "expires_at" in values else now + _LONGEST
        if not _SHORTEST <= ends - now <= _LONGEST:
            raise Refusal(
                "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from"
                " Checkout Session creation.",
                param="expires_at",
            )
        if not str(values.get("success_url", "")).startswith(("http://", "https://")):
            raise Refusal("Not a valid URL", code="url_invalid", param="success_url")
        data = values.get("payment_intent_data", {})
        id = _name("cs_test")
        session: Thing = {
            "id": id,
            "object": "checkout.session",
            "amount_subtotal": amount,
            "amount_total": amount,
            "cancel_url": values.get("cancel_url"),
            "client_reference_id": values.get("client_reference_id"),
            "created": int(self._now),
            "currency": currency,
            "customer": None,
            "expires_at": ends,
            "livemode": False,
            "locale": values.get("locale", "auto"),
            "metadata": values.get("metadata", {}),
            "mode": "payment",
            "payment_intent": None,
            "payment_method_types": ["card"],
            "payment_status": "unpaid",
            "status": "open",
            "success_url": values["success_url"],
            "url": f"{self._page}/pay/{id}",
            # Not the contract's: for the page, and for the payment to come.
            "_name": name,
            "_capture": data.get("capture_method", "automatic"),
            "_metadata": data.get("metadata", {}),
        }
        self.save("session", session, "open")
        return session

    def end_sessions(self) -> None:
        """End those whose time is over."""
        for (body,) in self.run("SELECT body FROM thing WHERE kind = 'session' AND of = 'open'"):
            session = json.loads(body)
            if session["expires_at"] <= self._now:
                self._end(session)

    def _end(self, session: Thing) -> None:
        session |= {"status": "expired", "url": None}
        self._close(session)
        self.tell("checkout.session.expired", session)

    def _close(self, session: Thing) -> None:
        self.save("session", session)
        self.run("UPDATE thing SET of = '' WHERE id = ?", session["id"])

    def _expire(self, id: str) -> Thing:
        session = self.get("session", id)
        if session["status"] != "open":
            raise Refusal(
                'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout'
                f" Session has a status of {session['status']}."
            )
        self._end(session)
        return session

    def pay(self, id: str) -> None:
        session = self.get("session", id)
        if session["status"] != "open":
            return
        intent = self._intent_of(session)
        is_later = session["_capture"] == "manual"
        amount = intent["amount"]
        charge = self._charge(intent, amount_captured=0 if is_later else amount, paid=True)
        intent |= {
            "status": "requires_capture" if is_later else "succeeded",
            "amount_capturable": amount if is_later else 0,
            "amount_received": 0 if is_later else amount,
            "latest_charge": charge["id"],
            "last_payment_error": None,
        }
        self.save("intent", intent)
        session |= {
            "status": "complete",
            "payment_status": "unpaid" if is_later else "paid",
            "url": None,
        }
        self._close(session)
        kind = "amount_capturable_updated" if is_later else "succeeded"
        self.tell(f"payment_intent.{kind}", intent)
        self.tell("charge.succeeded", charge)
        self.tell("checkout.session.completed", session)

    def refuse(self, id: str) -> None:
        session = self.get("session", id)
        if session["status"] != "open":
            return
        intent = self._intent_of(session)
        charge = self._charge(intent, amount_captured=0, paid=False)
        intent |= {
            "status": "requires_payment_method",
            "latest_charge": charge["id"],
            "last_payment_error": {
                "type": "card_error",
                "code": "card_declined",
                "decline_code": "generic_decline",
                "message": "Your card was declined.",
            },
        }
        self.save("intent", intent)
        self.tell("charge.failed", charge)
        self.tell("payment_intent.payment_failed", intent)

    def _intent_of(self, session: Thing) -> Thing:
        if session["payment_intent"]:
            return self.get("intent", session["payment_intent"])
        intent: Thing = {
            "id": _name("pi"),
            "object": "payment_intent",
            "amount": session["amount_total"],
            "amount_capturable": 0,
            "amount_received": 0,
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": session["_capture"],
            "created": int(self._now),
            "currency": session["currency"],
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": session["_metadata"],
            "status": "requires_payment_method",
        }
        self.save("intent", intent)
        session["payment_intent"] = intent["id"]
        self.save("session", session)
        return intent

    def _charge(self, intent: Thing, *, amount_captured: int, paid: bool) -> Thing:
        charge: Thing = {
            "id": _name("ch"),
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": amount_captured,
            "amount_refunded": 0,
            "captured": bool(amount_captured),
            "created": int(self._now),
            "currency": intent["currency"],
            "livemode": False,
            "metadata": intent["metadata"],
            "paid": paid,
            "payment_intent": intent["id"],
            "refunded": False,
            "status": "succeeded" if paid else "failed",
        }
        self.save("charge", charge)
        return charge

    # payments

    def _capture(self, id: str, values: Values) -> Thing:
        intent = self.get("intent", id)
        _check_state(intent, "captured", ("requires_capture",))
        amount = intent["amount_capturable"]
        if "amount_to_capture" in values:
            amount = _whole(values, "amount_to_capture")
        if not 0 < amount <= intent["amount_capturable"]:
            raise Refusal(
                "The requested capture amount is greater than the authorized amount.",
                code="amount_too_large",
                param="amount_to_capture",
            )
        charge = self.get("charge", intent["latest_charge"])
        charge |= {"amount_captured": amount, "captured": True}
        self.save("charge", charge)
        intent |= {"status": "succeeded", "amount_capturable": 0, "amount_received": amount}
        self.save("intent", intent)
        self.tell("charge.captured", charge)
        self.tell("payment_intent.succeeded", intent)
        return intent

    def _cancel(self, id: str) -> Thing:
        intent = self.get("intent", id)
        _check_state(intent, "canceled", ("requires_capture", "requires_payment_method"))
        intent |= {"status": "canceled", "amount_capturable": 0, "canceled_at": int(self._now)}
        self.save("intent", intent)
        self.tell("payment_intent.canceled", intent)
        return intent

    def _refund(self, values: Values) -> Thing:
        intent = self.get("intent", str(values.get("payment_intent", "")))
        if intent["status"] != "succeeded":
            raise Refusal(
                "This PaymentIntent does not have a successful charge to refund.",
                code="payment_intent_unexpected_state",
            )
        charge = self.get("charge", intent["latest_charge"])
        left = charge["amount_captured"] - charge["amount_refunded"]
        amount = _whole(values, "amount") if "amount" in values else left
        if left == 0:
            raise Refusal(
                f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
            )
        if not 0 < amount <= left:
            raise Refusal(
                "Refund amount is greater than unrefunded amount on charge.", param="amount"
            )
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
        self.save("charge", charge)
        refund: Thing = {
            "id": _name("re"),
            "object": "refund",
            "amount": amount,
            "charge": charge["id"],
            "created": int(self._now),
            "currency": charge["currency"],
            "metadata": values.get("metadata", {}),
            "payment_intent": intent["id"],
            "status": "succeeded",
        }
        self.save("refund", refund, intent["id"])
        self.tell("refund.created", refund)
        self.tell("charge.refunded", charge)
        return refund

    def _refunds(self, values: Values) -> Thing:
        found = self.run(
            "SELECT body FROM thing WHERE kind = 'refund' AND of = ? ORDER BY rowid DESC LIMIT ?",
            str(values.get("payment_intent", "")),
            _whole(values, "limit") if "limit" in values else 10,
        )
        data = [json.loads(body) for (body,) in found]
        return {"object": "list", "data": data, "has_more": False, "url": "/v1/refunds"}


def shown(thing: Thing) -> Thing:
    """The object as others see it: without what is the bank's own."""
    return {
        key: shown(value) if isinstance(value, dict) else value
        for key, value in thing.items()
        if not key.startswith("_")
    }


def _name(kind: str) -> str:
    return f"{kind}_{secrets.token_hex(12)}"


def _whole(values: Values, name: str) -> int:
    text = values[name]
    if not isinstance(text, str) or not text.isascii() or not text.isdigit() or len(text) > 12:
        raise Refusal(f"Invalid integer: {str(text)[:40]}", param=name)
    return int(text)


def _to_pay(values: Values) -> tuple[int, str, str]:
    """What the lines come to, the currency, and what the first is called."""
    lines = values.get("line_items")
    if not isinstance(lines, list) or not lines:
        raise Refusal("Missing required param: line_items.", param="line_items")
    amount, currency, name = 0, "", ""
    for line in lines:
        try:
            price = line["price_data"]
            amount += _whole(line, "quantity") * _whole(price, "unit_amount")
            currency = price["currency"]
            name = name or price["product_data"]["name"]
        except (KeyError, TypeError):
            raise Refusal("Missing required param: line_items[0].", param="line_items") from None
    if not amount or not currency.isalpha() or currency != currency.lower():
        raise Refusal("Invalid currency or amount.", param="line_items")
    return amount, currency, name


def _check_state(intent: Thing, done: str, states: tuple[str, ...]) -> None:
    if intent["status"] not in states:
        raise Refusal(
            f"This PaymentIntent could not be {done} because it has a status of"
            f" {intent['status']}.",
            code="payment_intent_unexpected_state",
        )
