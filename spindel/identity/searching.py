"""Finding a customer by whatever somebody has typed so far."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from spindel.identity import countries, customers
from spindel.identity.rules import KINDS, Key, normalise
from spindel.kit import sql, texts
from spindel.kit.clock import BEGINNING
from spindel.kit.folding import fold
from spindel.kit.masking import clean_number


def name_keys(traits: Mapping[str, object]) -> list[str]:
    """The keys that a name is found by: the whole of it, begun at each of its words.

    "Anna Åkesson-Lind" is found by "anna ak", by "akesson-lind an" and by "lind".
    """
    told = [traits.get(name) for name in ("first_name", "firstName", "last_name", "lastName")]
    names = {str(traits["name"])} if isinstance(traits.get("name"), str) else set()
    parts = " ".join(part for part in told if isinstance(part, str))
    if parts:
        names.add(parts)
    keys: set[str] = set()
    for name in names:
        words = fold(name[:120]).replace("-", " ").split()[:6]
        keys.update("n:" + " ".join(words[start:] + words[:start]) for start in range(len(words)))
    return sorted(keys)


_BETWEEN = re.compile(r"[\s\u2010-\u2015-]+")  # spaces and dashes, which are printed and not typed


def order_key(order_id: str) -> str:
    """The key that an order or a receipt is found by, however its number is written."""
    return f"o:{_BETWEEN.sub('', order_id).casefold()[:100]}"


@dataclass(frozen=True, slots=True)
class Hit:
    """A customer that was found, and by what: an identifier's kind, `name` or `order`.

    `identifiers` are those that the text means; only those that it is, where it is any. `exact`:
    the text is all of the identifier, or of the order's number.
    """

    customer: int
    kind: str
    text: str
    identifiers: frozenset[int] = frozenset()
    exact: bool = False


# In the order of the index, or the planner reads the whole table when many begin alike.
# The tenure that held when the thing was last said: a device's name belongs to whom it was then.
_BY_LOOKUP = """
SELECT DISTINCT ON (customer_id) customer_id, key FROM (
    SELECT t.customer_id, l.key
    FROM (
        SELECT * FROM identity_lookup WHERE key LIKE %(prefix)s ORDER BY key USING ~<~ LIMIT 200
    ) l
    CROSS JOIN LATERAL (
        SELECT customer_id FROM identity_tenure
        WHERE identifier_id = l.identifier_id AND since <= l.occurred_at
        ORDER BY since DESC LIMIT 1
    ) t
) found ORDER BY customer_id, length(key), key
"""

_BY_IDENTIFIER = """
SELECT t.customer_id, i.kind, i.value, i.id
FROM (
    SELECT * FROM identity_identifier
    WHERE lower(value) LIKE %(prefix)s AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s))
    ORDER BY lower(value) USING ~<~ LIMIT 200
) i
CROSS JOIN LATERAL (
    SELECT customer_id FROM identity_tenure WHERE identifier_id = i.id ORDER BY since DESC LIMIT 1
) t
LIMIT 200
"""

_LEAST = 2


def search(text: str, limit: int = 20, country: str = "") -> list[Hit]:
    """The customers that the text may mean, best first; at most `limit` of them.

    A telephone number without its country's code may be of any country that the shop sells in, and
    all that is found is answered: of `country`, where somebody stands, before the others.
    """
    text = texts.plain(text, 200)
    if len(text) < _LEAST:
        return []
    hits: dict[int, Hit] = {}
    places: dict[int, int] = {}
    for place, prefix in enumerate(_identifier_prefixes(text, country)):
        found = _by_identifier(prefix)
        _add(hits, found)
        for hit in found:
            places.setdefault(hit.customer, place)
    _add_orders(hits, text)
    for customer, key in _by_lookup("n:" + fold(text).replace("-", " ")):
        hits.setdefault(customer, Hit(customer, "name", key[2:]))
    return _best(hits, limit, places)


# They say nothing of who somebody is, or where to reach her.
_NUMBERS = ["user_id", "receipt"]


def search_numbers(text: str, limit: int = 20) -> list[Hit]:
    """As `search`, by numbers alone: of the customer at the shop, of a receipt or an order.

    Shops make numbers of addresses and telephones, too. Those find nobody here, or whoever may
    not see an address could try it out.
    """
    text = texts.plain(text, 200)
    if len(text) < _LEAST:
        return []
    hits: dict[int, Hit] = {}
    _add(hits, _by_identifier(text.lower(), _NUMBERS))
    _add_orders(hits, text)
    numbers = {id: hit for id, hit in hits.items() if clean_number(hit.text) == hit.text}
    return _best(numbers, limit)


def _add(hits: dict[int, Hit], found: list[Hit]) -> None:
    for hit in found:
        former = hits.get(hit.customer)
        if former is None:
            hits[hit.customer] = hit
            continue
        better = min(former, hit, key=lambda one: (not one.exact, KINDS[one.kind].strength))
        both = former.identifiers | hit.identifiers
        hits[hit.customer] = replace(better, identifiers=both)


def _add_orders(hits: dict[int, Hit], text: str) -> None:
    key = order_key(text)
    if len(key) < len("o:") + _LEAST:
        return
    for customer, found in _by_lookup(key):
        hit = Hit(customer, "order", found[2:], exact=found == key)
        if customer not in hits:
            hits[customer] = hit
        elif hit.exact and not hits[customer].exact:
            hits[customer] = replace(hit, identifiers=hits[customer].identifiers)


_STRENGTH = {"name": 0, "order": 0} | {kind.name: kind.strength for kind in KINDS.values()}


def _best(hits: Mapping[int, Hit], limit: int, places: Mapping[int, int] = {}) -> list[Hit]:
    """What the text is, where it is something; else what it begins. Whoever was seen last first.

    `places` says which reading of the text a customer was found by: the first goes before.
    """
    found = [hit for hit in hits.values() if hit.exact] or list(hits.values())
    seen = customers.last_seen([hit.customer for hit in found])
    found.sort(key=lambda hit: (seen.get(hit.customer, BEGINNING), hit.customer), reverse=True)
    found.sort(key=lambda hit: (_STRENGTH[hit.kind], places.get(hit.customer, 0)))
    return found[:limit]


_LEAST_OF_NUMBER = 4


def _identifier_prefixes(text: str, country: str) -> list[str]:
    """The text itself, and as a phone number or card of which more may follow."""
    prefixes = [text.lower()]
    # An address is found as it is kept, however it is written.
    if "@" in text and (address := normalise("email", text, country)) is not None:
        prefixes.append(address)
    digits = re.sub(r"[\s()\-./]", "", text.replace("(0)", "") if "+" in text else text)
    prefixes.append(digits.lower())
    if re.fullmatch(r"00\d{3,}", digits):
        prefixes.append(f"+{digits[2:]}")
    if digits.isdecimal() and len(digits) > _LEAST_OF_NUMBER and not digits.startswith("0"):
        prefixes.append(f"+{digits}")
    if digits.isdecimal() and len(digits) >= _LEAST_OF_NUMBER - digits.startswith("0"):
        numbers = (countries.with_code(digits, one) for one in countries.known(country))
        prefixes += [one for one in numbers if one is not None]
    return list(dict.fromkeys(prefixes))


def _by_identifier(prefix: str, kinds: list[str] | None = None) -> list[Hit]:
    words = {"prefix": _beginning(prefix), "kinds": kinds}
    rows = sorted(sql.rows(_BY_IDENTIFIER, words))
    exactly = {row[0] for row in rows if row[2].lower() == prefix}
    return [
        Hit(customer, kind, value, frozenset([id]), exact=value.lower() == prefix)
        for customer, kind, value, id in rows
        if customer not in exactly or value.lower() == prefix
    ]


def _by_lookup(prefix: str) -> list[sql.Row]:
    return sql.rows(_BY_LOOKUP, {"prefix": _beginning(prefix)})


def _beginning(prefix: str) -> str:
    """The prefix as a pattern for LIKE."""
    escaped = prefix.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{escaped}%"


def parse_identifier(text: str, country: str) -> Key | None:
    """`email:anna@example.com` as a kind and a normal form; None where it can't identify.

    `country` is as `normalise` takes it.
    """
    kind, colon, value = text.partition(":")
    if not colon or kind not in KINDS:
        return None
    normal = normalise(kind, value, country)
    return None if normal is None else (kind, normal)
