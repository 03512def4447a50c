"""A source's page in a real Chromium: a test message goes the whole way, and is seen to arrive."""

from __future__ import annotations

import pytest

from spindel.collect import actions
from spindel.staff.models import Role, User
from spindel.timeline.models import Fact, Source
from tests.conftest import PASSWORD
from tests.telling import wait_until

pytestmark = pytest.mark.slow


@pytest.fixture
def page(chromium, server: str, web: Source):
    """An administrator's browser, logged in."""
    User.objects.create_user("astrid@nordsko.example", PASSWORD, role=Role.ADMIN)
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(f"{server}/login/")
    page.fill("input[name=login]", "astrid@nordsko.example")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{server}/")
    yield page
    assert page.errors == []
    context.close()


@pytest.mark.parametrize("where", ["", "connect/"])
def test_a_test_message_arrives_on_the_open_page(
    page, server: str, web: Source, where: str
) -> None:
    page.goto(f"{server}/sources/{web.pk}/{where}")
    page.get_by_role("button", name="Send a test message").click()
    page.get_by_text("It came through").wait_for()
    assert not Fact.objects.exists()


def test_a_source_that_turns_it_away_says_why(page, server: str, web: Source) -> None:
    actions.keep_plan(web, {"Product Viewed": {}}, "test")
    actions.set_strict(web, True, "test")
    page.goto(f"{server}/sources/{web.pk}/")

    def refused() -> bool:  # the collector hears of the plan a moment later
        page.get_by_role("button", name="Send a test message").click()
        page.locator("[data-test-said]:not(:empty)").wait_for()
        return "has no such event" in page.locator("[data-test-said]").inner_text()

    wait_until(refused)
    page.locator("#source-away code", has_text="not_in_plan").first.wait_for(timeout=15_000)


def test_a_plan_is_uploaded_by_choosing_its_file(page, server: str, web: Source) -> None:
    page.goto(f"{server}/sources/{web.pk}/plan/")
    file = {"name": "plan.yml", "mimeType": "text/yaml", "buffer": b"events: {Cart Viewed: {}}"}
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_text("This is the plan now.").wait_for()
    page.get_by_text("Cart Viewed").first.wait_for()
