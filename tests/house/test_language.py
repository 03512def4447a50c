"""What reads whether a page speaks one language (`tests/languages.py`) notices what it is for."""

from __future__ import annotations

import pytest
from babel.messages.pofile import read_po
from django.test import Client
from django.utils.translation import trans_real

from tests.languages import ROOT, foreign, forms, not_in, said, words


@pytest.mark.parametrize("language", ["sv", "da"])
def test_nearly_every_text_is_noticed_where_its_translation_is_forgotten(language: str) -> None:
    texts, unnoticed = 0, []
    with (ROOT / f"spindel/locale/{language}/LC_MESSAGES/django.po").open("rb") as file:
        for message in read_po(file, locale=language):
            for english, translated in zip(forms(message.id), forms(message.string), strict=True):
                if words(english) != words(translated):
                    texts += 1
                    if not foreign(english, language):
                        unnoticed.append(english)
    # What is left are single words that both languages have, such as "Find" and "Sent".
    assert len(unnoticed) < texts // 50, unnoticed


def test_a_text_without_its_translation_fails_the_page(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def page() -> set[str]:
        answer = Client().get("/login/", headers={"Accept-Language": "sv"})
        return {word for word, _ in not_in(answer.content.decode(), "sv")}

    assert page() == set()
    gettext = trans_real.DjangoTranslation.gettext
    monkeypatch.setattr(
        trans_real.DjangoTranslation,
        "gettext",
        lambda self, text: text if text == "Password" else gettext(self, text),
    )
    assert page() == {"password"}


def test_what_is_read_is_what_a_person_reads() -> None:
    page = (
        '<html lang="sv"><title>Titel</title><p title="Hjälp">Text <code>code</code>'
        '<span lang="en">English</span><img alt="Bild"><input placeholder="Namn">'
        "<script>var word</script> R7J4 T2AN</p></html>"
    )
    assert said(page, "sv") == ["Titel", "Hjälp", "Text", "Bild", "Namn", "R7J4 T2AN"]
    assert words("R7J4 T2AN 38, svart, anna@example.com https://a.example/x") == {"svart"}
    assert foreign("Utlämnad on Thursday", "sv") == {"thursday"}
    assert foreign("Torsdag", "sv") == set()
