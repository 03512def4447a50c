"""Identity: the follower on a million facts, merge and split, a timeline's page, and search.

All of it among a million customers, on tables of the size that they have then.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import django
import psycopg

from bench.figures import Figure, finish, rate, wait
from bench.filling import without_indexes

django.setup()

from django.db import connection, transaction

from spindel.identity import actions, customers, graph
from spindel.identity.followers import FOLLOWER as IDENTITY
from spindel.identity.searching import fold, search
from spindel.kit import sql
from spindel.kit.clock import BEGINNING
from spindel.timeline.following import Follower, Window, enrol, step

_CHUNK = 50_000


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything."""

    customers: int
    facts: int
    large: int
    rounds: int
    searches: int


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", action="store_true")
    small = parser.parse_args().small
    sizes = (
        Sizes(2_000, 5_000, 5_000, 3, 10)
        if small
        else Sizes(1_000_000, 1_000_000, 1_000_000, 25, 400)
    )
    source = _source()
    first_household = make_customers(sizes.customers)
    make_facts(source, first_household, sizes.facts)
    _tidy()
    finish("identity", [*follow(sizes), *merge_and_split(source, sizes), *find(sizes)])


# --- a million customers --------------------------------------------------------------------------

_FIRST = (
    *("Anna", "Eva", "Maria", "Karin", "Kristina", "Lena", "Sara", "Kerstin", "Emma", "Ingrid"),
    *("Marie", "Malin", "Jenny", "Anneli", "Annika", "Susanne", "Linnéa", "Elin", "Hanna"),
    *("Johanna", "Sofia", "Åsa", "Märta", "Ebba", "Alice", "Maja", "Astrid", "Freja", "Ida"),
    *("Julia", "Klara", "Wilma", "Alva", "Signe", "Saga", "Mette", "Kirsten", "Hanne", "Pia"),
    *("Søs", "Bodil", "Inge", "Gitte", "Lone", "Camilla", "Solveig", "Ragnhild", "Sigrid"),
    *("Åse", "Tuva", "Lars", "Anders", "Per", "Mikael", "Johan", "Karl", "Erik", "Jan", "Thomas"),
    *("Daniel", "Fredrik", "Peter", "Hans", "Mats", "Magnus", "Björn", "Gustav", "Oskar"),
    *("Viktor", "Simon", "Elias", "Hugo", "Lucas", "Liam", "William", "Oliver", "Nils", "Axel"),
    *("Olof", "Göran", "Håkan", "Åke", "Sören", "Jens", "Søren", "Niels", "Jørgen", "Bjørn"),
    *("Henrik", "Morten", "Rasmus", "Mads", "Kåre", "Øyvind", "Ola", "Einar", "Sven-Erik"),
    *("Karl-Johan", "Kjell", "Torbjörn", "Bo", "Leif"),
)
_COMMON = (
    *("Andersson", "Johansson", "Karlsson", "Nilsson", "Eriksson", "Larsson", "Olsson", "Persson"),
    *("Svensson", "Gustafsson", "Jensen", "Nielsen", "Hansen", "Pedersen", "Sørensen", "Åkesson"),
    *("Öberg", "Østergaard", "Hansson", "Bengtsson"),
)
_FRONTS = (
    "Berg Lind Sjö Ström Dal Ek Gran Hag Hed Holm Lund Ny Sand Söder Väster Åker Älv Ås Björk Kvarn"
)
_ENDS = "ström qvist gren man berg lund blad vall mark dahl stedt fors roth gård"
_LAST = [*_COMMON, *(front + end for front in _FRONTS.split() for end in _ENDS.split())]

# Ids are arithmetic: customer c has the identifiers 4c + 1 … 4c + 4. The earlier of two names or
# towns is the commoner, as names are.
_CUSTOMERS = """
CREATE TEMPORARY TABLE person ON COMMIT DROP AS
SELECT c, 4 * c::bigint AS base,
       (%(first)s::text[])[1 + f] AS first, (%(last)s::text[])[1 + l] AS last,
       (%(plain_first)s::text[])[1 + f] AS plain_first,
       (%(plain_last)s::text[])[1 + l] AS plain_last
FROM (SELECT c, floor(power(random(), 2) * cardinality(%(first)s::text[]))::int AS f,
             floor(power(random(), 2) * cardinality(%(last)s::text[]))::int AS l
      FROM generate_series(0, %(count)s - 1) c) drawn
"""
_IDENTIFIERS = """
INSERT INTO identity_identifier (id, kind, value)
SELECT base + 1, 'user_id', (100000 + c)::text FROM person UNION ALL
SELECT base + 2, 'email', replace(plain_first || ' ' || plain_last, ' ', '.') || c
       || (ARRAY['@gmail.com', '@telia.example', '@mail.example'])[1 + mod(c, 3)]
FROM person UNION ALL
SELECT base + 3, 'phone', '+467' || lpad(mod(c::bigint * 7919, 100000000)::text, 8, '0')
FROM person UNION ALL
SELECT base + 4, 'card', (9752000000000000 + c::bigint * 104729)::text FROM person
"""
_LIVING = (
    "INSERT INTO identity_customer (id) SELECT base + n FROM person, generate_series(1, 4) n",
    "INSERT INTO identity_tenure (identifier_id, since, customer_id)"
    " SELECT base + n, %(beginning)s, base + 1 FROM person, generate_series(1, 4) n",
    "INSERT INTO identity_link (a_id, b_id, since, rule, refused, by)"
    " SELECT base + 1, base + n, now(), 'message', false, '' FROM person, generate_series(2, 4) n",
    "INSERT INTO identity_lookup (key, identifier_id, occurred_at)"
    " SELECT 'n:' || plain_first || ' ' || plain_last, base + 1, now() FROM person UNION ALL"
    " SELECT 'n:' || plain_last || ' ' || plain_first, base + 1, now() FROM person UNION ALL"
    " SELECT 'o:n' || (5000000 + c), base + 1, now() FROM person",
    "INSERT INTO identity_trait (identifier_id, name, source_id, digest, value, first_at, last_at,"
    " by)"
    " SELECT base + 1, 'name', (SELECT min(id) FROM timeline_source),"
    " decode(md5(first || last), 'hex'), to_jsonb(first || ' ' || last), now(), now(), ''"
    " FROM person",
)


_OF_CUSTOMERS = (
    *("identity_identifier", "identity_customer", "identity_tenure", "identity_link"),
    *("identity_lookup", "identity_trait"),
)


def make_customers(count: int) -> int:
    """Customers with four identifiers, a name and an order each; the first id after theirs."""
    with (
        psycopg.connect(os.environ["SPINDEL_DATABASE_URL"], autocommit=True) as bare,
        without_indexes(bare, _OF_CUSTOMERS),
        transaction.atomic(),
    ):
        sql.run("SET LOCAL session_replication_role = replica")  # the ids need no check
        sql.run(
            _CUSTOMERS,
            {
                "first": list(_FIRST),
                "last": _LAST,
                "plain_first": [_plain(name) for name in _FIRST],
                "plain_last": [_plain(name) for name in _LAST],
                "count": count,
            },
        )
        for statement in (_IDENTIFIERS, *_LIVING):
            sql.run(statement, {"beginning": BEGINNING})
        sql.rows("SELECT setval('identity_identifier_id_seq', %s)", [4 * count])
    return 4 * count + 1


def _plain(name: str) -> str:
    return fold(name).replace("-", " ")


# --- the follower ---------------------------------------------------------------------------------

# Person p of a household of two has the identifiers 6p … 6p + 5 after `first`: a login, an address,
# a number, a card, a phone of one's own, and the household's tablet, which the first of them owns.
_HOUSEHOLDS = """
INSERT INTO identity_identifier (id, kind, value)
SELECT %(first)s + 6 * p + n, (ARRAY['user_id', 'email', 'phone', 'card', 'anonymous_id',
           'anonymous_id'])[n + 1],
       CASE n WHEN 1 THEN 'hem.' || p || '@nordsko.example'
              WHEN 2 THEN '+468' || lpad(p::text, 8, '0') ELSE 'hem-' || n || '-' || p END
FROM generate_series(0, %(people)s - 1) p, generate_series(0, 5) n
"""
_STRANGERS = (
    "INSERT INTO identity_customer (id) SELECT id FROM identity_identifier WHERE id >= %(first)s",
    "INSERT INTO identity_tenure (identifier_id, since, customer_id)"
    " SELECT id, %(beginning)s, id FROM identity_identifier WHERE id >= %(first)s",
)
# In a hundred facts: 60 on a device without login, 25 on one with, 8 orders with a card, 5 with an
# e-mail address, 2 that tell who one is. Every fifth person's fact is made on the tablet.
_FACTS = """
INSERT INTO timeline_fact (id, identifier_id, also, name, channel, source_id, occurred_at,
                           properties, context)
SELECT gen_random_uuid(),
       CASE WHEN part < 60 THEN device ELSE own END,
       CASE WHEN part < 60 THEN NULL WHEN part < 85 THEN ARRAY[device]
            WHEN part < 93 THEN ARRAY[own + 3] WHEN part < 98 THEN ARRAY[own + 1, device]
            ELSE ARRAY[own + 1, own + 2, device] END,
       CASE WHEN part < 85 THEN 'Product Viewed' WHEN part < 93 THEN 'Order Completed'
            WHEN part < 98 THEN 'Checkout Started' ELSE 'Customer Identified' END,
       'web', %(source)s, now() - interval '700 days' + g * interval '1 minute',
       CASE WHEN part < 85 THEN '{"sku": "vinga-38", "name": "Vinga", "price": 1299.0}'::jsonb
            WHEN part < 93 THEN jsonb_build_object('order_id', 'H-' || g, 'total', 1299.0)
            WHEN part < 98 THEN '{"value": 1299.0}'::jsonb
            ELSE jsonb_build_object('name', 'Anna Lind ' || own, 'city', 'Göteborg') END,
       '{"page": {"url": "https://nordsko.example/p/vinga", "path": "/p/vinga"}}'::jsonb
FROM (SELECT g, floor(random() * 100) AS part, %(first)s + 6 * p AS own,
             CASE WHEN random() < 0.2 THEN %(first)s + 6 * (p - p %% 2) + 5
                  ELSE %(first)s + 6 * p + 4 END AS device
      FROM (SELECT g, floor(random() * %(people)s)::bigint AS p
            FROM generate_series(%(start)s::bigint, %(end)s::bigint) g) drawn) told
"""


def make_facts(source: int, first: int, count: int) -> None:
    """Facts of households, 25 a person, that nobody has followed yet."""
    people = max(2, count // 25 // 2 * 2)
    about: dict[str, object] = {
        "first": first,
        "people": people,
        "source": source,
        "beginning": BEGINNING,
    }
    for statement in (_HOUSEHOLDS, *_STRANGERS):
        sql.run(statement, about)
    sql.rows(
        "SELECT setval('identity_identifier_id_seq', (SELECT max(id) FROM identity_identifier))"
    )
    for start in range(0, count, _CHUNK):
        sql.run(_FACTS, about | {"start": start, "end": min(start + _CHUNK, count) - 1})


_READ = """
SELECT id, identifier_id, also, name, occurred_at, properties, context FROM timeline_fact
WHERE (transaction, sequence) > (%s::xid8, %s) AND (transaction, sequence) <= (%s::xid8, %s)
"""


def _only_read(window: Window) -> None:
    sql.rows(_READ, [str(window.start[0]), window.start[1], str(window.end[0]), window.end[1]])


def follow(sizes: Sizes) -> list[Figure]:
    """Facts a second of the identity follower, beside a follower that does nothing with them."""
    reader = Follower("reader", _only_read)
    reading, linking = (_follow(follower, sizes.facts) for follower in (reader, IDENTITY))
    tenth = max(1, len(linking) // 10)
    facts = f"{sizes.facts:,} facts"
    return [
        rate("follower_facts_per_second", f"facts linked by the follower, {facts}", _rate(linking)),
        rate("follower_first_tenth", "… of the first tenth", _rate(linking[:tenth])),
        rate("follower_last_tenth", "… of the last tenth", _rate(linking[-tenth:])),
        rate(
            "only_reading_facts_per_second", "facts read by one that does no more", _rate(reading)
        ),
    ]


def _follow(follower: Follower, expected: int) -> list[tuple[int, float]]:
    """The facts and the seconds of each step."""
    enrol(follower)
    steps: list[tuple[int, float]] = []
    while True:
        start = time.perf_counter()
        count = step(follower)
        if not count:
            break
        steps.append((count, time.perf_counter() - start))
    assert sum(count for count, _ in steps) == expected
    return steps


def _rate(steps: Sequence[tuple[int, float]]) -> float:
    return sum(count for count, _ in steps) / sum(seconds for _, seconds in steps)


# --- merge, split and the timeline ----------------------------------------------------------------

_MANY = """
INSERT INTO timeline_fact (id, identifier_id, name, channel, source_id, occurred_at, properties)
SELECT gen_random_uuid(), (%(ids)s::bigint[])[1 + g %% cardinality(%(ids)s::bigint[])],
       'Product Viewed', 'web', %(source)s, now() - g * interval '1 minute',
       '{"sku": "vinga-38", "name": "Vinga", "price": 1299.0}'
FROM generate_series(%(start)s::bigint, %(end)s::bigint) g
"""
_SORTED = """
SELECT * FROM timeline_fact WHERE identifier_id = ANY(%s)
ORDER BY occurred_at DESC, sequence DESC LIMIT 50
"""


def merge_and_split(source: int, sizes: Sizes) -> list[Figure]:
    """The same for a customer with ten facts and for one with a million."""
    # Of the million, the first two customers; each is merged with the next but one.
    few, many = (
        _give_facts(source, customer, count) for customer, count in ((0, 10), (1, sizes.large))
    )
    _tidy()
    merges: dict[int, list[float]] = {few: [], many: []}
    splits: dict[int, list[float]] = {few: [], many: []}
    for _ in range(sizes.rounds):
        for customer in (few, many):
            other = customer + 2 * 4
            taken = [span[0] for span in customers.spans(other)]
            merges[customer].append(
                _timed(lambda a=customer, b=other: actions.merge_customers(a, b, "bench"))
            )
            assert customers.living(other) == customer
            splits[customer].append(
                _timed(lambda a=customer, b=taken: actions.split_customer(a, b, "bench"))
            )
            assert customers.living(other) == other
    figures = []
    for what, seconds in (("merge", merges), ("split", splits)):
        words = f"{what} of a customer with"
        figures += [
            wait(f"{what}_ms.ten_facts", f"{words} ten facts", seconds[few], 50),
            wait(f"{what}_ms.million_facts", f"{words} {sizes.large:,} facts", seconds[many], 50),
            Figure(
                f"{what}_growth",
                "… beside each other",
                round(statistics.median(seconds[many]) / statistics.median(seconds[few]), 2),
                aim=1.25,
                less=True,
            ),
        ]
    held = [span[0] for span in customers.spans(many)]
    page = [_timed(lambda: customers.timeline(many, 50)) for _ in range(sizes.rounds)]
    small_page = [_timed(lambda: customers.timeline(few, 50)) for _ in range(sizes.rounds)]
    whole = [_timed(lambda: sql.rows(_SORTED, [held])) for _ in range(3)]
    newest = f"the newest 50 of {sizes.large:,} facts"
    return [
        *figures,
        wait("newest_50_ms", newest, page, 50),
        wait("newest_50_ms", newest, page, 95),
        wait("newest_50_ms.plain_order_by", "… by a plain ORDER BY", whole, 50),
        wait("newest_50_ms.ten_facts", "the newest of ten facts", small_page, 50),
    ]


def _give_facts(source: int, customer: int, count: int) -> int:
    """Give the customer facts under all of its identifiers; its id."""
    ids = [4 * customer + n for n in range(1, 5)]
    for start in range(0, count, _CHUNK):
        bounds = {"start": start, "end": min(start + _CHUNK, count) - 1}
        sql.run(_MANY, bounds | {"ids": ids, "source": source})
    with transaction.atomic():
        graph.lock()
        assert not graph.settle(ids), "the customers were made as the evidence says"
    return ids[0]


# --- search ---------------------------------------------------------------------------------------


def find(sizes: Sizes) -> list[Figure]:
    """How long finding a customer takes, by each field, as people type it and by API."""
    chosen = random.Random(8).sample(range(4, sizes.customers), sizes.searches)
    fields: dict[str, Callable[[int], tuple[str, bool]]] = {
        "e-mail": lambda c: (_value(4 * c + 2), True),
        "e-mail, half typed": lambda c: (_value(4 * c + 2)[: 3 + c % 10], False),
        "phone": lambda c: ("0" + _value(4 * c + 3)[3:], True),
        "phone, half typed": lambda c: ("0" + _value(4 * c + 3)[3 : 6 + c % 5], False),
        "card": lambda c: (_value(4 * c + 4), True),
        "card, half typed": lambda c: (_value(4 * c + 4)[: 2 + c % 12], False),
        "name": lambda c: (_name(c), False),
        "name, half typed": lambda c: (_name(c)[: 2 + c % 8], False),
        "last name": lambda c: (_LAST[c % len(_LAST)], False),
        "order number": lambda c: (f"N-{5_000_000 + c}", True),
        "order number, half typed": lambda c: (f"N-{5_000_000 + c}"[: 2 + c % 6], False),
        "id": lambda c: (str(100_000 + c), True),
        "nothing like it": lambda c: (f"zz{c} {c}", False),
    }
    took: dict[str, list[float]] = {}
    for field, typed in fields.items():
        seconds = []
        for customer in chosen:
            text, exact = typed(customer)
            start = time.perf_counter()
            hits = search(text)
            seconds.append(time.perf_counter() - start)
            assert not exact or 4 * customer + 1 in [hit.customer for hit in hits], (field, text)
        took[field] = seconds
    exactly = took["e-mail, by identifier"] = []
    for customer in chosen:
        value = _value(4 * customer + 2)
        exactly.append(_timed(lambda v=value: customers.by_identifier("email", v)))
    sequential = [_timed(lambda c=c: _by_reading_all(c)) for c in chosen[:3]]
    return [
        *(
            wait(f"search_ms.{field}", f"found by {field}", seconds, percent, aim)
            for field, seconds in took.items()
            for percent, aim in ((50, None), (95, 50))
        ),
        wait("search_without_index_ms", "found by reading all identifiers", sequential, 50),
    ]


def _value(identifier: int) -> str:
    row = sql.row("SELECT value FROM identity_identifier WHERE id = %s", [identifier])
    assert row is not None
    return str(row[0])


def _name(customer: int) -> str:
    row = sql.row(
        "SELECT value #>> '{}' FROM identity_trait WHERE identifier_id = %s", [4 * customer + 1]
    )
    assert row is not None
    return str(row[0])


def _by_reading_all(customer: int) -> None:
    """Find an e-mail address in the middle of its text, which no index helps with."""
    sql.rows(
        "SELECT id FROM identity_identifier WHERE lower(value) LIKE %s", [f"%{customer}@gmail.com"]
    )


# --- shared ---------------------------------------------------------------------------------------


def _source() -> int:
    row = sql.row(
        "INSERT INTO timeline_source (slug, name, kind, channel, country, trusted, created_at)"
        " VALUES ('web', 'Web', 'web', 'web', 'SE', false, now()) RETURNING id"
    )
    assert row is not None
    return int(row[0])


def _tidy() -> None:
    """What autovacuum and the checkpointer would do in time."""
    sql.run("VACUUM ANALYZE")
    sql.run("CHECKPOINT")


def _timed(what: Callable[[], object]) -> float:
    start = time.perf_counter()
    what()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
    connection.close()
