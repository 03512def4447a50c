"""The editor of offers in a real Chromium: figures follow what is typed, without scripts, too."""

from __future__ import annotations

import pytest

from spindel.offers.models import OfferVersion
from spindel.staff.models import Role, User
from tests.catalogue.goods import put, shoe
from tests.conftest import PASSWORD

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("scripts", [True, False])
def test_a_marketer_fills_in_the_sentence(chromium, server: str, scripts: bool) -> None:
    put(shoe("vinga", brand="Vinga"), shoe("hjelm", brand="Hjelm"))
    User.objects.create_user("mikkel@nordsko.example", PASSWORD, role=Role.MARKETER)
    context = chromium.new_context(locale="en-GB", java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{server}/login/")
    page.fill("input[name=login]", "mikkel@nordsko.example")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{server}/")
    page.goto(f"{server}/offers-new/")
    page.locator("#figures", has_text="2 products").wait_for()
    page.fill("#q", "Vinga")
    if not scripts:
        page.press("#q", "Enter")
    page.get_by_role("button", name="The offer is on Vinga", exact=True).click()
    page.locator("#figures", has_text="1 product").wait_for()
    page.select_option("select[name=benefit]", "n_for_m")
    assert page.locator("input[name=take]").is_visible()
    assert not page.locator("input[name=rate]").is_visible()
    page.fill("input[name=take]", "3")
    page.get_by_role("textbox", name="English").fill("Three for two")
    page.get_by_role("button", name="Save as a draft").click()
    page.wait_for_url(f"{server}/offers/three-for-two/")
    terms = OfferVersion.objects.get().terms
    assert terms["benefit"] == {"type": "n_for_m", "take": 3, "reduced": 1, "rate": 10_000}
    assert terms["goods"] == {"brands": ["Vinga"]}
    context.close()
