"""`spindel catalogue import`, as somebody types it."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from spindel.catalogue.models import Variant
from spindel.run import cli
from tests.catalogue.goods import put, shoe

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "_domain", contextlib.nullcontext)


def command(path: Path, *options: str) -> str:
    result = CliRunner().invoke(cli.app, ["catalogue", "import", str(path), *options])
    return result.output + str(result.exception or "")


def test_a_full_file_removes_no_more_than_the_share_that_was_said(tmp_path: Path) -> None:
    put(shoe(sizes=range(36, 40)))
    path = tmp_path / "goods.csv"
    path.write_bytes("sku;name\nVINGA-36;Blå\n".encode("cp1252"))

    assert "save it as UTF-8" in command(path, "--full")
    said = command(path, "--full", "--encoding", "windows-1252")
    assert "Nothing was removed: 3 of 4 variants would go, more than 20 %." in said
    said = command(path, "--full", "--encoding", "windows-1252", "--remove-at-most", "75%")
    assert "3 variants removed" in said
    assert Variant.objects.get(removed_at=None).sku == "VINGA-36"


@pytest.mark.parametrize("share", ["x", "", "-1", "101%", "½", "2.5"])
def test_a_share_that_is_none_is_said_to_be_so(tmp_path: Path, share: str) -> None:
    assert "a share such as 20%" in command(tmp_path / "a.csv", "--remove-at-most", share)
