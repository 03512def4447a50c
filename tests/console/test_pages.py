"""The pages: found, read, put right, in three languages, whatever the facts hold."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from spindel.staff.models import Role, User
from spindel.timeline.diary import Kind, sentences
from spindel.timeline.models import Source, WriteKey
from tests.console.conftest import text

NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


# What sentences look at in a fact's properties.
KEYS = (
    *("name", "variant", "product_id", "order_id", "email_subject", "agent_name", "message_body"),
    *("reason", "store", "until", "query", "category", "coupon", "network", "campaign", "group_id"),
    *("by", "step", "payment_method", "rating", "review_body", "returned_variant", "affiliation"),
    *("title", "email", "conversation_id", "currency", "products", "duration", "total", "filters"),
)


def test_an_empty_start_says_what_to_do(as_role, web: Source) -> None:
    page = text(as_role(Role.ADMIN).get("/live/"))
    assert "Nothing has come in yet" in page
    assert WriteKey.objects.get().key in page
    assert "curl" in page


def test_write_keys_are_for_administrators(maja: Client, web: Source) -> None:
    page = text(maja.get("/live/"))
    assert "Nothing has come in yet" in page
    assert WriteKey.objects.get().key not in page


def test_an_empty_house_says_so_when_looked_through(maja: Client) -> None:
    assert "No customers yet" in text(maja.get("/customers/"))
    assert "Nobody found" in text(maja.get("/customers/?q=anna"))


def test_the_start_tells_what_just_happened_and_to_whom(maja: Client, told) -> None:
    told("Product Viewed", {"name": "Vinga"}, context={"traits": {"name": "Anna Lind"}})
    page = text(maja.get("/live/"))
    assert "Anna Lind" in page
    assert f'href="/customers/{told.customer()}/"' in page
    assert "Looked at <em>Vinga</em>" in page


@pytest.mark.parametrize("typed", ["anna", "ÅKESSON", "anna@exa", "0701740605", "+467", "NO-31"])
def test_a_customer_is_found_by_what_one_has(maja: Client, told, typed: str) -> None:
    told(
        "Order Completed",
        {"order_id": "NO-310001"},
        also=("email:anna@example.com", "phone:+46701740605"),
        context={"traits": {"name": "Anna Åkesson"}},
    )
    page = text(maja.get("/customers/found/", {"q": typed}))
    assert "Anna Åkesson" in page
    assert f"/customers/{told.customer()}/" in page


def test_a_customer_with_many_pages_is_read_to_the_beginning(maja: Client, told) -> None:
    now = timezone.now()
    for n in range(60):
        told("Order Updated", {"order_id": f"order-{n}-"}, at=now - timedelta(hours=30 * n))
    page = text(maja.get(f"/customers/{told.customer()}/"))
    assert "order-0-" in page
    assert "order-59-" not in page
    older = page.partition('hx-get="/customers/')[2]
    address = page.partition("?before=")[2].partition('"')[0]
    older = text(maja.get(f"/customers/{told.customer()}/timeline/?before={address}"))
    assert "order-59-" in older
    assert "order-0-" not in older
    assert "This is where it began" in older


def test_the_timeline_is_narrowed_by_channel_and_kind(maja: Client, told) -> None:
    told("Product Viewed", {"name": "Vinga"})
    told("Email Opened", {"email_subject": "Nytt"}, channel="email")
    anna = f"/customers/{told.customer()}/"
    assert "Nytt" not in text(maja.get(f"{anna}timeline/?channel=web"))
    assert "Vinga" not in text(maja.get(f"{anna}timeline/?kind=mail"))
    assert "Nothing of this kind" in text(maja.get(f"{anna}timeline/?channel=phone"))
    assert "Nytt" in text(maja.get(f"{anna}?channel=email"))


def test_a_cursor_that_nobody_gave_out_is_nowhere(maja: Client, told) -> None:
    told("Product Viewed")
    answer = maja.get(f"/customers/{told.customer()}/timeline/?before=nonsense")
    assert answer.status_code == 404


def test_whatever_a_fact_holds_is_text(maja: Client, told) -> None:
    keys = [
        "name",
        "variant",
        "product_id",
        "order_id",
        "email_subject",
        "agent_name",
        "message_body",
        "reason",
        "store",
        "until",
        "query",
        "category",
        "coupon",
        "network",
        "campaign",
        "group_id",
        "by",
        "step",
        "payment_method",
        "rating",
        "review_body",
        "returned_variant",
        "affiliation",
        "title",
        "email",
        "conversation_id",
        "currency",
    ]
    properties = dict.fromkeys(keys, NASTY) | {
        "total": 12.5,
        "duration": 1e300,
        "products": [{"name": NASTY}, "no object", {"name": {"deep": NASTY}}],
        "filters": [NASTY, {"value": NASTY}],
    }
    for name in (*sentences(), NASTY):
        fact = told(name, properties, context={"traits": {"name": NASTY, NASTY: NASTY}})
    anna = told.customer()
    for path in (
        *("/", "/live/", "/customers/", f"/customers/found/?q={NASTY[:8]}"),
        *(f"/customers/{anna}/", f"/customers/{anna}/facts/{fact}/", f"/customers/{anna}/split/"),
        *(f"/customers/{anna}/timeline/?kind={kind}" for kind in Kind),
    ):
        page = text(maja.get(path))
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path


@pytest.mark.parametrize(
    "value", [None, [], {}, 3, True, -1.5e300, float("nan"), "", "\u202e" * 500]
)
def test_every_sentence_can_be_said_of_any_properties(value: object) -> None:
    keys = [
        "name",
        "products",
        "duration",
        "total",
        "until",
        "filters",
        "agent_name",
        "variant",
        "returned_variant",
        "currency",
        "store",
        "rating",
        "order_id",
    ]
    for one in sentences().values():
        assert len(one.tell(dict.fromkeys(keys, value))) < 2_000
        assert one.tell({})


def test_an_unknown_event_is_told_by_its_name(maja: Client, told) -> None:
    told("Sauna Booked", {"status": "confirmed", "value": 3})
    page = text(maja.get(f"/customers/{told.customer()}/"))
    assert "<q>Sauna Booked</q>" in page
    assert "status confirmed" in page


def test_like_things_in_a_row_are_one_line(maja: Client, told) -> None:
    now = timezone.now().replace(hour=11)
    for n in range(3):
        told("Page Viewed", {"name": "Vinga"}, at=now - timedelta(minutes=n))
        told(
            "Product Viewed", {"name": "Vinga", "variant": "size 38"}, at=now - timedelta(minutes=n)
        )
    page = text(maja.get(f"/customers/{told.customer()}/timeline/"))
    assert "Looked at <em>Vinga, size 38</em>, three times" in page


@pytest.mark.parametrize(
    ("language", "heading", "sentence"),
    [
        ("sv", "Tidslinje", "Tittade på <em>Vinga</em>"),
        ("da", "Tidslinje", "Så på <em>Vinga</em>"),
        ("en", "Timeline", "Looked at <em>Vinga</em>"),
    ],
)
def test_pages_speak_the_browsers_language(
    maja: Client, told, language: str, heading: str, sentence: str
) -> None:
    told("Product Viewed", {"name": "Vinga"})
    answer = maja.get(
        f"/customers/{told.customer()}/", headers={"Accept-Language": f"{language};q=0.9,fi"}
    )
    page = text(answer)
    assert f'<html lang="{language}"' in page
    assert answer["Content-Language"] == language
    assert heading in page
    assert sentence in page


def test_a_language_that_was_chosen_stays(maja: Client, agent: User) -> None:
    answer = maja.post("/preferences/language", {"language": "da", "next": "/customers/"})
    assert answer["Location"] == "/customers/"
    assert 'lang="da"' in text(maja.get("/"))
    agent.refresh_from_db()
    assert agent.language == "da"


def test_a_preference_leads_to_no_other_site(maja: Client) -> None:
    for there in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        assert maja.post("/preferences/theme", {"theme": "dark", "next": there})["Location"] == "/"


def test_dark_is_kept(maja: Client) -> None:
    maja.post("/preferences/theme", {"theme": "dark", "next": "/"})
    assert 'data-theme="dark"' in text(maja.get("/"))
    maja.post("/preferences/theme", {"theme": "", "next": "/"})
    assert "data-theme" not in text(maja.get("/"))


def test_one_who_was_merged_leads_to_whom_she_is(maja: Client, told) -> None:
    told("Product Viewed", who="email:anna@example.com")
    told("Product Viewed", who="email:a.lind@example.com")
    one = told.customer("email:anna@example.com")
    other = told.customer("email:a.lind@example.com")

    assert "Are these the same person" in text(maja.get(f"/customers/{one}/merge/{other}/"))
    answer = maja.post(f"/customers/{one}/merge/{other}/", follow=True)
    assert "they are one customer now" in text(answer)
    assert "a.lind@example.com" in text(answer)
    assert maja.get(f"/customers/{other}/")["Location"] == f"/customers/{one}/"
    # Pressed twice, it happens once.
    again = maja.post(f"/customers/{one}/merge/{other}/", follow=True)
    assert again.redirect_chain == [(f"/customers/{one}/", 302)]

    undo = text(maja.get(f"/customers/{one}/changes/")).partition('action="')[2].partition('"')[0]
    assert "two customers again" in text(maja.post(undo, follow=True))
    assert "a.lind@example.com" in text(maja.get(f"/customers/{other}/"))
    # Pressed twice, it says so.
    assert 'class="toast toast-bad"' in text(maja.post(undo, follow=True))


def test_a_split_is_shown_done_and_taken_back(maja: Client, told) -> None:
    told("Product Viewed", also=("email:anna@example.com",))
    told("Product Viewed", who="email:anna@example.com")
    anna = told.customer()
    page = text(maja.get(f"/customers/{anna}/split/"))
    (mail,) = (
        tick[1]
        for tick in re.finditer(r'name="identifier" value="(\d+)".*?</label>', page, re.DOTALL)
        if "anna@example.com" in tick[0].partition("tick-why")[0]
    )
    assert "The other person" in text(maja.get(f"/customers/{anna}/split/?identifier={mail}"))
    answer = maja.post(f"/customers/{anna}/split/", {"identifier": mail}, follow=True)
    assert "there are two customers now" in text(answer)
    assert told.customer() != told.customer("email:anna@example.com")
    undo = text(answer).partition("data-toast")[2].partition('action="')[2].partition('"')[0]
    maja.post(undo)
    assert told.customer() == told.customer("email:anna@example.com")


def test_a_split_of_nothing_says_what_to_do(maja: Client, told) -> None:
    told("Product Viewed")
    answer = maja.post(f"/customers/{told.customer()}/split/", follow=True)
    assert "Choose what belongs to the other person" in text(answer)


def test_a_corrected_trait_wins_and_says_who_corrected_it(maja: Client, told) -> None:
    told("Customer Identified", {"city": "Goteborg"})
    anna = told.customer()
    form = {"name": "city", "value": "Göteborg"}
    assert "Corrected" in text(maja.post(f"/customers/{anna}/correct/", form, follow=True))
    told("Customer Identified", {"city": "Goteborg"})
    page = text(maja.get(f"/customers/{anna}/"))
    assert "Göteborg" in page
    assert "Corrected by maja@nordsko.example" in page


@pytest.mark.parametrize("path", ["/customers/99/", f"/customers/{10**30}/", "/nope"])
def test_what_is_nowhere_says_so(maja: Client, path: str) -> None:
    answer = maja.get(path)
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


def test_anothers_fact_is_not_shown_on_her_page(maja: Client, told) -> None:
    told("Product Viewed")
    fact = told("Product Viewed", who="user_id:bo")
    assert maja.get(f"/customers/{told.customer()}/facts/{fact}/").status_code == 404


def test_machines_are_told_in_json_that_there_is_nothing(database: str, client: Client) -> None:
    answer = client.get("/api/nothing/at/all")
    assert (answer.status_code, set(answer.json())) == (404, {"code", "message"})
    assert client.get("/login/nothing/").headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/nothing/", "/orders/999999/", "/customers/999999/"])
def test_where_there_is_nothing_one_goes_on_by_the_navigation(maja: Client, path: str) -> None:
    page = maja.get(path)
    assert page.status_code == 404
    for words in ("There is nothing here", 'class="nav"', 'href="/orders/"', 'class="quick"'):
        assert words in page.content.decode()


def test_what_is_not_for_ones_role_leaves_the_navigation(as_role) -> None:
    page = as_role(Role.ANALYST).get("/people/")
    assert page.status_code == 403
    assert 'class="nav"' in page.content.decode()


def test_where_there_is_nothing_on_the_tablet_it_stays_the_tablet(as_role) -> None:
    page = as_role(Role.CLERK).get("/store/nothing/")
    assert page.status_code == 404
    assert "There is nothing here" in page.content.decode()
    assert "store.css" in page.content.decode()


def test_nobody_is_shown_a_navigation_where_there_is_nothing(db: None) -> None:
    page = Client(HTTP_ACCEPT_LANGUAGE="en").get("/nothing/")
    assert page.status_code == 404
    assert "There is nothing here" in page.content.decode()
    assert 'class="nav"' not in page.content.decode()
