"""Files become facts: `spindel import`."""

from __future__ import annotations

import contextlib
import csv
import fcntl
import io
import json
import os
import re
import signal
import stat
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import connections
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from spindel.collect.files import Outcome, run_import
from spindel.collect.files.mapping import SHIPPED
from spindel.timeline.models import Source
from tests.collect.support import Store
from tests.conftest import real_data
from tests.database import SERVER

EVENTS = """
kind: events
customer: {user_id: who}
event: {value: Coupon Applied}
timestamp: when
message_id: "{id}"
properties: {coupon: code}
"""
ORDERS = """
kind: orders
file: {decimal: ","}
customer: {user_id: customer}
order_id: receipt
timestamp: {column: time, format: "%d/%m/%Y %H:%M", zone: Europe/Stockholm}
currency: {value: SEK}
refund: [{column: receipt, starts_with: K}]
line: {product_id: sku, name: text, quantity: quantity, price: price}
properties: {affiliation: {column: store, prefix: "store "}}
"""
CUSTOMERS = """
kind: customers
customer: {user_id: id, email: email, external: {klarna: klarna}}
traits:
  first_name: first
  points: {column: points, number: true}
  club: {column: club, values: {J: member}, default: guest, lower: true}
skip: [{column: id, starts_with: TEST}]
"""


class Desk:
    """Somebody at a terminal, with files and mappings in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.screen = io.StringIO()

    def file(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def bring(self, path: Path, mapping: str, **options: Any) -> Outcome:
        """Import with a mapping given as text, or by the name of one that ships."""
        if "\n" in mapping:
            mapping = str(self.file("mapping.yml", mapping))
        console = Console(file=self.screen, width=200)
        return run_import(path, "pos", mapping, console=console, **options)

    def rejected(self, path: Path) -> list[dict[str, str]]:
        with path.with_name(f"{path.name}.rejected.csv").open(newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def desk(tmp_path: Path, pos: Source) -> Desk:
    return Desk(tmp_path)


def coupons(count: int) -> str:
    return "id,who,when,code\n" + "".join(
        f"{n},u-{n % 997},2025-03-01T10:00:00Z,SPRING-{n}\n" for n in range(count)
    )


# --- events ---------------------------------------------------------------------------------------


def test_a_row_becomes_a_fact_of_its_customer_at_its_time(desk: Desk, store: Store) -> None:
    outcome = desk.bring(desk.file("a.csv", coupons(1)), EVENTS)

    (fact,) = store.facts()
    assert (fact.name, fact.channel, fact.identifiers) == (
        "Coupon Applied",
        "store",
        ("user_id:u-0",),
    )
    assert fact.occurred_at == datetime(2025, 3, 1, 10, tzinfo=UTC)
    assert fact.properties == {"coupon": "SPRING-0"}
    assert (outcome.rows, outcome.kept, outcome.already) == (1, 1, 0)


def test_the_same_file_again_adds_nothing(desk: Desk, store: Store) -> None:
    path = desk.file("a.csv", coupons(1200))
    first, second = desk.bring(path, EVENTS), desk.bring(path, EVENTS)

    assert (first.kept, first.already) == (1200, 0)
    assert (second.kept, second.already, second.rows) == (0, 1200, 1200)
    assert store.tally() == {"kept": 1200, "duplicate": 1200}


def test_equal_rows_without_an_id_are_as_many_facts(desk: Desk, store: Store) -> None:
    mapping = EVENTS.replace('message_id: "{id}"\n', "")
    row = "7,u-1,2025-03-01T10:00:00Z,A\n"
    path = desk.file("a.csv", "id,who,when,code\n" + row * 3)

    assert desk.bring(path, mapping).kept == 3
    assert desk.bring(path, mapping).already == 3
    longer = desk.file("b.csv", "id,who,when,code\n8,u-2,2025-03-02T10:00:00Z,B\n" + row * 4)
    outcome = desk.bring(longer, mapping)
    assert (outcome.kept, outcome.already) == (2, 3)


def test_segment_messages_come_through_as_they_are(desk: Desk, store: Store) -> None:
    said = {
        "type": "track",
        "event": "Viewed Product",
        "userId": "u-1",
        "timestamp": "2025-03-01T10:00:00Z",
        "properties": {"sku": "A", "price": 1.5},
    }
    lines = [json.dumps(said | {"messageId": "m-1"}), json.dumps(said), json.dumps(said), "{oops"]
    path = desk.file("a.jsonl", "\n".join(lines))

    outcome = desk.bring(path, "events")

    assert [fact.name for fact in store.facts()] == ["Product Viewed"] * 3
    assert store.facts()[0].properties == said["properties"]
    assert (outcome.kept, outcome.rejected.total(), outcome.rows) == (3, 1, 4)
    assert desk.bring(path, "events").already == 3


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "who;when;code\nu-1;2025-03-01;Å\n".encode()),
        ("a.csv", b"\xef\xbb\xbf" + "who,when,code\nu-1,2025-03-01,Å\n".encode()),
        ("a.tsv", "who\twhen\tcode\r\nu-1\t2025-03-01\tÅ\r\n".encode()),
        ("a.csv", "who,when,code\nu-1,2025-03-01,Å\n".encode("utf-16")),
        ("a.csv", 'who,when,code\n"u-1",2025-03-01," Å "\n'.encode()),
        ("a.csv", "\ufeff\ufeffsep=;\nwho;when;code\nu-1;2025-03-01;Å\n".encode()),
        ("a.csv", "who,when,code\nu-1,2025-03-01,Å\n".encode("utf-16-le")),
        ("a.csv", "who,when,code,x,x\nu-1,2025-03-01,Å,1,2\n".encode()),
        ("a.csv", "who,when,code,who\nu-1,2025-03-01,Å,u-1\n".encode()),
        ("a.jsonl", '{"who":"u-1","when":"2025-03-01","code":"Å"}\n'.encode()),
        ("a.jsonl", '\ufeff\ufeff{"who":"u-1","when":"2025-03-01","code":"Å"}\n'.encode()),
        ("a.jsonl", '{"who":"u-1","when":"2025-03-01","code":"Å"}\n'.encode("utf-16-be")),
    ],
    ids=[
        *("semicolons", "BOM", "tabs", "UTF-16", "quotes", "sep", "UTF-16 without BOM"),
        *("twice unnamed", "twice alike", "JSONL", "JSONL BOM", "JSONL UTF-16"),
    ],
)
def test_the_usual_ways_to_write_a_file_are_understood(
    desk: Desk, store: Store, name: str, text: bytes
) -> None:
    mapping = EVENTS.replace('message_id: "{id}"\n', "")
    desk.bring(desk.file(name, text), mapping)

    assert [fact.properties for fact in store.facts()] == [{"coupon": "Å"}]
    # A time without a zone is the shop's: Stockholm.
    assert store.facts()[0].occurred_at == datetime(2025, 2, 28, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "coupon", "kind"),
    [
        ('{"id":1,"who":"u-1","when":"2025-03-01","code":"A\\ud83d"}', "A\ufffd", "lost_character"),
        ('{"id":1,"who":"u-1","when":"2025-03-01","code":"A\tB"}', "A\tB", "control_character"),
        ('{"id":1,"who":"u-1","when":"2025-03-01","code":"A","x":NaN}', "A", "not_a_number"),
    ],
)
def test_a_line_that_is_nearly_json_is_read_as_a_message_is_and_counted(
    desk: Desk, store: Store, line: str, coupon: str, kind: str
) -> None:
    path = desk.file("a.jsonl", line + "\n")
    assert desk.bring(path, EVENTS).kept == 1
    assert [fact.properties for fact in store.facts()] == [{"coupon": coupon}]
    counted = store.rows("SELECT kind, count::int FROM collect_mending")
    assert [tuple(one) for one in counted] == [(kind, 1)]


def test_lines_of_an_order_that_are_nearly_json_are_brought_together_and_counted(
    desk: Desk, store: Store
) -> None:
    said = '{"n":"1","who":"u-1","when":"2025-03-01","currency":"SEK","quantity":1,"price":'
    mapping = ONE_PRICE.replace("price: price", "price: {column: price, number: true}")
    lines = [said + '5,"x":NaN}', said + '7,"x":"\t"}', said + "9}"]
    desk.bring(desk.file("a.jsonl", "\n".join(lines)), mapping)
    assert [fact.properties["total"] for fact in store.facts()] == [21]
    counted = store.rows("SELECT kind, count::int FROM collect_mending ORDER BY kind")
    assert [tuple(one) for one in counted] == [("control_character", 1), ("not_a_number", 1)]


def test_another_encoding_is_read_where_the_mapping_says_so(desk: Desk, store: Store) -> None:
    path = desk.file("a.csv", "id,who,when,code\n1,u-1,2025-03-01,Å\n".encode("cp1252"))

    unsaid = desk.bring(path, EVENTS)
    assert unsaid.kept == 0
    (reason,) = unsaid.rejected
    assert "file.encoding" in reason
    assert desk.bring(path, EVENTS + "file: {encoding: cp1252}\n").kept == 1


def test_a_cell_may_hold_line_breaks_and_a_bad_neighbour_harms_nobody(
    desk: Desk, store: Store
) -> None:
    path = desk.file(
        "a.csv",
        "id,who,when,code\n"
        '1,u-1,2025-03-01,"two\nlines"\n'
        "2,u-2,2025-03-01\n"
        "3,u-3,soon,X\n"
        "4,,2025-03-01,X\n"
        "\n"
        "5,u-5,2025-03-01,Y\n",
    )

    outcome = desk.bring(path, EVENTS)

    assert [fact.properties["coupon"] for fact in store.facts()] == ["two\nlines", "Y"]
    assert [(row["line"], row["row"]) for row in desk.rejected(path)] == [
        ("4", "2,u-2,2025-03-01"),
        ("5", "3,u-3,soon,X"),
        ("6", "4,,2025-03-01,X"),
    ]
    assert [row["reason"] for row in desk.rejected(path)] == [
        "It has 3 cells, and the first line 4.",
        "when is not a time in ISO 8601: give its format.",
        "Nothing in the message says whose it is.",
    ]
    assert (outcome.rows, outcome.used, outcome.rejected.total()) == (5, 2, 3)
    assert store.tally() == {"kept": 2, "bad_row": 2, "no_identifier": 1}


def test_a_stray_quote_costs_its_own_row_and_every_other_is_told_of(
    desk: Desk, store: Store
) -> None:
    path = desk.file(
        "a.csv",
        "id,who,when,code\n"
        '1,u-1,2025-03-01,"A\n'
        "2,u-2,2025-03-01,B\n"
        '3,"u-3,2025-03-01,C\n'
        '4,u-4",2025-03-01,D\n'
        "5,u-5,2025-03-01,E\n",
    )
    outcome = desk.bring(path, EVENTS)
    told = {(fact.identifiers[0], fact.properties["coupon"]) for fact in store.facts()}
    assert told == {("user_id:u-2", "B"), ("user_id:u-5", "E")}
    assert [row["line"] for row in desk.rejected(path)] == ["2", "4", "5"]
    assert (outcome.rows, outcome.used) == (5, 2)


def test_columns_of_one_name_that_differ_spoil_their_row_where_the_mapping_names_them(
    desk: Desk, store: Store
) -> None:
    path = desk.file("a.csv", "id,who,when,code,who\n1,u-1,2025-03-01,A,u-2\n2,u,2025-03-01,B,u\n")
    outcome = desk.bring(path, EVENTS)
    assert [fact.properties["coupon"] for fact in store.facts()] == ["B"]
    (reason,) = outcome.rejected
    assert reason == "It has several columns who, and they differ: rename all but one."


def test_rows_that_differ_in_a_column_without_a_mapping_are_two_whatever_it_is_called(
    desk: Desk, store: Store
) -> None:
    mapping = EVENTS.replace('message_id: "{id}"\n', "")
    row = "u-1,2025-03-01,A,1,"
    path = desk.file("a.csv", f"who,when,code,x,x\n{row}1\n{row}2\n")
    assert desk.bring(path, mapping).kept == 2
    assert desk.bring(path, mapping).already == 2


def test_a_column_that_is_not_found_for_its_letters_says_what_to_do(desk: Desk) -> None:
    path = desk.file("a.csv", "id,who,när,code\n1,u-1,2025-03-01,A\n".encode("cp1252"))
    mapping = EVENTS.replace("timestamp: when", "timestamp: när")
    with pytest.raises(SystemExit, match=r"no column 'när'.*Not all of that is utf-8"):
        desk.bring(path, mapping)
    assert desk.bring(path, mapping + "file: {encoding: cp1252}\n").kept == 1


def test_a_line_without_end_is_one_row_that_is_rejected(desk: Desk) -> None:
    for name, head, line in (
        ("a.csv", "id,who,when,code\n", '1,u-1,2025-03-01,"{}"\n'),
        ("a.jsonl", "", '{{"who":"u-1","code":"{}"}}\n'),
    ):
        path = desk.file(name, head + line.format("x" * 9_000_000) + line.format("x"))
        outcome = desk.bring(path, EVENTS, dry_run=True)
        assert outcome.rows == 2
        assert outcome.rejected["It is longer than 4 MB."] == 1


# --- customers ------------------------------------------------------------------------------------


def test_what_was_rejected_is_for_its_owners_eyes_alone(desk: Desk) -> None:
    path = desk.file("a.csv", "id,who,when,code\n1,anna@example.com,soon,X\n")
    desk.bring(path, EVENTS)
    assert len(desk.rejected(path)) == 1
    assert stat.S_IMODE(path.with_name("a.csv.rejected.csv").stat().st_mode) == 0o600


def test_a_customer_row_says_who_it_is_and_what_is_known(desk: Desk, store: Store) -> None:
    path = desk.file(
        "a.csv",
        "id,email,klarna,first,points,club\n"
        "c-1,anna@nordsko.se,k-9,Anna,1200,J\n"
        "TEST1,x@nordsko.se,,X,,\n"
        "c-2,,,Bo,,\n"
        "c-3,,,Cy,many,J\n",
    )

    outcome = desk.bring(path, CUSTOMERS)

    anna, bo = store.facts()
    assert anna.name == "Customer Identified"
    assert set(anna.identifiers) == {
        "user_id:c-1",
        "email:anna@nordsko.se",
        "external:klarna:k-9",
    }
    assert anna.properties == {
        "first_name": "Anna",
        "points": 1200,
        "club": "member",
        "email": "anna@nordsko.se",
    }
    assert bo.properties == {"first_name": "Bo", "club": "guest"}
    assert (outcome.rows, outcome.skipped, outcome.kept) == (4, 1, 2)
    assert outcome.rejected == {"points is not a number.": 1}


GUARDED = """
kind: customers
customer: {user_id: id, card: card, phone: phone, email: email}
"""


def test_what_a_spreadsheet_has_put_around_an_id_is_taken_off(desk: Desk, store: Store) -> None:
    path = desk.file(
        "a.csv",
        "id,card,phone,email\n"
        'c-1,"=""0017""",\'+46701740605,"""Maria.Lund@firma.example"""\n'
        'c-2,\'0017,="0701740605",\n'.replace('="0701740605"', '"=""0701740605"""')
        + "c-3,0017,070-174 06 05,Maria Lund <maria.lund@firma.example>\n"
        'c-4,"""0017""",,maria.lund@firma.example; MARIA.LUND@firma.example\n',
    )
    outcome = desk.bring(path, GUARDED)
    assert outcome.rejected == {}
    found = [set(fact.identifiers) for fact in store.facts()]
    card, phone, email = "card:0017", "phone:+46701740605", "email:maria.lund@firma.example"
    assert found == [
        {"user_id:c-1", card, phone, email},
        {"user_id:c-2", card, phone},
        {"user_id:c-3", card, phone, email},
        {"user_id:c-4", card, email},
    ]


def test_an_id_that_has_lost_its_last_digits_is_refused_and_said_why(
    desk: Desk, store: Store
) -> None:
    path = desk.file(
        "a.csv",
        'id,card,phone,email\n7.35002E+12,,,\nc-2,"7,35002E+12",,\nc-3,\'7.35002E+12,,\nc-4,17,,\n',
    )
    outcome = desk.bring(path, GUARDED)
    assert [fact.identifiers for fact in store.facts()] == [("user_id:c-4",)]
    assert outcome.rejected.total() == 3
    for reason in outcome.rejected:
        assert "rounded by a spreadsheet, and its last digits are gone" in reason
    assert [row["line"] for row in desk.rejected(path)] == ["2", "3", "4"]


def test_a_cell_with_several_peoples_addresses_is_refused_and_counted(
    desk: Desk, store: Store
) -> None:
    path = desk.file(
        "a.csv",
        "id,card,phone,email\n"
        "c-1,,,anna@nordsko.se; bo@nordsko.se\n"
        "c-2,,,Anna <anna@nordsko.se> Bo <bo@nordsko.se>\n"
        "c-3,,,anna@nordsko.se (privat)\n"
        'c-4,,,"saknas, anna@nordsko.se"\n'
        "c-5,,,saknas\n",
    )
    outcome = desk.bring(path, GUARDED)
    assert outcome.rejected == {"The email is several addresses: leave the customer's own.": 2}
    assert [fact.identifiers for fact in store.facts()] == [
        ("user_id:c-3", "email:anna@nordsko.se"),
        ("user_id:c-4", "email:anna@nordsko.se"),
        ("user_id:c-5",),
    ]


def test_the_number_of_an_order_is_the_same_with_a_spreadsheets_guard(
    desk: Desk, store: Store
) -> None:
    guarded = LINES.replace("R1;", "'R1;", 1).replace("R2;", '"=""R2""";')
    rounded = "7.35E+12;7;01/12/2024 10:00;u-1;A;Shoe;2;1 299,50\n"
    outcome = desk.bring(desk.file("a.csv", guarded + rounded), ORDERS)
    assert {fact.properties["order_id"] for fact in store.facts()} == {"R1", "R2", "K3", "R4"}
    assert outcome.kept == 5
    ((reason, count),) = outcome.rejected.items()
    assert ("The order's number was rounded" in reason, count) == (True, 1)


# --- orders ---------------------------------------------------------------------------------------

LINES = """receipt;store;time;customer;sku;text;quantity;price
R1;7;01/12/2024 10:00;u-1;A;Shoe;2;1 299,50
R2;7;01/12/2024 10:05;;B;Sock;1;49
R1;7;01/12/2024 10:00;u-1;B;Sock;3;49,00
R1;7;01/12/2024 10:00;u-1;B;Sock;3;49,00
K3;7;02/12/2024 11:00;u-1;A;Shoe;-1;1 299,50
R4;7;02/12/2024 12:00;u-1;A;Shoe;1;1 299,50
R4;7;02/12/2024 12:00;u-1;B;Sock;-2;49
"""


def test_the_lines_of_an_order_are_one_fact_wherever_they_stand(desk: Desk, store: Store) -> None:
    outcome = desk.bring(desk.file("a.csv", LINES), ORDERS)

    told = {(fact.name, fact.properties["order_id"]): fact for fact in store.facts()}
    first = told["Order Completed", "R1"]
    assert first.occurred_at == datetime(2024, 12, 1, 9, tzinfo=UTC)
    assert first.properties == {
        "order_id": "R1",
        "total": 2893,
        "revenue": 2893,
        "currency": "SEK",
        "affiliation": "store 7",
        "products": [
            {"product_id": "A", "name": "Shoe", "quantity": 2, "price": 1299.5},
            {"product_id": "B", "name": "Sock", "quantity": 3, "price": 49},
            {"product_id": "B", "name": "Sock", "quantity": 3, "price": 49},
        ],
    }
    assert (outcome.rows, outcome.used, outcome.kept) == (7, 7, 5)


ONE_PRICE = """
kind: orders
customer: {user_id: who}
order_id: n
timestamp: when
currency: currency
line: {quantity: quantity, price: price}
"""


@pytest.mark.parametrize(
    ("price", "currency", "total", "with_comma"),
    [
        ("1290", "SEK", 1290, 1290),
        ("1290,00", "SEK", 1290, 1290),
        ("1 290,00", "SEK", 1290, 1290),
        ("1 290,50", "SEK", 1290.5, 1290.5),
        ("1,290", "SEK", None, 1.29),
        ("1.290", "DKK", None, 1290),
        ("1.000", "DKK", None, 1000),
        ("1.290,00", "DKK", 1290, 1290),
        ("1,290.00", "DKK", 1290, None),
        ("1990", "ISK", 1990, 1990),
        ("1.990", "ISK", None, 1990),
        ("1.25", "KWD", 1.25, None),
        ("0,125", "SEK", None, 0.125),
        ("−12,50", "SEK", -12.5, -12.5),
        ("1234 567", "SEK", None, None),
        ("12.90,00", "SEK", None, None),
        ("1e3", "SEK", None, None),
        ("1e999999", "SEK", None, None),
        ("9" * 31, "SEK", None, None),
    ],
)
def test_a_price_is_what_a_careful_person_reads_or_its_row_is_rejected(
    desk: Desk,
    store: Store,
    price: str,
    currency: str,
    total: float | None,
    with_comma: float | None,
) -> None:
    head = "n;who;when;currency;quantity;price\n"
    path = desk.file("a.csv", f"{head}1;u-1;2025-03-01;{currency};1;{price}\n")
    for mapping, wanted in ((ONE_PRICE, total), (ONE_PRICE + 'file: {decimal: ","}\n', with_comma)):
        outcome = desk.bring(path, mapping)
        found = [fact.properties["total"] for fact in store.facts()]
        assert found == ([] if wanted is None else [wanted])
        assert outcome.rejected.total() == (wanted is None)
        store.execute("TRUNCATE timeline_fact")


def test_an_unclear_number_says_what_to_do_about_it(desk: Desk) -> None:
    path = desk.file("a.csv", "n;who;when;currency;quantity;price\n1;u-1;2025-03-01;SEK;1.500;1\n")
    (reason,) = desk.bring(path, ONE_PRICE, dry_run=True).rejected
    assert reason == (
        "The quantity has a mark that may be of thousands or of decimals: say which is the decimal"
        " one with file.decimal in the mapping."
    )


def test_a_price_that_is_a_number_already_is_taken_as_it_is(desk: Desk, store: Store) -> None:
    said = (
        '{"n":"1","who":"u-1","when":"2025-03-01","currency":"SEK","quantity":1000,"price":0.1255}'
    )
    mapping = ONE_PRICE.replace("price: price", "price: {column: price, number: true}")
    desk.bring(desk.file("a.jsonl", said), mapping)
    assert [fact.properties["total"] for fact in store.facts()] == [125.5]


def test_an_order_of_nobody_is_known_by_its_receipt(desk: Desk, store: Store) -> None:
    guest = LINES.replace(";;B;", ";guest;B;")
    desk.bring(desk.file("a.csv", LINES), ORDERS)
    assert desk.bring(desk.file("b.csv", guest), ORDERS).already == 5

    (walk_in,) = [fact for fact in store.facts() if fact.properties["order_id"] == "R2"]
    assert walk_in.identifiers == ("receipt:pos/R2",)


def test_what_came_back_is_a_refund_of_positive_amounts(desk: Desk, store: Store) -> None:
    desk.bring(desk.file("a.csv", LINES), ORDERS)

    refunds = {
        fact.properties["order_id"]: fact.properties
        for fact in store.facts()
        if fact.name == "Order Refunded"
    }
    assert {
        id: (said["total"], said["products"][0]["quantity"]) for id, said in refunds.items()
    } == {
        "K3": (1299.5, 1),
        "R4": (98, 2),
    }


def test_an_order_with_a_bad_line_is_rejected_as_a_whole(desk: Desk, store: Store) -> None:
    path = desk.file(
        "a.csv", LINES.replace("B;Sock;1;49", "B;Sock;one;49").replace("2;1 299", "2;x")
    )

    outcome = desk.bring(path, ORDERS)

    assert {fact.properties["order_id"] for fact in store.facts()} == {"K3", "R4"}
    assert (outcome.rows, outcome.used, outcome.rejected.total()) == (7, 3, 4)
    assert {row["line"]: row["reason"] for row in desk.rejected(path)} == {
        "2": "The price is not a number.",
        "3": "The quantity is not a number.",
        "4": "Another line of the same order was rejected.",
        "5": "Another line of the same order was rejected.",
    }


def test_an_order_beside_a_line_that_can_not_be_read_is_rejected_for_it_may_be_its_own(
    desk: Desk, store: Store
) -> None:
    line = "{0};7;01/12/2024 10:00;u-1;A;Shoe;1;10\n"
    lines = [line.format(order) for order in ("R1", "R1", "R2", "R2", "R3", "R1")]
    lines[3] = lines[3].replace("Shoe", '"Shoe')
    path = desk.file("a.csv", LINES.splitlines()[0] + "\n" + "".join(lines))

    desk.bring(path, ORDERS)

    assert [fact.properties["order_id"] for fact in store.facts()] == ["R1"]
    assert [row["line"] for row in desk.rejected(path)] == ["5", "4", "6"]
    assert [row["reason"] for row in desk.rejected(path)][1:] == [
        "The line beside it can’t be read, and may be of the same order."
    ] * 2

    desk.file("a.csv", path.read_text().replace('"Shoe', "Shoe"))
    desk.bring(path, ORDERS)
    assert [fact.properties["order_id"] for fact in store.facts()] == ["R1", "R2", "R3"]


def test_one_number_for_two_peoples_orders_is_rejected(desk: Desk, store: Store) -> None:
    outcome = desk.bring(
        desk.file("a.csv", LINES.replace(";u-1;B;Sock;3", ";u-2;B;Sock;3")), ORDERS
    )
    assert outcome.rejected == {"The lines of the order name different customers.": 3}


def test_an_order_of_a_thousand_lines_is_kept(desk: Desk, store: Store) -> None:
    lines = "".join(f"R1;7;01/12/2024 10:00;u-1;S-{n};Something {n};1;1\n" for n in range(2_000))
    desk.bring(desk.file("a.csv", LINES.splitlines()[0] + "\n" + lines), ORDERS)

    (order,) = store.facts()
    assert (order.properties["total"], len(order.properties["products"])) == (2000, 2000)


def test_a_mapping_that_makes_all_lines_one_order_is_rejected_row_by_row(
    desk: Desk, store: Store
) -> None:
    lines = "R1;7;01/12/2024 10:00;u-1;S;Something;1;1\n" * 20_001
    outcome = desk.bring(desk.file("a.csv", LINES.splitlines()[0] + "\n" + lines), ORDERS)

    assert outcome.rejected == {"The order has more than 20,000 lines.": 20_001}
    assert store.facts() == []


def test_parquet_numbers_times_and_gaps_are_read(desk: Desk, store: Store) -> None:
    table = pa.table(
        {
            "receipt": pa.array([1, 1, 2]),
            "time": pa.array([1_719_835_200 * 10**9] * 3).cast(pa.timestamp("ns")),
            "customer": pa.array([17850.0, 17850.0, float("nan")]),
            "quantity": pa.array([1, 2, 3]),
            "price": pa.array([Decimal("1.10"), Decimal("2.20"), Decimal("3.30")]),
        }
    )
    path = desk.folder / "a.parquet"
    pq.write_table(table, path)
    desk.bring(
        path,
        "kind: orders\norder_id: receipt\ntimestamp: time\ncustomer: {user_id: customer}\n"
        "line: {quantity: quantity, price: price}\n",
    )

    orders = {fact.properties["order_id"]: fact for fact in store.facts()}
    assert orders["1"].identifiers == ("user_id:17850",)
    assert orders["1"].occurred_at == datetime(2024, 7, 1, 10, tzinfo=UTC)
    assert (orders["1"].properties["total"], orders["2"].properties["total"]) == (5.5, 9.9)
    assert orders["2"].identifiers == ("receipt:pos/2",)


# --- what the person sees -------------------------------------------------------------------------


def test_a_dry_run_shows_what_would_happen_and_writes_nothing(desk: Desk, store: Store) -> None:
    path = desk.file("a.csv", coupons(20) + "21,u-1,soon,X\n")

    outcome = desk.bring(path, EVENTS, dry_run=True)

    shown = desk.screen.getvalue()
    assert shown.count("Coupon Applied") == 5
    assert "coupon: SPRING-4" in shown
    assert "would be rejected: when is not a time" in shown
    assert (outcome.messages, outcome.kept, outcome.rejected.total()) == (20, 0, 1)
    assert store.facts() == []
    assert store.tally() == {}
    assert sorted(file.name for file in desk.folder.iterdir()) == ["a.csv", "mapping.yml"]


def test_a_limit_stops_after_as_many_rows(desk: Desk, store: Store) -> None:
    path = desk.file("a.csv", coupons(20))
    assert desk.bring(path, EVENTS, limit=7).kept == 7
    assert desk.bring(path, EVENTS).kept == 13


@pytest.mark.parametrize("first", ["=HYPERLINK(1)", "+46701740605", "-1", "@SUM(1)", "\t=1"])
def test_no_rejected_row_is_a_formula(desk: Desk, store: Store, first: str) -> None:
    path = desk.file("a.csv", f"id,who,when,code\n{first},u-1,soon,X\n")
    desk.bring(path, EVENTS)
    assert [row["row"] for row in desk.rejected(path)] == [f"'{first},u-1,soon,X"]


def test_nothing_is_left_beside_a_file_that_went_well(desk: Desk, store: Store) -> None:
    path = desk.file("a.csv", "id,who,when,code\n1,u-1,soon,X\n")
    desk.bring(path, EVENTS)
    assert len(desk.rejected(path)) == 1

    desk.file("a.csv", coupons(1))
    desk.bring(path, EVENTS)
    assert sorted(file.name for file in desk.folder.iterdir()) == ["a.csv", "mapping.yml"]


@pytest.mark.parametrize(
    ("mapping", "complaint"),
    [
        ("kind: [\n", "mapping.yml is not YAML"),
        ("kind: " + "[" * 60 + "\n", "mapping.yml is not YAML: it is nested too deeply"),
        ("kind: 2026-99-99\n", "mapping.yml is not YAML"),
        ("kind: shoes\n", "kind: invalid value 'shoes'"),
        ("[]\n", "`kind` first"),
        (EVENTS.replace("properties", "propertys"), "no key here named `propertys`"),
        (EVENTS.replace("event:", "#"), "event: needed"),
        (EVENTS.replace("customer:", "#"), "customer: say"),
        (
            EVENTS.replace("user_id: who", "user_id: whom"),
            "customer.user_id: the file has no column",
        ),
        (EVENTS + "skip: [{column: who}]\n", "skip[0]: give one of"),
        (EVENTS + "channel: {value: shop}\n", "channel.value: one of web"),
        (EVENTS + "file: {delimiter: ab}\n", "file.delimiter: one character"),
        (EVENTS.replace("timestamp: when", "timestamp: {column: when, zone: Mars}"), "zone 'Mars'"),
        (EVENTS.replace("value: Coupon Applied", "column: a, value: b"), "event: give one of"),
        (ORDERS.replace(", price: price", ""), "line.price: needed"),
        ("nothing", "There is no mapping nothing"),
    ],
)
def test_a_mapping_that_can_not_work_is_refused_in_one_line(
    desk: Desk, mapping: str, complaint: str
) -> None:
    path = desk.file("a.csv", coupons(1))
    with pytest.raises(SystemExit, match=re.escape(complaint)) as refusal:
        desk.bring(path, mapping)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.xlsx", b"PK", "file.format"),
        ("a.csv", b"", "no first line"),
        ("a.csv", b'who,"when\n1,2\n', "wrong quote"),
        ("a.csv", b"PK\x03\x04\x14", "a spreadsheet or an archive: save it as text"),
        ("a.parquet", b"PAR1 but no", "can't be read as parquet"),
    ],
)
def test_a_file_that_can_not_be_read_is_refused_in_one_line(
    desk: Desk, name: str, content: bytes, complaint: str
) -> None:
    with pytest.raises(SystemExit, match=re.escape(complaint)):
        desk.bring(desk.file(name, content), EVENTS)


def test_no_file_and_no_source_are_said_so(desk: Desk) -> None:
    with pytest.raises(SystemExit, match="There is no file"):
        desk.bring(desk.folder / "none.csv", EVENTS)
    path, mapping = desk.file("a.csv", coupons(1)), desk.file("m.yml", EVENTS)
    with pytest.raises(SystemExit, match=r"no source 'till'. There are: pos"):
        run_import(path, "till", mapping)


SAMPLES = {
    "events": '{"type":"page","userId":"u-1","name":"Home"}\n',
    "customers": "id;email;phone;card;first_name;last_name;city;club;changed\n"
    "c-1;anna@nordsko.se;070-174 06 05;;Anna;Ek;Mora;J;2025-01-31\n",
    "orders": "store;receipt;time;customer;email;sku;text;quantity;price\n"
    "7;101;2025-01-31 17:30;c-1;;A-38;Shoe;1;1 299,50\n",
    "online_retail": "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,"
    "Country\n536365,85123A,HOLDER,6,2010-12-01 08:26,2.55,17850,United Kingdom\n",
}


@pytest.mark.parametrize("mapping", sorted(file.stem for file in SHIPPED.glob("*.yml")))
def test_every_mapping_that_ships_does_what_it_says(desk: Desk, mapping: str) -> None:
    path = desk.file("a.csv", SAMPLES[mapping])
    outcome = desk.bring(path, mapping, dry_run=True)
    assert (outcome.messages, outcome.rejected) == (1, {})


def test_the_example_in_the_documentation_comes_to_what_it_says(desk: Desk, store: Store) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "import.md").read_text()
    lines, mapping = re.findall(r"```(?:yaml)?\n(.*?)```", guide, re.DOTALL)[:2]

    desk.bring(desk.file("receipts.csv", lines), mapping)

    assert {
        (fact.name, fact.properties["total"], len(fact.properties["products"]), *fact.identifiers)
        for fact in store.facts()
    } == {
        ("Order Completed", 1478, 2, "user_id:c-17"),
        ("Order Completed", 89.5, 1, "receipt:pos/7-1002"),
        ("Order Refunded", 89.5, 1, "user_id:c-17"),
    }


# --- interruptions --------------------------------------------------------------------------------

# What runs the tests in the background has its children ignore Ctrl-C; a person's shell does not.
PROCESS = """
import signal, sys, django
signal.signal(signal.SIGINT, signal.default_int_handler)
django.setup()
from spindel.collect.files import run_import
run_import(sys.argv[1], "pos", sys.argv[2])
"""


def until(condition: Callable[[], bool], patience: float = 30) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.01)


def start_and_stop(path: Path, mapping: Path | str, signal_: int) -> str:
    """Import in a process of its own, and send it the signal once something is durable."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROCESS, path, mapping],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ.copy(),
    )
    state = path.with_name(f"{path.name}.rejected.state")
    until(lambda: state.exists() and state.stat().st_size > 0)
    process.send_signal(signal_)
    said, _ = process.communicate(timeout=30)
    assert process.returncode != 0
    assert state.exists()
    return said


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["killed", "Ctrl-C"])
def test_an_import_that_was_stopped_goes_on_where_it_was(
    desk: Desk, store: Store, how: signal.Signals
) -> None:
    bad = "x,u-1,soon,X\n"
    path = desk.file("a.csv", coupons(1) + bad + coupons(40_000).partition("\n")[2] + bad)
    mapping = desk.file("mapping.yml", EVENTS)
    said = start_and_stop(path, mapping, how)
    if how == signal.SIGINT:
        assert "run the same command again to go on from there" in said

    outcome = desk.bring(path, EVENTS)

    assert "Going on after" in desk.screen.getvalue()
    assert outcome.resumed > 0
    assert (outcome.rows, outcome.messages, outcome.rejected.total()) == (40_003, 40_001, 2)
    assert store.count() == 40_000
    assert [row["line"] for row in desk.rejected(path)] == ["3", "40004"]
    assert not path.with_name("a.csv.rejected.state").exists()


@pytest.mark.slow
def test_a_state_of_another_database_is_not_believed(desk: Desk, store: Store) -> None:
    path = desk.file("a.csv", coupons(40_000))
    start_and_stop(path, desk.file("mapping.yml", EVENTS), signal.SIGKILL)
    store.execute("TRUNCATE timeline_fact")

    assert desk.bring(path, EVENTS).kept == 40_000


def test_the_same_file_is_not_imported_twice_at_once(desk: Desk) -> None:
    path = desk.file("a.csv", coupons(1))
    with path.with_name("a.csv.rejected.state").open("w") as state:
        fcntl.flock(state, fcntl.LOCK_EX)
        with pytest.raises(SystemExit, match="is being imported already"):
            desk.bring(path, EVENTS)


@pytest.fixture
def lockable(database_url: str) -> Iterator[Callable[[bool], None]]:
    """Lets one shut the database's door to newcomers, and throw out the collectors inside."""
    name = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
    server = psycopg.connect(SERVER, autocommit=True)

    def open_(yes: bool) -> None:
        server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {yes}')
        if not yes:
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND application_name = 'spindel-collect'",
                [name],
            )

    yield open_
    open_(True)
    server.close()


@pytest.mark.slow
def test_an_import_waits_for_a_database_that_is_away(
    desk: Desk, store: Store, lockable: Callable[[bool], None]
) -> None:
    path = desk.file("a.csv", coupons(40_000))
    done: list[Outcome] = []

    def work() -> None:
        try:
            done.append(desk.bring(path, EVENTS))
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    state = path.with_name("a.csv.rejected.state")
    until(lambda: state.exists() and state.stat().st_size > 0)
    lockable(False)
    until(lambda: "The database is away" in desk.screen.getvalue())
    lockable(True)
    thread.join(timeout=60)

    assert [outcome.messages for outcome in done] == [40_000]
    assert store.count() == 40_000


# --- whatever it holds ----------------------------------------------------------------------------

CELL = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "u-1", "2025-03-01", "1", "-2", "1,5", "null", "\0", '"', "9" * 40, "NaN"]
    ),
)


@settings(max_examples=40)
@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL, CELL, CELL), max_size=12),
    kind=st.sampled_from(["events", "customers", "orders"]),
)
def test_every_row_is_used_or_rejected_whatever_it_holds(
    desk: Desk, rows: list[tuple[str, ...]], kind: str
) -> None:
    mapping = {
        "events": "kind: events\nevent: b\ntimestamp: c\ncustomer: {user_id: a, phone: d}\n",
        "customers": "kind: customers\ncustomer: {user_id: a}\n"
        "traits: {x: b, y: {column: c, number: true}}\n",
        "orders": "kind: orders\ncustomer: {user_id: a}\norder_id: b\ntimestamp: c\n"
        "line: {quantity: d, price: e}\nskip: [{column: d, above: 5}]\n",
    }[kind]
    text = io.StringIO()
    csv.writer(text).writerows([("a", "b", "c", "d", "e"), *rows])
    path = desk.file("a.csv", text.getvalue())

    first, second = desk.bring(path, mapping), desk.bring(path, mapping)

    assert first.rows == second.rows == len(rows)
    assert first.kept + first.already == first.messages == second.already
    assert second.kept == 0
    if first.rejected:
        numbers = [row["line"] for row in desk.rejected(path)]
        assert len(numbers) == len(set(numbers)) == first.rejected.total()


@settings(max_examples=100)
@given(
    content=st.binary(max_size=300), format=st.sampled_from(["csv", "jsonl"]), orders=st.booleans()
)
def test_rubbish_never_breaks_an_import(
    desk: Desk, content: bytes, format: str, orders: bool
) -> None:
    mapping = (
        "kind: orders\norder_id: a\ntimestamp: b\nline: {quantity: c, price: d}\n"
        if orders
        else "kind: events\nevent: a\ntimestamp: b\ncustomer: {user_id: c}\n"
    )
    head = b"a,b,c,d\n" if format == "csv" else b""
    path = desk.file(f"a.{format}", head + content)
    with contextlib.suppress(SystemExit):  # a file that is no text at all is refused as a whole
        assert desk.bring(path, mapping, dry_run=True).kept == 0


# --- the real thing -------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_real_order_history_is_kept_to_the_penny_through_a_kill(desk: Desk, store: Store) -> None:
    """The sums are those of the data set's own description."""
    real = real_data("online_retail/online_retail.parquet")
    path = desk.folder / real.name
    path.symlink_to(real)
    start_and_stop(path, "online_retail", signal.SIGKILL)

    outcome = desk.bring(path, "online_retail")

    assert (outcome.rows, outcome.used, outcome.messages) == (541_909, 541_909, 25_900)
    assert outcome.resumed > 0
    ((facts, lines, money, orders),) = store.rows(
        """
        SELECT count(*), sum(jsonb_array_length(properties->'products')) AS lines,
               sum(CASE name WHEN 'Order Refunded' THEN -1 ELSE 1 END
                   * (properties->>'total')::numeric) AS money,
               count(DISTINCT properties->>'order_id') AS orders
        FROM timeline_fact
        """
    )
    assert (facts, lines, orders) == (25_900, 541_909, 25_900)
    assert round(money, 2) == Decimal("9747747.93")
    people = Counter(kind for (kind,) in store.rows("SELECT kind FROM identity_identifier"))
    assert people["user_id"] == 4_372
    ((strangers,),) = store.rows(
        """
        SELECT sum(jsonb_array_length(properties->'products'))
        FROM timeline_fact f JOIN identity_identifier i ON i.id = f.identifier_id
        WHERE i.kind = 'receipt'
        """
    )
    assert strangers == 135_080

    again = desk.bring(path, "online_retail")
    assert (again.kept, again.already) == (0, 25_900)
