"""Asking for mail: written once, within the transaction that gives cause to it."""

from __future__ import annotations

import uuid

import pytest
from django.db import transaction

from spindel.messages.models import Mail
from spindel.messages.rules import NotSent
from tests.messages.cast import KEY, ask


def test_the_same_key_again_is_the_first_mail(database: str) -> None:
    first, again = ask(key=KEY), ask(key=KEY, subject="Another")
    assert (first.pk, again.subject) == (again.pk, "Your quote")
    assert Mail.objects.count() == 1


def test_what_is_rolled_back_was_never_asked_for(database: str) -> None:
    with transaction.atomic():
        ask()
        transaction.set_rollback(True)
    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    "given",
    [
        {"subject": "Hello\nBcc: all@example.se"},
        {"subject": "Hello\r\n\r\nanother body"},
        {"subject": "Hello\u2028Bcc: all@example.se"},
        {"subject": " "},
        {"subject": "x" * 201},
        {"name": "Anna\nBcc: all@example.se"},
        {"to": "anna@example.se\nBcc: all@example.se"},
        {"to": "anna@example.se, all@example.se"},
        {"to": "Anna <anna@example.se>, Bo <bo@example.se>"},
        {"to": "Anna <anna@example.se\nBcc: all@example.se>"},
        {"to": "anna"},
        {"to": "åsa@example.se"},
        {"to": "a@" + "example." * 40 + "se"},
        {"text": "x" * 100_001},
        {"text": "\0"},
        {"html": "\ud800"},
    ],
)
def test_what_could_not_be_sent_as_it_is_meant_is_refused(
    given: dict[str, str], database: str
) -> None:
    with pytest.raises(NotSent):
        ask(**given)
    assert not Mail.objects.exists()


def test_an_address_is_kept_alone_as_it_is_written(database: str) -> None:
    written = [
        "Anna <Anna@Example.se>",
        "mailto:Anna@Example.se",
        "'Anna@Example.se",
        " Anna@Example.se ",
    ]
    for address in written:
        mail = ask(address, key=uuid.uuid4())
        assert (mail.to, mail.normal_form) == ("Anna@example.se", "anna@example.se")


def test_an_address_is_kept_with_its_domain_in_ascii(database: str) -> None:
    assert ask("Anna@Räksmörgås.se").to == "Anna@xn--rksmrgs-5wao1o.se"
