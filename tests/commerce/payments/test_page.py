"""The bank's page: pay, have the card refused, or pay later; in three languages."""

from __future__ import annotations

import httpx
import pytest

from spindel.demo.payments.app import LANGUAGES, _words
from tests.commerce.payments.conftest import BACK, Buying, standing
from tests.commerce.payments.standing import StandingBank


def press(page: str, button: str) -> httpx.Response:
    return httpx.post(page, data={"do": button})


def test_the_page_says_what_is_to_be_paid(anna: Buying, bank: StandingBank) -> None:
    payment = anna.order()
    page = anna.start(payment)
    answer = httpx.get(page)
    assert answer.status_code == 200
    assert "1\xa0299\xa0kr" in answer.text
    assert payment.number[:4] in answer.text
    assert '<html lang="sv">' in answer.text
    assert "anna" not in answer.text.lower()


@pytest.mark.parametrize(
    ("language", "button"),
    [("sv", "Betala senare"), ("da", "Betal senere"), ("en", "Pay later")],
)
def test_the_page_is_in_the_language_that_is_chosen(
    anna: Buying, bank: StandingBank, language: str, button: str
) -> None:
    page = anna.start(anna.order())
    answer = httpx.get(f"{page}?language={language}")
    assert f'<html lang="{language}">' in answer.text
    assert button in answer.text


def test_every_word_is_in_every_language() -> None:
    for text, said in _words().items():
        assert said.keys() == LANGUAGES.keys() - {"en"}, text
        for other in said.values():
            assert other.count("{") == text.count("{"), text


def test_paying_leads_back_to_the_shop(anna: Buying, bank: StandingBank) -> None:
    payment = anna.order()
    page = anna.start(payment)
    answer = press(page, "pay")
    assert (answer.status_code, answer.headers["location"]) == (303, BACK)
    assert press(page, "pay").headers["location"] == BACK
    bank.tell()
    assert standing(payment)[0] == "confirmed"
    assert "Det är betalt." in httpx.get(page).text


def test_a_refused_card_is_said_and_may_be_tried_again(anna: Buying, bank: StandingBank) -> None:
    page = anna.start(anna.order())
    answer = press(page, "refuse")
    assert answer.status_code == 303
    assert "Ditt kort nekades" in httpx.get(page).text
    assert press(page, "pay").headers["location"] == BACK


def test_other_buttons_do_nothing(anna: Buying, bank: StandingBank) -> None:
    page = anna.start(anna.order())
    for button in ("", "later", "refund"):
        assert press(page, button).status_code == 303
    assert not bank.events()


def test_a_page_that_has_ended_can_not_be_paid(anna: Buying, bank: StandingBank) -> None:
    page = anna.start(anna.order())
    bank.bank.ask("POST", f"v1/checkout/sessions/{page.rpartition('/')[2]}/expire", {})
    press(page, "pay")
    assert "Den här sidan har gått ut." in httpx.get(page).text
    assert not bank.events("payment_intent.amount_capturable_updated")


def test_there_is_no_page_of_nothing(bank: StandingBank) -> None:
    assert httpx.get(f"{bank.url}/pay/cs_none").status_code == 404


def test_the_browser_may_do_nothing_that_the_page_does_not_need(
    anna: Buying, bank: StandingBank
) -> None:
    answer = httpx.get(anna.start(anna.order()))
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' https://shop.nordsko.example" in policy
    assert "script-src" not in policy
