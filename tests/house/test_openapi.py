"""The description of the API is stored, so that nobody changes what is promised unseen."""

from __future__ import annotations

from tools import openapi


def test_the_api_is_described_as_it_is_stored() -> None:
    assert openapi.PATH.read_text() == openapi.described(), "meant? Then: python tools/openapi.py"
