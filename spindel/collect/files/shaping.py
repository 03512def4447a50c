"""Rows become messages of the tracking API; the lines of an order are brought together first."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec

from spindel.collect.files.mapping import Customer, Customers, Events, Field, Orders, Plan
from spindel.collect.files.picking import (
    Pick,
    Problem,
    any_holds,
    as_number,
    picker,
    time_picker,
)
from spindel.collect.files.reading import Row
from spindel.collect.mending import Mended
from spindel.identity.rules import (
    NOWHERE,
    addresses_in,
    is_rounded,
    normalise,
    unguarded,
)
from spindel.kit import environment, money
from spindel.kit.scratch import scratch

# An order of more lines is a mistake in the mapping, and no message could hold it.
MOST_LINES = 20_000

_T = TypeVar("_T")

_encode = msgspec.json.Encoder(decimal_format="number").encode


@dataclass(frozen=True, slots=True)
class Shaped:
    """A message as JSON, and the rows that it was made of."""

    raw: bytes
    rows: list[Row]

    @property
    def mended(self) -> Mended:
        """How its rows were mended."""
        return tuple(kind for row in self.rows for kind in row.mended)


Rejected = tuple[Row, str]  # and the reason
_ANOTHER = "Another line of the same order was rejected."


class Scratch:
    """What is too large for memory, in a nameless file that goes when the program does."""

    def __init__(self) -> None:
        self._database = scratch(
            """
            CREATE TABLE seen (hash INTEGER PRIMARY KEY, times INTEGER NOT NULL);
            CREATE TABLE line ("order" TEXT, number INTEGER, said BLOB, text BLOB, problem TEXT,
                               mended TEXT);
            """
        )

    def times_seen(self, hash: bytes) -> int:
        """How many times this content has come by now, this one included."""
        ((times,),) = self._database.execute(
            "INSERT INTO seen VALUES (?, 1)"
            " ON CONFLICT (hash) DO UPDATE SET times = times + 1 RETURNING times",
            (int.from_bytes(hash[:8], "big", signed=True),),
        ).fetchall()
        return int(times)

    def sort(self, lines: Iterator[tuple[str | None, Row]]) -> None:
        """Take in the lines of all orders."""
        self._database.execute("BEGIN")
        self._database.executemany(
            "INSERT INTO line VALUES (?, ?, ?, ?, ?, ?)",
            (
                (
                    order,
                    row.number,
                    msgspec.json.encode(row.values),
                    row.text.encode("utf-8", "surrogatepass"),  # it need not be text
                    row.problem,
                    " ".join(row.mended),
                )
                for order, row in lines
            ),
        )
        self._database.execute("COMMIT")

    def orders(self) -> Iterator[list[Row]]:
        """The lines order by order. Those without an order come first, each on its own."""
        cursor = self._database.execute(
            'SELECT "order", number, said, text, problem, mended FROM line ORDER BY "order", number'
        )
        decode = msgspec.json.Decoder(dict[str, object]).decode
        groups = itertools.groupby(cursor, lambda line: (line[0], line[0] is None and line[1]))
        for _, lines in groups:
            rows = (
                Row(
                    number,
                    decode(said),
                    text.decode("utf-8", "surrogatepass"),
                    problem,
                    tuple(mended.split()),
                )
                for _, number, said, text, problem, mended in lines
            )
            part = list(itertools.islice(rows, MOST_LINES))
            rest = list(itertools.islice(rows, MOST_LINES))
            too_many = bool(rest)
            while part:
                if too_many:
                    for row in part:
                        row.problem = f"The order has more than {MOST_LINES:,} lines."
                yield part
                part, rest = rest, list(itertools.islice(rows, MOST_LINES))


class _Rejection(Exception):
    """Rows that are rejected together, each for a reason of its own."""

    def __init__(self, rows: list[Rejected]) -> None:
        super().__init__()
        self.rows = rows


class Shaper:
    """Makes messages of rows, as a mapping says. `country` is the source's."""

    def __init__(self, plan: Plan, country: str) -> None:
        self.plan = plan
        self.scratch = Scratch()
        self._country = country
        self._decimal = plan.file.decimal
        self._skips = any_holds(plan.skip, self._decimal)
        self._home = ZoneInfo(environment.value("SPINDEL_TIME_ZONE"))
        self._channel = picker(plan.channel, None, text=True) if plan.channel else None
        self._customer = self._recognisers(plan.customer)
        self._external = {
            system: picker(spec, None, text=True) for system, spec in plan.customer.external.items()
        }
        # The same row may well be told of twice, as a customer and as an event, say.
        event = plan.event if isinstance(plan, Events) else None
        self._about = (
            plan.__struct_config__.tag,
            event.value if isinstance(event, Field) else None,
        )
        self._shape = self._shaper()

    def skips(self, row: Row) -> bool:
        """Whether the mapping leaves the row out. A row that can't be read is not left out."""
        try:
            return not row.problem and self._skips(row)
        except Problem:
            return False

    def shape(self, rows: list[Row]) -> tuple[list[Shaped], list[Rejected]]:
        """The messages of a row, or of an order's rows; or every one of the rows, with why not."""
        if not rows or any(row.problem for row in rows):
            return [], [(row, row.problem or _ANOTHER) for row in rows]
        try:
            return self._shape(rows), []
        except _Rejection as error:
            return [], error.rows
        except Problem as problem:
            return [], [(row, str(problem)) for row in rows]
        except (ValueError, OverflowError, RecursionError, ArithmeticError):
            return [], [(row, "It holds a value that JSON can't.") for row in rows]

    def pass_by(self, rows: list[Row]) -> None:
        """See rows that are done, so that their like further on are told apart from them."""
        if self._names_by_content:
            for row in rows:
                if not row.problem:
                    self._content_id(row)

    # --- what all kinds share ---------------------------------------------------------------------

    def _shaper(self) -> Callable[[list[Row]], list[Shaped]]:
        plan = self.plan
        if isinstance(plan, Orders):
            self._names_by_content = False
            return self._orders(plan)
        self._names_by_content = plan.message_id is None
        if isinstance(plan, Customers):
            return self._customers(plan)
        return self._as_is if plan.as_is else self._events(plan)

    def _recognisers(self, customer: Customer) -> dict[str, Pick]:
        given = msgspec.structs.asdict(customer)
        return {
            kind: picker(spec, None, text=True)
            for kind, spec in given.items()
            if spec is not None and kind != "external"
        }

    def _fields(self, specs: dict[str, str | Field]) -> dict[str, Pick]:
        return {name: picker(spec, self._decimal) for name, spec in specs.items()}

    def _who(self, row: Row) -> dict[str, str]:
        """What recognises the row's customer, by kind, without what never identifies anybody."""
        found = {}
        for kind, pick in self._customer.items():
            value = self._id(pick, row, kind)
            if value and kind == "email":
                value = _one_address(value)
            if value and self._identifies(kind, value):
                found[kind] = value
        for system, pick in self._external.items():
            value = self._id(pick, row, system)
            if value and self._identifies("external", f"{system}:{value}"):
                found[f"external:{system}"] = value
        return found

    def _id(self, pick: Pick, row: Row, what: str) -> str | None:
        """An identifier without what a spreadsheet has put around it."""
        value = pick(row)
        if not isinstance(value, str):
            return None
        value = unguarded(value)
        if is_rounded(value):
            raise Problem(
                f"The {what.replace('_', ' ')} was rounded by a spreadsheet, and its last digits"
                " are gone: have the column exported as text."
            )
        return value or None

    def _identifies(self, kind: str, value: str) -> bool:
        return normalise(kind, value, self._country) is not None

    def _message(self, type: str, id: str, row: Row, who: dict[str, str]) -> dict[str, object]:
        message: dict[str, object] = {"type": type, "messageId": id}
        if "user_id" in who:
            message["userId"] = who["user_id"]
        if "anonymous_id" in who:
            message["anonymousId"] = who["anonymous_id"]
        if self._channel is not None and (channel := self._channel(row)) is not None:
            message["channel"] = channel
        external = [
            {"type": kind.partition(":")[2], "id": value}
            for kind, value in who.items()
            if kind.startswith("external:")
        ]
        context: dict[str, object] = {"externalIds": external} if external else {}
        traits = _person(who)
        if traits and type != "identify":
            context["traits"] = traits
        if context:
            message["context"] = context
        return message

    def _content_id(self, row: Row) -> str:
        """A row without an id is known by its content, and among its equals by its place."""
        content = msgspec.json.encode((*self._about, row.values))
        hash = blake2b(content, digest_size=16).digest()
        times = self.scratch.times_seen(hash)
        return hash.hex() if times == 1 else f"{hash.hex()}-{times}"

    # --- events and customers ---------------------------------------------------------------------

    def _events(self, plan: Events) -> Callable[[list[Row]], list[Shaped]]:
        assert plan.event is not None
        assert plan.timestamp is not None
        event = picker(plan.event, None, text=True)
        when = time_picker(plan.timestamp, self._home)
        properties = self._fields(plan.properties)
        id = picker(plan.message_id, None, text=True) if plan.message_id else None

        def shape(rows: list[Row]) -> list[Shaped]:
            (row,) = rows
            # First, since it counts the row even where the row is rejected afterwards: the count
            # must not depend on what else is wrong.
            known_as = self._id(id, row, "message id") if id else self._content_id(row)
            if known_as is None:
                raise Problem("Its message id is empty.")
            name, moment = event(row), when(row)
            if name is None:
                raise Problem("The event's name is empty.")
            if moment is None:
                raise Problem("The timestamp is empty.")
            message = self._message("track", str(known_as), row, self._who(row))
            message |= {"event": name, "timestamp": moment, "properties": _taken(properties, row)}
            return [Shaped(_encode(message), rows)]

        return shape

    def _as_is(self, rows: list[Row]) -> list[Shaped]:
        (row,) = rows
        raw = row.text.strip().encode() if row.text else _encode(row.values)
        if not row.values.get("messageId"):
            id = self._content_id(row)
            rest = {name: value for name, value in row.values.items() if name != "messageId"}
            raw = _encode({"messageId": id, **rest})
        return [Shaped(raw, rows)]

    def _customers(self, plan: Customers) -> Callable[[list[Row]], list[Shaped]]:
        when = time_picker(plan.timestamp, self._home) if plan.timestamp else None
        traits = self._fields(plan.traits)
        id = picker(plan.message_id, None, text=True) if plan.message_id else None

        def shape(rows: list[Row]) -> list[Shaped]:
            (row,) = rows
            known_as = self._id(id, row, "message id") if id else self._content_id(row)
            if known_as is None:
                raise Problem("Its message id is empty.")
            who = self._who(row)
            message = self._message("identify", str(known_as), row, who)
            message["traits"] = _taken(traits, row) | _person(who)
            if when is not None and (moment := when(row)) is not None:
                message["timestamp"] = moment
            return [Shaped(_encode(message), rows)]

        return shape

    # --- orders -----------------------------------------------------------------------------------

    def order_of(self, row: Row) -> str | None:
        """The number of the order that the row is a line of; the row has a problem without."""
        assert isinstance(self.plan, Orders)
        if row.problem:
            return None
        try:
            number = self._id(self._order_id, row, "order's number")
        except Problem as problem:
            row.problem = str(problem)
            return None
        if number is None:
            row.problem = "The order's number is empty."
        return number

    def _orders(self, plan: Orders) -> Callable[[list[Row]], list[Shaped]]:
        self._order_id = picker(plan.order_id, None, text=True)
        when = time_picker(plan.timestamp, self._home)
        currency = picker(plan.currency, None, text=True) if plan.currency else None
        texts = ("product_id", "sku", "name")
        line = {
            name: picker(spec, self._decimal, text=name in texts)
            for name, spec in plan.line.items()
        }
        properties = self._fields(plan.properties)
        is_credit = any_holds(plan.refund, self._decimal)

        def decimals(row: Row) -> int | None:
            """How many a price can have; None where that is not known."""
            code = currency(row) if currency else None
            try:
                return money.places(code) if isinstance(code, str) else None
            except ValueError:
                return None

        def product(row: Row) -> dict[str, object]:
            """The row as a product, with quantity and price as exact numbers."""
            found = _taken(line, row)
            for name in ("quantity", "price"):
                most = decimals(row) if name == "price" else None
                number = as_number(found.get(name), f"The {name}", self._decimal, most)
                if number is None:
                    raise Problem(f"The {name} is empty.")
                found[name] = number
            return found

        def message(name: str, number: str, lines: list[_Line], rows: list[Row]) -> bytes:
            who = self._one_customer(rows)
            moment = _first(when, rows)
            if moment is None:
                raise Problem("The timestamp is empty.")
            total = sum((quantity * price for quantity, price, _ in lines), Decimal(0))
            said = {
                name: value
                for name, pick in properties.items()
                if (value := _first(pick, rows)) is not None
            }
            order: dict[str, object] = {"order_id": number, "total": total, "revenue": total}
            if currency is not None and (code := _first(currency, rows)) is not None:
                order["currency"] = code
            order |= said
            order["products"] = [product for _, _, product in lines]
            id = f"{'order' if name == 'Order Completed' else 'refund'}:{number}"
            return _encode(
                self._message("track", id, rows[0], who)
                | {"event": name, "timestamp": moment, "properties": order}
            )

        def products_of(rows: list[Row]) -> list[tuple[Row, dict[str, object]]]:
            found, bad = [], {}
            for row in rows:
                try:
                    found.append((row, product(row)))
                except Problem as problem:
                    bad[row.number] = str(problem)
            if bad:
                # A part of an order would have a wrong sum for ever: facts don't change.
                raise _Rejection([(row, bad.get(row.number, _ANOTHER)) for row in rows])
            return found

        def shape(rows: list[Row]) -> list[Shaped]:
            products = products_of(rows)
            number = self.order_of(rows[0])
            assert number is not None
            credit = any(map(is_credit, rows))
            shaped = []
            back = [credit or _number(product["quantity"]) < 0 for _, product in products]
            for name, refund in (("Order Completed", False), ("Order Refunded", True)):
                part = [
                    one for one, is_back in zip(products, back, strict=True) if is_back == refund
                ]
                if part:
                    theirs = [row for row, _ in part]
                    lines = _lines([product for _, product in part], refund)
                    shaped.append(Shaped(message(name, number, lines, theirs), theirs))
            return shaped

        return shape

    def _one_customer(self, rows: list[Row]) -> dict[str, str]:
        who: dict[str, str] = {}
        for row in rows:
            for kind, value in self._who(row).items():
                if who.setdefault(kind, value) != value:
                    raise Problem("The lines of the order name different customers.")
        return who


_Line = tuple[int | Decimal, int | Decimal, dict[str, object]]  # quantity, price, the product


def _lines(products: list[dict[str, object]], refund: bool) -> list[_Line]:
    """What was bought or came back; what came back is counted as it was when it was bought.

    Credit notes are written both ways, with negative quantities and with positive ones.
    """
    turn = refund and any(_number(product["quantity"]) < 0 for product in products)
    lines: list[_Line] = []
    for product in products:
        quantity, price = _number(product["quantity"]), _number(product["price"])
        quantity = -quantity if turn else quantity
        lines.append((quantity, price, {**product, "quantity": quantity}))
    return lines


def _number(value: object) -> int | Decimal:
    assert isinstance(value, int | Decimal)
    return value


def _taken(picks: dict[str, Pick], row: Row) -> dict[str, object]:
    return {name: value for name, pick in picks.items() if (value := pick(row)) is not None}


def _first(pick: Callable[[Row], _T | None], rows: list[Row]) -> _T | None:
    return next((value for row in rows if (value := pick(row)) is not None), None)


def _one_address(cell: str) -> str:
    """The address that a cell names, among whatever else; as it stands where it names none.

    Raises Problem where it names several: nobody can say which is hers.
    """
    named = addresses_in(cell)
    if len(named) > 1:
        raise Problem("The email is several addresses: leave the customer's own.")
    return named[0] if named and normalise("email", cell, NOWHERE) is None else cell


def _person(who: dict[str, str]) -> dict[str, object]:
    return {kind: who[kind] for kind in ("email", "phone", "card") if kind in who}
