"""Money is written in one way, by whichever face."""

from __future__ import annotations

import re

import pytest

from tests.house.tree import ROOT

SPINDEL = ROOT / "spindel"


def test_nobody_writes_money_but_the_kit() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in SPINDEL.rglob("*.py")
        if re.search(r"\b(format_currency|format_compact_currency)\b", path.read_text())
    ]
    assert found == ["spindel/kit/money.py"]


def test_no_template_adds_a_currency_to_a_number_itself() -> None:
    said = re.compile(r"}}\s*(?:&nbsp;)?(?:kr\b|SEK\b|DKK\b|{{\s*\w*\.?currency)")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()[:80]}"
        for path in SPINDEL.rglob("templates/**/*.*")
        for line in path.read_text().splitlines()
        if said.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("language", ["en", "sv", "da"])
def test_the_faces_write_the_same(language: str) -> None:
    from django.utils import translation

    from spindel.demo.payments.app import _amount
    from spindel.demo.storefront.showing import money
    from spindel.kit.templatetags.look import minor_words

    for amount, currency in ((129_900, "SEK"), (129_950, "SEK"), (84_900, "DKK"), (5, "EUR")):
        with translation.override(language):
            console = minor_words(amount, currency)
        session = {"currency": currency.lower(), "amount_total": amount}
        assert money(amount, currency, language) == console == _amount(session, language)
