"""The vault's key can be changed while the program runs, and nothing sealed is lost."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from spindel.collect.models import Reject
from spindel.collect.originals import opened
from spindel.collect.origins import origin_of
from spindel.identity.models import Forgetting
from spindel.kit import sealed, vault
from spindel.privacy.models import Export, ExportPart
from spindel.timeline.models import Source
from tests.privacy.conftest import forget
from tests.telling import customer_by_message, tell


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPINDEL_HOME", str(tmp_path))


def _raw() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT text FROM privacy_exportpart) || (SELECT original FROM collect_reject)"
            " || (SELECT key FROM identity_forgetting)"
        )
        return str(cursor.fetchone()[0])


def test_after_a_change_of_key_all_that_was_sealed_is_read_with_the_new_one_alone(
    home: None, web: Source
) -> None:
    tell([{"type": "page", "messageId": "1", "userId": "anna", "properties": {"n": "1"}}])
    tell([{"type": "track", "messageId": "bad", "userId": "bo"}])
    forget(customer_by_message()["1"])
    export = Export.objects.create(customer=1, language="en", asked_by="the test")
    ExportPart.objects.create(export=export, format="json", number=0, text="Anna’s file")
    before = _raw()

    vault.add_key()
    assert sealed.reseal() == 3
    assert _raw() != before
    vault.drop_old_keys()

    assert ExportPart.objects.get().text == "Anna’s file"
    draft = opened(Reject.objects.get().original or "", origin_of(web))
    assert draft is not None
    assert b'"bo"' in draft.raw
    tell([{"type": "page", "userId": "anna", "timestamp": "2026-01-01T00:00:00Z"}])
    assert len(vault.unseal(Forgetting.objects.get().key)) == 64


def test_what_is_sealed_with_a_lost_key_is_said_before_anything_is_dropped(
    home: None, web: Source, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    export = Export.objects.create(customer=1, language="en", asked_by="the test")
    ExportPart.objects.create(export=export, format="json", number=0, text="x")
    monkeypatch.setenv("SPINDEL_HOME", str(tmp_path / "elsewhere"))
    with pytest.raises(vault.CantUnseal):
        sealed.reseal()


_ALONE = """
import django
django.setup()
from spindel.kit import sealed
print(sorted(sealed._columns))
"""


def test_a_command_that_shows_no_page_knows_all_columns(database: str) -> None:
    """`spindel keys rotate` would pass over those of a module that nobody has imported yet."""
    told = subprocess.run(
        [sys.executable, "-c", _ALONE], capture_output=True, text=True, check=True
    )
    assert ast.literal_eval(told.stdout) == [
        ("collect_reject", "original"),
        ("identity_forgetting", "key"),
        ("mfa_authenticator", "data"),
        ("privacy_exportpart", "text"),
    ]
