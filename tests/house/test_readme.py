"""What the README claims, as far as a machine can tell."""

from __future__ import annotations

import re

from spindel.collect.app import Collector
from spindel.demo.nordsko import SOURCES, STORES
from spindel.kit import settings
from spindel.staff.models import Role
from tests.house.tree import PROJECT, ROOT

README = " ".join((ROOT / "README.md").read_text().split())


def test_it_needs_the_python_that_the_package_asks_for() -> None:
    assert PROJECT["project"]["requires-python"] == ">=3.11"
    assert "Python 3.11 or newer" in README


def test_its_picture_is_there_and_small() -> None:
    pictures = re.findall(r"!\[[^\]]{20,}\]\((\S+)\)", README)
    assert pictures
    for picture in pictures:
        assert (ROOT / picture).stat().st_size < 300_000


def test_its_licence_is_the_one_that_lies_beside() -> None:
    assert PROJECT["project"]["license"] == "Apache-2.0"
    assert "[Apache-2.0](LICENSE)" in README
    text = (ROOT / "LICENSE").read_text()
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_its_languages_and_roles_are_those_of_the_console() -> None:
    assert {code for code, _ in settings.LANGUAGES} == {"en", "sv", "da"}
    assert "in English, Swedish and Danish, for five roles" in README
    assert len(Role) == 5


def test_its_demo_has_these_stores_and_channels() -> None:
    assert {store.city for store in STORES} == {"Göteborg", "Stockholm", "København"}
    assert "stores in Göteborg, Stockholm and København" in README
    assert set(SOURCES) == {"web", "app", "members", "pos", "phone", "chat", "mail", "ads"}
    assert "Web, app, store, phone, chat, mail and ads" in README


def test_its_curl_goes_to_the_collector() -> None:
    path = re.search(r"curl http://127\.0\.0\.1:8000(\S+)", README)
    assert path
    assert Collector().serves(path[1])
