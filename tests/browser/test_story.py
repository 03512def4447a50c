"""The live story to its last page, in a real Chromium: everything that can be opened when it has
ended, in three languages, on a phone and on a desk.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any  # Any: Playwright's objects, which are loaded only where there is a browser

import pytest
from django.utils import timezone

from spindel.catalogue.models import Place
from spindel.commerce.common import links
from spindel.commerce.orders.models import Order, Return
from spindel.demo.doors import Open
from spindel.demo.nordsko.stocked import put_into_catalogue
from spindel.demo.playing import perform
from spindel.identity import customers
from spindel.identity.models import Identifier
from spindel.kit import environment
from spindel.messages.models import Mail
from spindel.staff.actions import create_token
from spindel.staff.models import Role, Scope, User
from spindel.timeline.models import Source, WriteKey
from tests.conftest import PASSWORD
from tests.languages import LANGUAGES, not_in
from tests.telling import follow

pytestmark = pytest.mark.slow

WIDTHS = (360, 1440)
LOCALES = {"en": "en-GB", "sv": "sv-SE", "da": "da-DK"}
# Words that stand there with right: names of sources, of a page that she looked at, of languages.
DATA = frozenset(("web", "chat", "pos", "ads", "om", "english", "svenska", "dansk"))
READY = """() => [...document.querySelectorAll("[id^=slot-]")].every(one => one.children.length)
    && !document.querySelector(".htmx-request")"""


@dataclass
class Told:
    """Where the story has led to."""

    server: str
    email: str
    maja: int
    bought: Order
    given: Order
    back: Return


@pytest.fixture
def told(
    web: Source,
    pos: Source,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Iterator[Told]:
    """Maja's story, told to a server that runs by whoever tells it to the demo."""
    monkeypatch.setenv("SPINDEL_SHOP_URL", "http://mailed.example/shop")
    server = request.getfixturevalue("server")
    for slug, channel in (("chat", "chat"), ("ads", "social")):
        made = Source.objects.create(slug=slug, name=slug, kind="other", channel=channel)
        WriteKey.objects.create(source=made, key=f"{slug}-key")
    put_into_catalogue(timezone.now().date(), server)
    shop = [Scope.READ_CATALOGUE, Scope.READ_STOCK, Scope.SHOP]
    said = {
        "url": server,
        "api_token": create_token("demo", list(Scope), None)[1],
        "shop": {"token": create_token("shop", shop, None)[1], "write_key": "web-key"},
    }
    file = environment.home() / "demo.json"
    file.write_text(json.dumps(said))
    anonymous = [browser for _, _, browser in perform(Open(environment.home()), 1e6)][-1]
    follow()
    maja = customers.by_identifier("anonymous_id", anonymous)
    assert maja
    back = Return.objects.get()
    assert back.exchange
    email = Identifier.objects.get(kind="email", value__startswith="maja.").value
    yield Told(server, email, maja, back.order, back.exchange, back)
    file.unlink()


class Reader:
    """Opens pages in every language and width, and notes what is wrong with any."""

    def __init__(self, chromium: Any, server: str) -> None:
        self._chromium, self.server = chromium, server
        self.wrong: list[str] = []
        self.page = self._come("en")

    def _come(self, language: str) -> Any:
        """A browser of that language, with whatever logins there are."""
        login = self.page.context.storage_state() if hasattr(self, "page") else None
        context = self._chromium.new_context(locale=LOCALES[language], storage_state=login)
        page = context.new_page()
        page.on("response", self._answered)
        page.on("pageerror", lambda error: self.wrong.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._said(page, said))
        return page

    def read(self, paths: list[str], turn: Callable[[Any, str], str]) -> None:
        """`turn` has the pages speak a language, and answers what an address needs for it."""
        for language in LANGUAGES:
            page = self._come(language)
            more = turn(page, language)
            for path in paths:
                page.goto(f"{self.server}{path}{more}")
                page.wait_for_function(READY)
                self._look(page, f"{path} in {language}", language)
            page.context.close()

    def _look(self, page: Any, where: str, language: str) -> None:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                self.wrong.append(f"{where}: {wide} px wide on a screen of {width}")
        for word, around in not_in(page.content(), language, DATA):
            self.wrong.append(f"{where}: {word} in “{around}”")

    def _answered(self, response: Any) -> None:
        if response.status >= 400:
            self.wrong.append(f"{response.url}: {response.status}")

    def _said(self, page: Any, said: Any) -> None:
        if said.type == "error":
            self.wrong.append(f"{page.url}: {said.text}")


@pytest.fixture
def reader(chromium: Any, told: Told) -> Iterator[Reader]:
    found = Reader(chromium, told.server)
    consent = {"name": "shop_consent", "value": "none", "domain": "127.0.0.1", "path": "/shop/"}
    found.page.context.add_cookies([consent])
    yield found
    found.page.context.close()


def test_every_page_at_the_end_of_the_story_is_good_in_every_language_and_width(
    told: Told, reader: Reader
) -> None:
    User.objects.create_user("astrid@nordsko.example", PASSWORD, role=Role.ADMIN, name="Astrid")
    page, both = reader.page, (told.bought, told.given)

    page.goto(f"{told.server}/shop/login")
    page.fill("main [name=email]", told.email)
    page.click("main button")
    page.wait_for_selector("text=Look into your mail")
    mail = Mail.objects.filter(purpose="login").latest("pk")
    link = re.search(r"http://mailed\.example(\S+)", mail.text)
    assert link
    page.goto(told.server + link[1])
    page.click("main button")
    page.wait_for_selector("text=You are logged in")

    def in_shop(page: Any, language: str) -> str:
        answer = page.request.post(
            f"{told.server}/shop/prefer",
            form={"language": language},
            headers={"Origin": told.server},
        )
        assert answer.ok
        return ""

    hers = [f"/shop/orders/{one.number}" for one in both]
    reader.read(["/shop/my", *hers, "/shop/products/vinga", "/shop/cart"], in_shop)
    codes = [links.code("order", one.pk) for one in both]
    outside = [f"/o/{code}/{part}" for code in codes for part in ("", "receipt/")]
    reader.read(outside, lambda _, language: f"?in={language}")

    page.goto(f"{told.server}/login/")
    page.get_by_label("E-mail").fill("astrid@nordsko.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("header.top")
    page.goto(f"{told.server}/store/choose/")
    page.click(f"button[value={Place.objects.get(city='København').code}]")
    page.wait_for_url("**/store/")
    reader.read(
        [
            *("/", "/orders/", "/sources/", "/stock/", f"/customers/{told.maja}/"),
            *(f"/orders/{one.pk}/" for one in both),
            *("/store/", f"/store/customers/{told.maja}/", f"/store/returns/{told.back.number}/"),
            *(f"/store/orders/{one.number}/" for one in both),
        ],
        lambda _page, _language: "",
    )
    assert reader.wrong == [], "\n".join(reader.wrong)
