"""What somebody has said once is theirs: it fills their forms, and is changed on their page."""

from __future__ import annotations

import pytest

from spindel.commerce.orders.models import Order
from spindel.identity import customers, identifiers
from spindel.identity.actions import merge_customers, split_customer
from spindel.timeline.models import Fact, Source
from tests.commerce.carts.cast import at_shop as at_shop  # a fixture
from tests.commerce.for_whom import Staff, told
from tests.commerce.for_whom import staff as staff  # a fixture
from tests.commerce.orders.filled_in import fields, forms, order
from tests.console.conftest import maja, text
from tests.shopping import AtShop, Come, log_in
from tests.telling import follow, tell

__all__ = ["maja"]

ANNA, BO = "anna@example.se", "bo@example.se"
HOME = {"street": "Storgatan 1", "postcode": "411 01", "city": "Göteborg"}
HERS = {"name": "Anna Åkesson", "email": ANNA, "phone": "070-174 06 05", **HOME}
NOTHING = dict.fromkeys(("street", "postcode", "city"), "")


def details(device: AtShop) -> dict[str, str]:
    """What a form of hers begins with."""
    return device.ask("GET", "details").json()


def say(device: AtShop, **words: object):
    """Change them on her page."""
    return device.ask("PUT", "details", words)


def kept(device: AtShop, **words: str) -> dict[str, str]:
    """The same, where all is right."""
    address = {name: words.pop(name) for name in HOME if name in words}
    answer = say(device, **words, address=address)
    assert answer.status_code == 200, answer.content
    return answer.json()


# --- in a session, and after a login --------------------------------------------------------------


def test_what_was_typed_in_a_session_fills_its_next_form_and_no_other_sessions(
    staff: Staff, at_shop: Come
) -> None:
    phone = at_shop("phone")
    assert details(phone) == dict.fromkeys(HERS, "") | {"country": "SE"}
    phone.add("vinga-38")
    contact = {name: HERS[name] for name in ("name", "email", "phone")}
    said = {"pay_by": "invoice", "contact": contact, "address": HOME}
    made = phone.ask("POST", "orders", said, **{"Idempotency-Key": "o"})
    assert made.status_code == 201, made.content
    assert details(phone) == HERS | {"country": "SE"}
    for stranger in (at_shop("phone"), at_shop("laptop")):
        assert details(stranger)["name"] == "", "what a browser is called opens nothing"
    bo = at_shop("bos")
    log_in(bo, BO)
    assert details(bo)["name"] == ""
    laptop = at_shop("hers")
    log_in(laptop, ANNA)
    assert details(laptop)["street"] == "", "anybody can type her address"
    log_in(phone, ANNA)
    assert details(phone) == details(laptop) == HERS | {"country": "SE"}


def test_of_whoever_logs_in_there_next_nothing_of_it_is_shown(staff: Staff, at_shop: Come) -> None:
    order(at_shop, HERS, f"email:{ANNA}")
    shared = at_shop("shared")
    log_in(shared, ANNA)
    assert details(shared)["street"] == "Storgatan 1"
    log_in(shared, BO)
    assert details(shared) == dict.fromkeys(HERS, "") | {"email": BO, "country": "SE"}


# --- changed, and taken away ----------------------------------------------------------------------


def test_what_they_change_on_their_page_fills_every_form(staff: Staff, at_shop: Come) -> None:
    order(at_shop, HERS, f"email:{ANNA}")
    phone = at_shop("phone")
    log_in(phone, ANNA)
    new = {
        "name": "Anna Berg",
        "phone": "070-174 06 33",
        "street": "Nygatan 2",
        "postcode": "41102",
        "city": "Göteborg",
    }
    right = new | {"postcode": "411 02"}
    assert right.items() <= kept(phone, **new).items()
    for face, page in forms(staff).items():
        assert (right | {"email": ANNA}).items() <= fields(page).items(), face
    her = customers.by_identifier("email", ANNA)
    page = text(staff.maja.get(f"/customers/{her}/"))
    assert "<h1" in page
    assert "Anna Berg" in page
    assert "Said by the customer" in page
    assert "Anna Berg" in text(staff.maja.get("/customers/found/", {"q": "Berg Anna"}))
    changed = Fact.objects.filter(name="Details Changed")
    assert [one.properties["names"] for one in changed] == [["address", "name", "phone"]]
    assert kept(phone, **new) == details(phone)
    assert changed.count() == 1, "what is so already is not said anew"


def test_an_address_that_was_taken_away_comes_back_only_when_it_is_typed_again(
    staff: Staff, at_shop: Come
) -> None:
    order(at_shop, HERS, f"email:{ANNA}")
    phone = at_shop("phone")
    log_in(phone, ANNA)
    assert NOTHING.items() <= kept(phone, name="Anna Åkesson").items()
    assert details(phone)["phone"] == ""
    for face, page in forms(staff).items():
        assert NOTHING.items() <= fields(page).items(), face
        assert fields(page)["phone"] == "", face
    phone.add("vinga-38")
    said = {"pay_by": "invoice", "contact": {"name": "Anna", "email": ANNA}, "address": HOME}
    made = phone.ask("POST", "orders", said, **{"Idempotency-Key": "o2"})
    assert made.status_code == 201, made.content
    assert HOME.items() <= details(phone).items()


def test_each_country_has_its_address(staff: Staff, at_shop: Come) -> None:
    order(at_shop, HERS, f"email:{ANNA}")
    phone = at_shop("phone")
    log_in(phone, ANNA)
    phone.ask("PUT", "session", {"market": "DK"})
    there = {"street": "Nørregade 1", "postcode": "1165", "city": "København K"}
    assert NOTHING.items() <= details(phone).items()
    assert (
        there.items() <= kept(phone, name="Anna Åkesson", **there | {"postcode": "DK-1165"}).items()
    )
    phone.ask("PUT", "session", {"market": "SE"})
    assert HOME.items() <= details(phone).items()
    phone.ask("PUT", "session", {"market": "DK"})
    assert there.items() <= details(phone).items()


@pytest.mark.parametrize(
    ("words", "code", "field"),
    [
        ({"name": ""}, "bad_contact", "name"),
        ({"name": ANNA}, "bad_contact", "name"),
        ({"name": "Anna", "phone": "12"}, "bad_contact", "phone"),
        ({"name": "Anna", "address": HOME | {"postcode": "4110"}}, "bad_address", "postcode"),
        ({"name": "Anna", "address": HOME | {"street": ""}}, "bad_address", "street"),
    ],
)
def test_what_is_not_right_is_said_by_its_field_and_changes_nothing(
    staff: Staff, at_shop: Come, words: dict[str, object], code: str, field: str
) -> None:
    phone = at_shop("phone")
    log_in(phone, ANNA)
    answer = say(phone, **words).json()
    assert (answer["code"], answer["field"]) == (code, field)
    assert not Fact.objects.filter(name="Details Changed").exists()


def test_nobody_changes_them_without_a_login(staff: Staff, at_shop: Come) -> None:
    assert say(at_shop("phone"), name="Anna").json()["code"] == "not_known"


# --- who is who -----------------------------------------------------------------------------------


def test_they_go_with_whom_they_are_certainly_of_through_a_merge_and_a_split(
    staff: Staff, at_shop: Come
) -> None:
    phone, laptop = at_shop("phone"), at_shop("laptop")
    log_in(phone, ANNA)
    log_in(laptop, BO)
    kept(phone, name="Anna Åkesson", phone="070-174 06 05", **HOME)
    follow()
    anna, bo = (customers.by_identifier("email", one) for one in (ANNA, BO))
    assert anna
    assert bo
    merge_customers(anna, bo, by="maja@nordsko.example")
    assert details(laptop) == details(phone)
    split_customer(customers.living(bo), [identifiers.identifier("email", BO) or 0], by="maja")
    assert details(laptop)["name"] == details(laptop)["street"] == ""
    assert details(phone) == HERS | {"country": "SE"}


def test_who_is_only_said_to_be_them_is_shown_nothing(
    staff: Staff, web: Source, at_shop: Come
) -> None:
    phone, stranger = at_shop("phone"), at_shop("stranger")
    log_in(phone, ANNA)
    kept(phone, name="Anna Åkesson", phone="070-174 06 05", **HOME)
    log_in(stranger, BO)
    tell(told("claim", {"email": ANNA}, {"email": BO}, user="mallory"))
    assert customers.by_identifier("email", ANNA) == customers.by_identifier("email", BO)
    assert details(stranger) == dict.fromkeys(HERS, "") | {"email": BO, "country": "SE"}


# --- what they are called -------------------------------------------------------------------------


def test_an_address_is_nobodys_name_in_any_face(staff: Staff, web: Source, pos: Source) -> None:
    tell(told("till", {"email": ANNA, "name": ANNA, "phone": "+46701740605"}), key="pos-key")
    her = customers.by_identifier("email", ANNA)
    called = f"Customer {her}"
    pages = forms(staff) | {
        "page": text(staff.maja.get(f"/customers/{her}/")),
        "search": text(staff.maja.get("/customers/found/", {"q": ANNA})),
        "box": text(staff.maja.get("/find/", {"q": ANNA}, headers={"HX-Request": "true"})),
        "looked up": staff.tablet.get(f"/store/customers/?q={ANNA}"),
        "tablet": staff.tablet.get(f"/store/customers/{her}/"),
    }
    for face, page in pages.items():
        for tag in ("h1", "strong", "title"):
            for part in page.split(f"<{tag}")[1:]:
                assert "@" not in part.split(f"</{tag}>")[0], (face, tag)
        assert "@" not in fields(page).get("name", ""), face
    for face in ("page", "search", "looked up", "tablet"):
        assert called in pages[face], face


def test_who_has_said_a_name_at_a_checkout_is_called_so_here(staff: Staff, at_shop: Come) -> None:
    order(at_shop, HERS)
    her = customers.by_identifier("email", ANNA)
    assert "Anna Åkesson" in text(staff.maja.get("/customers/found/", {"q": ANNA}))
    assert "Anna Åkesson" in text(staff.maja.get(f"/customers/{her}/"))
    assert Order.objects.get().proved is False
