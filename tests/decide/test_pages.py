"""Content on pages: written, looked at by screen and language, shown and stopped; and what a
customer sees, on her page.
"""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from spindel.decide import listing
from spindel.decide.contents import OnScreen, Part, Picture, Screen, Words
from spindel.decide.models import Content
from spindel.identity import customers
from spindel.offers.terms import Goods
from spindel.staff.models import Role
from spindel.timeline.models import Source
from tests.commerce.conftest import Shop
from tests.commerce.conftest import shop as shop  # a fixture
from tests.console.conftest import as_role, text
from tests.decide.cast import give
from tests.telling import tell

__all__ = ["as_role"]

As = Callable[[Role], Client]

TYPED = {
    "key": "rain",
    "placements": ["start", "till"],
    "title.sv": "Regniga dagar",
    "text.sv": "15 % på stövlar.",
    "link.sv": "/shop/products",
    "title.en": "Rainy days",
    "url.laptop": "https://shop.example/rain.png",
    "width.laptop": "1200",
    "height.laptop": "400",
    "without.till": ["link"],
    "categories": "Rain boots\r\n",
    "markets": "se\ndk",
    "since": "2026-03-01T00:00",
    "priority": "7",
    "why": "the autumn",
}


def read(client: Client, path: str) -> str:
    return " ".join(unescape(text(client.get(path))).split())


def test_a_marketer_writes_content_shows_pauses_and_ends_it(as_role: As) -> None:
    marketer = as_role(Role.MARKETER)
    assert "No content yet" in read(marketer, "/content/")
    answer = marketer.post("/new-content/", TYPED, follow=True)
    page = answer.content.decode()
    assert "Rainy days" in page
    assert "https://shop.example/rain.png" in page
    found = listing.content("rain")
    assert found
    assert found.says == {
        "placements": ["start", "till"],
        "words": {
            "sv": {"title": "Regniga dagar", "text": "15 % på stövlar.", "link": "/shop/products"},
            "en": {"title": "Rainy days"},
        },
        "screens": {
            "laptop": {
                "picture": {"url": "https://shop.example/rain.png", "width": 1200, "height": 400}
            },
            "till": {"without": ["link"]},
        },
        "goods": {"categories": ["Rain boots"]},
        "markets": ["DK", "SE"],
        "since": "2026-03-01T00:00:00+01:00",
        "priority": 7,
    }
    for state, said in (("live", "in every channel"), ("paused", "nobody sees it now")):
        answer = marketer.post("/content/rain/state/", {"state": state}, follow=True)
        assert said in answer.content.decode()
        assert Content.objects.get().state == state
    assert "Rainy days" in read(marketer, "/content/?state=paused")
    assert "No content is like this" in read(marketer, "/content/?state=live")
    marketer.post("/content/rain/state/", {"state": "ended"})
    answer = marketer.post("/content/rain/state/", {"state": "live"}, follow=True)
    assert "The content has ended" in answer.content.decode()


def test_its_form_says_what_it_says_now_and_keeps_what_it_has_no_box_for(as_role: As) -> None:
    goods = Goods(products=frozenset({"vinga"}), without_brands=frozenset({"Hjelm"}))
    give("vinga", goods=goods, words={"sv": Words("Vinga"), "fi": Words("Vinga taas")})
    marketer = as_role(Role.MARKETER)
    page = marketer.get("/content/vinga/edit/").content.decode()
    assert 'value="Vinga"' in page
    typed = {"placements": "app", "title.sv": "Vinga igen", "products": "vinga", "priority": "100"}
    assert marketer.post("/content/vinga/edit/", typed).status_code == 302
    found = listing.content("vinga")
    assert found
    assert found.version == 2
    assert found.says == {
        "placements": ["app"],
        "words": {"sv": {"title": "Vinga igen"}, "fi": {"title": "Vinga taas"}},
        "goods": {"products": ["vinga"], "without_brands": ["Hjelm"]},
    }


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"placements": []}, "Say where it is to be seen."),
        ({"title.sv": "", "title.en": ""}, "Give it a title, in one language at least."),
        ({"height.laptop": ""}, "Say how wide and high the picture is."),
        ({"link.sv": "javascript:alert(1)"}, "This is not right"),
        ({"key": "Rain!"}, "Small letters, digits and hyphens."),
        ({"until": "2026-02-01T00:00"}, "it ends before it begins"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    as_role: As, typed: dict[str, object], said: str
) -> None:
    answer = as_role(Role.MARKETER).post("/new-content/", TYPED | typed)
    assert answer.status_code == 200
    page = unescape(answer.content.decode())
    assert said in page
    assert 'value="the autumn"' in page
    assert not Content.objects.exists()


def test_one_of_the_same_name_is_not_overwritten(as_role: As) -> None:
    give("rain")
    answer = as_role(Role.MARKETER).post("/new-content/", TYPED)
    assert "There is a content of this name already." in answer.content.decode()
    assert Content.objects.get().version == 1


def test_it_is_previewed_by_language_and_screen_with_what_each_leaves_out(as_role: As) -> None:
    give(
        "rain",
        words={"sv": Words("Regn", "Stövlar.", "/regn"), "en": Words("<b>Rain</b>")},
        screens={
            Screen.LAPTOP: OnScreen(Picture("https://shop.example/wide.png", 1200, 400)),
            Screen.PHONE: OnScreen(
                Picture("https://shop.example/narrow.png", 400, 400), frozenset({Part.TEXT})
            ),
        },
    )
    answer = as_role(Role.ANALYST).get("/content/rain/")
    page = answer.content.decode()
    assert page.count("https://shop.example/wide.png") == 2
    assert page.count("https://shop.example/narrow.png") == 2
    assert "Leaves out the text" in page
    assert "<b>Rain" not in page
    assert "img-src 'self' data: https:" in answer["Content-Security-Policy"]
    assert as_role(Role.CLERK).get("/content/rain/edit/").status_code == 403


def test_the_customers_page_says_what_she_sees_and_why(
    as_role: As, web: Source, shop: Shop
) -> None:
    give("vinga", goods=Goods(products=frozenset({"vinga"})))
    give("danes", markets=frozenset({"DK"}))
    told = {"type": "track", "event": "Product Viewed", "userId": "anna", "messageId": "m"}
    tell([told | {"properties": {"product_id": "vinga"}}])
    customer = customers.by_identifier("user_id", "anna")
    agent = as_role(Role.AGENT)
    panel = read(agent, f"/content/of/{customer}/")
    assert "has looked at vinga" in panel
    assert "danes på svenska: not in this market" in panel
    assert "Nothing: there is no content for it." in panel
    assert f"/content/of/{customer}/" in text(agent.get(f"/customers/{customer}/"))
