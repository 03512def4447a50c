"""Passkeys in a real Chromium, with an authenticator that it pretends to have."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator

from spindel.staff.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.slow


class Person:
    """Maja at her browser, which has an authenticator that knows her finger."""

    def __init__(self, chromium, server: str) -> None:
        # Browsers bind passkeys to names, not to numbers.
        self.server = server.replace("127.0.0.1", "localhost")
        self.context = chromium.new_context(locale="en-GB")
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text) if message.type == "error" else None
            ),
        )
        self._devtools = self.context.new_cdp_session(self.page)
        self._devtools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
        }
        self._device = self._devtools.send(
            "WebAuthn.addVirtualAuthenticator", {"options": options}
        )["authenticatorId"]

    def finger(self, known: bool) -> None:
        """Whether the authenticator knows the finger that is laid on it."""
        self._devtools.send(
            "WebAuthn.setUserVerified", {"authenticatorId": self._device, "isUserVerified": known}
        )

    def goto(self, path: str) -> None:
        self.page.goto(self.server + path)

    def log_in(self, email: str) -> None:
        self.goto("/login/")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Log in", exact=True).click()

    def log_out(self) -> None:
        self.context.clear_cookies()

    def add_passkey(self, name: str) -> None:
        self.goto("/account/")
        self.page.get_by_role("link", name="Add a passkey").click()
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Go on").click()
        self.page.get_by_label("What do you call it?").fill(name)
        self.page.get_by_role("button", name="Add").click()


@pytest.fixture
def maja(chromium, server: str, agent: User):
    """Maja, logged in."""
    person = Person(chromium, server)
    person.log_in(agent.email)
    yield person
    person.context.close()


def test_a_passkey_is_added_and_logs_in_by_itself(maja: Person, agent: User) -> None:
    page = maja.page
    maja.add_passkey("work laptop")
    page.get_by_role("heading", name="Recovery codes").wait_for()
    page.get_by_role("link", name="I have saved them").click()
    page.get_by_text("work laptop").wait_for()

    maja.log_out()
    maja.goto("/login/?next=/account/")
    page.get_by_role("button", name="Log in with a passkey").click()
    page.wait_for_url("**/account/")
    assert maja.complaints == []


def test_a_passkey_is_the_second_step_after_the_password(maja: Person, agent: User) -> None:
    page = maja.page
    maja.add_passkey("work laptop")
    page.get_by_role("heading", name="Recovery codes").wait_for()
    maja.log_out()
    maja.log_in(agent.email)
    page.get_by_role("heading", name="The second step").wait_for()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(maja.server + "/")


def test_a_strange_finger_adds_nothing_and_opens_nothing(maja: Person, agent: User) -> None:
    page = maja.page
    maja.finger(known=False)
    maja.add_passkey("work laptop")
    page.get_by_text("That did not work, or was cancelled").wait_for()
    assert not Authenticator.objects.exists()

    maja.finger(known=True)
    page.get_by_role("button", name="Add").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    maja.log_out()
    maja.finger(known=False)
    maja.goto("/login/")
    page.get_by_role("button", name="Log in with a passkey").click()
    page.get_by_text("That did not work, or was cancelled").wait_for()
    maja.finger(known=True)
    page.get_by_role("button", name="Log in with a passkey").click()
    page.wait_for_url(maja.server + "/")


def test_a_passkey_proves_that_it_is_she_and_is_renamed_and_removed(
    maja: Person, agent: User
) -> None:
    page = maja.page
    maja.add_passkey("work laptop")
    page.get_by_role("link", name="I have saved them").click()
    maja.log_out()
    maja.goto("/login/?next=/account/")
    page.get_by_role("button", name="Log in with a passkey").click()
    page.get_by_role("link", name="Rename work laptop").click()
    page.get_by_role("link", name="Use a passkey instead").click()
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name").fill("home laptop")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Remove home laptop").click()
    page.get_by_role("button", name="Remove").click()
    page.get_by_text("home laptop").wait_for(state="detached")
    assert not Authenticator.objects.exists()
    assert maja.complaints == []


def test_a_closed_account_is_closed_to_its_passkeys(maja: Person, agent: User) -> None:
    page = maja.page
    maja.add_passkey("work laptop")
    page.get_by_role("heading", name="Recovery codes").wait_for()
    maja.log_out()
    User.objects.filter(pk=agent.pk).update(is_active=False)
    maja.goto("/login/")
    page.get_by_role("button", name="Log in with a passkey").click()
    page.get_by_role("heading", name="This account is closed").wait_for()


def test_where_passkeys_can_not_work_none_are_offered(chromium, server: str, agent: User) -> None:
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(f"{server}/login/")
    page.get_by_role("button", name="Log in", exact=True).wait_for()
    assert not page.get_by_role("button", name="Log in with a passkey").is_visible()
    context.close()
