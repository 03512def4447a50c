"""What each role is shown of customers."""

from __future__ import annotations

import ast
import re

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from spindel.identity.actions import merge_customers
from spindel.kit import masking
from spindel.staff import audit
from spindel.staff.models import AuditEntry, Role, User
from spindel.timeline.models import Fact, Source
from tests.console.conftest import Told, text
from tests.house.tree import ROOT

# Anna's, as a source may send them, and what must not be read anywhere by who sees no contacts.
TRAITS = {
    "name": "Anna Åkesson-Lind",
    "first_name": "Anna",
    "email": "anna.lind@example.com",
    "phone": "+46 70 174 06 05",
    "card": "9876543217",
    "birthday": "1985-04-12",
    "personnummer": "19850412-9876",
    "address": {"street": "Majorsgatan 7", "postal_code": "41308", "city": "Göteborg"},
    "nickname": "Annis",
    "emergency": {"who": "Sixten Lind", "call": "0701740699"},
}
PROPERTIES = {
    "name": "Vinga",
    "variant": "size 38",
    "order_id": "NO-310001",
    "total": 1299,
    "currency": "SEK",
    "query": "fits anna.lind@example.com",
    "message_body": "Ring mig på 070-174 06 05, hälsningar Annis",
    "review_body": "Best shoes, says Annis",
    "email": "anna.lind@example.com",
    "recipient": {"name": "Sixten Lind", "zip": 41308},
    "notes": ["Majorsgatan 7", {"deep": "Annis"}],
    "email_subject": "Hej Annis",
    "agent_name": "Sixten",
    "reason": "Annis changed address",
    "title": "0701740605",
    "url": "https://nordsko.example/u/anna.lind%40example.com?name=Annis",
    "coupon": "for anna.lind@example.com",
    "store": "+46701740605",
}
CONTEXT = {
    "ip": "203.0.113.77",
    "traits": TRAITS,
    "page": {"url": "https://nordsko.example/?email=anna.lind@example.com", "search": "Annis"},
    "device": {"name": "Annis iPhone"},
    "userAgent": "Annis Browser",
}
CONTACTS = (
    *("Åkesson", "Lind", "Anna", "Annis", "Sixten", "anna.lind", "Majorsgatan", "41308"),
    *("0701740605", "+46701740605", "174 06 05", "701740605", "9876543217", "1985", "9876"),
    *("0701740699", "203.0.113.77", "%40example", "@example.com"),
)


@pytest.fixture
def anna(told: Told) -> int:
    """Anna, of whom everything is known, in facts of every kind that a sentence is told of."""
    also = ("email:anna.lind@example.com", "phone:+46701740605", "card:9876543217")
    for name in (
        *("Product Viewed", "Order Completed", "Customer Identified", "Live Chat Message Sent"),
        *("Product Reviewed", "Products Searched", "Email Opened", "Item Returned", "Page Viewed"),
        *("Something Unheard Of", "Coupon Entered", "Store Visited", "Call Ended"),
    ):
        properties = dict(PROPERTIES)
        if name in ("Customer Identified", "Something Unheard Of", "Live Chat Message Sent"):
            properties |= TRAITS
        told(name, properties, who="user_id:k-1042", also=also, context=CONTEXT)
    merge_customers(told.customer("user_id:k-1042"), _other(told), "maja@nordsko.example")
    return told.customer("user_id:k-1042")


def _other(told: Told) -> int:
    told("Page Viewed", {"name": "Start"}, who="messenger:annis.lind")
    return told.customer("messenger:annis.lind")


def _pages(customer: int) -> list[str]:
    """Every address about a customer, and whatever else shows messages or customers."""

    def walk(resolver: URLResolver, prefix: str) -> list[str]:
        found = []
        for entry in resolver.url_patterns:
            path = prefix + str(entry.pattern)
            if isinstance(entry, URLResolver):
                found += walk(entry, path)
            elif isinstance(entry, URLPattern):
                found.append(path)
        return found

    (source,) = Source.objects.exclude(slug="spindel").values_list("pk", flat=True)
    facts = list(Fact.objects.values_list("pk", flat=True))
    pages = []
    for path in walk(get_resolver(), "/"):
        if path.startswith(("/customers/", "/privacy/customers/")):
            path = path.replace("<id:id>", str(customer)).replace("<id:other>", str(customer))
            path = path.replace("<id:link>", "1")
        elif path.startswith("/sources/"):
            path = path.replace("<id:id>", str(source)).replace("<id:key>", "1")
        elif path not in ("/live/", "/now/"):
            continue
        pages += [path.replace("<uuid:fact>", str(fact)) for fact in facts]
    pages = list(dict.fromkeys(pages))
    return [*pages, "/customers/?q=k-1042", f"/customers/found/?q={customer}"]


def _leaks(client: Client, pages: list[str]) -> set[tuple[str, str]]:
    found = set()
    for path in pages:
        answer = client.get(path)
        page = answer.content.decode()
        # The search box repeats what was typed into it.
        found |= {(path, contact) for contact in CONTACTS if contact.lower() in page.lower()}
    return found


def test_an_analyst_reads_no_contact_data_on_any_page(as_role, anna: int) -> None:
    pages = _pages(anna)
    assert len(pages) > 25
    assert _leaks(as_role(Role.ANALYST), pages) == set()


def test_those_who_see_contacts_read_them_there(as_role, anna: int) -> None:
    """Or the test above could not fail."""
    seen = {contact for _path, contact in _leaks(as_role(Role.ADMIN), _pages(anna))}
    assert seen == set(CONTACTS)


def test_what_an_analyst_reads_still_tells_what_happened(as_role, anna: int) -> None:
    page = text(as_role(Role.ANALYST).get(f"/customers/{anna}/"))
    assert "Somebody in Göteborg" in page
    assert f"Customer {anna}" in page
    assert "Looked at <em>Vinga, size 38</em>" in page
    assert "NO-310001" in page
    assert "k-1042" in page
    assert "•••@•••" in page


@pytest.mark.parametrize(
    "typed", ["anna", "åkesson", "anna.lind@example.com", "0701740605", "+4670", "98765", "messen"]
)
def test_an_analyst_finds_nobody_by_contact_data(as_role, anna: int, typed: str) -> None:
    page = text(as_role(Role.ANALYST).get("/customers/found/", {"q": typed}))
    assert f"/customers/{anna}/" not in page


def test_an_analyst_finds_by_numbers(as_role, anna: int) -> None:
    client = as_role(Role.ANALYST)
    for typed in ("k-1042", "NO-310001", str(anna).zfill(2), f"#{anna}"):
        assert f"/customers/{anna}/" in text(client.get("/customers/found/", {"q": typed})), typed


@pytest.mark.parametrize("number", ["bo@example.com", "+4570123456", "19850412-9876"])
def test_a_number_that_reaches_somebody_is_no_number(as_role, told, number: str) -> None:
    told("Product Viewed", who=f"user_id:{number}")
    client, bo = as_role(Role.ANALYST), told.customer(f"user_id:{number}")
    assert f"/customers/{bo}/" not in text(client.get("/customers/found/", {"q": number[:6]}))
    assert number not in text(client.get(f"/customers/{bo}/"))


# --- a clerk --------------------------------------------------------------------------------------


def test_a_clerk_opens_whom_she_has_looked_up(as_role, anna: int) -> None:
    client = as_role(Role.CLERK)
    answer = client.get(f"/customers/{anna}/")
    assert answer.status_code == 403
    assert "Look the customer up first" in answer.content.decode()
    assert not any(contact in answer.content.decode() for contact in CONTACTS)
    assert client.get(f"/customers/{anna}/timeline/").status_code == 403
    assert (
        client.post(f"/customers/{anna}/correct/", {"name": "a", "value": "b"}).status_code == 403
    )

    assert f"/customers/{anna}/" in text(client.get("/customers/found/?q=anna"))
    assert "Anna Åkesson-Lind" in text(client.get(f"/customers/{anna}/"))


def test_what_another_clerk_has_looked_up_is_not_hers(as_role, anna: int) -> None:
    clerk = as_role(Role.CLERK)
    text(as_role(Role.AGENT).get("/customers/found/?q=anna"))
    assert clerk.get(f"/customers/{anna}/").status_code == 403


def test_a_look_up_does_not_open_for_longer_than_a_shift(as_role, anna: int, monkeypatch) -> None:
    client = as_role(Role.CLERK)
    text(client.get("/customers/found/?q=anna"))
    monkeypatch.setattr("spindel.identity.shown.LOOKED_UP_FOR", audit.SAME_LOOK * 0)
    assert client.get(f"/customers/{anna}/").status_code == 403


def test_a_clerk_is_shown_nobody_whom_she_has_not_looked_up(as_role, anna: int) -> None:
    client = as_role(Role.CLERK)
    for path in ("/live/", "/now/", "/customers/", "/customers/found/?q=an"):
        page = text(client.get(path))
        assert f"/customers/{anna}/" not in page
        assert not [contact for contact in CONTACTS if contact in page], path
    assert "Vinga" in text(client.get("/live/"))


def test_a_clerk_sees_ten_at_most(as_role, told) -> None:
    for n in range(12):
        told("Customer Identified", who=f"email:bo{n}@example.com")
    page = text(as_role(Role.CLERK).get("/customers/found/?q=bo1"))
    assert page.count('class="person"') == 3
    page = text(as_role(Role.AGENT).get("/customers/found/?q=bo"))
    assert page.count('class="person"') == 12


def test_a_look_up_holds_when_she_is_merged(as_role, anna: int, told) -> None:
    client = as_role(Role.CLERK)
    told("Customer Identified", who="email:a.lind@example.com")
    other = told.customer("email:a.lind@example.com")
    text(client.get("/customers/found/?q=a.lind@"))
    merge_customers(anna, other, "maja@nordsko.example")
    assert client.get(f"/customers/{other}/").status_code == 302
    text(client.get(f"/customers/{anna}/"))


# --- on record ------------------------------------------------------------------------------------


def _on_record(did: str) -> list[tuple[str, list[int]]]:
    entries = AuditEntry.objects.filter(did=did).order_by("id")
    return [(entry.by, entry.customers) for entry in entries]


def test_a_page_and_its_parts_are_one_look(maja: Client, agent: User, anna: int) -> None:
    for path in ("", "", "who/", "timeline/", "changes/"):
        text(maja.get(f"/customers/{anna}/{path}"))
    assert _on_record("customer.seen") == [(agent.email, [anna])]


def test_a_search_is_on_record_with_whom_it_showed(maja: Client, agent: User, anna: int) -> None:
    for typed in ("an", "ann", "anna", "nobody at all"):
        text(maja.get("/customers/found/", {"q": typed}))
    assert _on_record("customers.searched") == [(agent.email, [anna])]


def test_the_message_behind_a_line_is_on_record(maja: Client, agent: User, told) -> None:
    fact = told("Product Viewed")
    text(maja.get(f"/customers/{told.customer()}/facts/{fact}/"))
    assert _on_record("customer.message_seen") == [(agent.email, [told.customer()])]


def test_what_is_put_right_is_on_record(maja: Client, agent: User, told) -> None:
    for one in ("anna", "bo"):
        told("Product Viewed", who=f"user_id:{one}")
    anna, bo = told.customer("user_id:anna"), told.customer("user_id:bo")
    maja.post(f"/customers/{anna}/correct/", {"name": "city", "value": "Lund"})
    assert _on_record("customer.corrected") == [(agent.email, [anna])]
    told("Product Viewed", who="email:anna@example.com", also=("anonymous_id:b1",))
    mail = told.customer("email:anna@example.com")
    text(maja.get(f"/customers/{anna}/merge/{mail}/"))
    assert _on_record("customer.merge_previewed") == [(agent.email, [anna, mail])]
    assert _on_record("customer.merged") == []
    maja.post(f"/customers/{anna}/merge/{mail}/")
    assert _on_record("customer.merged") == [(agent.email, [anna, mail])]
    page = text(maja.get(f"/customers/{anna}/changes/"))
    maja.post(re.findall(r'action="([^"]+undo[^"]+)"', page)[0])
    assert _on_record("customer.merge_undone") == [(agent.email, [anna, mail])]
    assert bo  # untouched


def test_who_has_looked_is_told_on_her_page(maja: Client, as_role, anna: int) -> None:
    text(as_role(Role.ANALYST).get(f"/customers/{anna}/"))
    assert "Who has looked" in text(maja.get(f"/customers/{anna}/"))
    page = text(maja.get(f"/customers/{anna}/lookers/"))
    assert page.index("Maja") < page.index("analyst@nordsko.example")
    marketer = as_role(Role.MARKETER)
    assert marketer.get(f"/customers/{anna}/lookers/").status_code == 403
    assert "Who has looked" not in text(marketer.get(f"/customers/{anna}/"))


def test_looks_at_either_are_hers_when_two_are_merged(maja: Client, as_role, told) -> None:
    for one in ("email:anna@example.com", "email:lind@example.com"):
        told("Product Viewed", who=one)
    anna, lind = told.customer("email:anna@example.com"), told.customer("email:lind@example.com")
    text(as_role(Role.MARKETER).get(f"/customers/{lind}/"))
    merge_customers(anna, lind, "maja@nordsko.example")
    assert "marketer@nordsko.example" in text(maja.get(f"/customers/{anna}/lookers/"))


# --- nothing is forgotten -------------------------------------------------------------------------

_ROUND_THE_BACK = {
    "customers": {"profile", "timeline", "summaries", "by_identifier"},
    "recent": {"fact", "seen_last"},
    "searching": {"search", "search_numbers"},
}


def test_pages_read_customers_only_through_what_masks_and_notes() -> None:
    found = []
    pages = {*(ROOT / "spindel").rglob("views.py"), ROOT / "spindel" / "console" / "pulse.py"}
    for path in pages:
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.attr in _ROUND_THE_BACK.get(node.value.id, ())
            ):
                found.append(f"{path.parent.name}/{path.name}:{node.lineno}")
    assert found == []


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("ring 070-174 06 05 nu", "ring ••••••• nu"),
        ("anna@example.com, bo@example.com", "•••@•••, •••@•••"),
        ("size 38", "size 38"),
        ("850412-9876", "•••••••"),
    ],
)
def test_contacts_are_known_by_their_shape(given: str, shown: str) -> None:
    assert masking.clean(given) == shown


@pytest.mark.parametrize(
    ("number", "stays"),
    [
        *(("NO-310001", True), ("20261122-0042-7", True), ("1234567890123", True)),
        *(("850412-9876", False), ("198504129876", False), ("120485-1234", False)),
        *(("4111 1111 1111 1111", False), ("+46701740605", False), ("0701740605", False)),
        ("anna@example.com", False),
    ],
)
def test_a_number_stays_unless_it_is_a_persons(number: str, stays: bool) -> None:
    assert (masking.clean_number(number) == number) == stays


def test_a_field_that_nobody_knows_is_masked() -> None:
    given = {"favouriteAunt": "Berta", "steps": 12, "vip": True, "mobile": 701, "x": None}
    assert masking.shown(given) == {
        "favouriteAunt": "•••",
        "steps": 12,
        "vip": True,
        "mobile": "•••",
        "x": None,
    }
