"""YAML that somebody else has written."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindel.kit import yamls
from spindel.kit.yamls import BadYaml


@pytest.mark.parametrize("text", ["[" * 500_000, "{a: " * 100_000, "- " * 100_000])
def test_what_is_nested_too_deeply_is_refused(text: str) -> None:
    with pytest.raises(BadYaml, match="too deeply"):
        yamls.read(text)


@pytest.mark.parametrize("text", ["1" + ":59" * 200_000, "0x" + "f" * 900_000, "a" * 900_000])
def test_what_is_too_long_is_refused_before_anybody_reckons_with_it(text: str) -> None:
    with pytest.raises(BadYaml, match="more than"):
        yamls.read(f"a: {text}")


def test_nothing_is_made_but_plain_values(tmp_path: Path) -> None:
    made = tmp_path / "made"
    for tag in ("python/object/apply:os.system", "python/object/new:os.mkdir", "python/name:os"):
        with pytest.raises(BadYaml):
            yamls.read(f'a: !!{tag} ["{made}"]')
    assert not made.exists()


def test_what_is_named_again_is_kept_once_and_nothing_is_merged() -> None:
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [{f'*a{n - 1}, ' * 9}]" for n in range(1, 40))]
    assert yamls.read("\n".join(lines))
    with pytest.raises(BadYaml):
        yamls.read("a: &a {x: 1}\nb: {<<: *a}")


@pytest.mark.parametrize(
    ("text", "line"), [("a: 1\nb: [\n", 3), ("a: 2026-99-99", None), ("9" * 5_000, None)]
)
def test_it_says_where_it_can_not_be_read(text: str, line: int | None) -> None:
    with pytest.raises(BadYaml) as refused:
        yamls.read(text)
    assert refused.value.line == line


@given(st.binary(max_size=200) | st.text("[]{}:,-&*!<>|?'\"# \nab01", max_size=80))
def test_whatever_it_is_it_is_read_or_refused(text: bytes | str) -> None:
    with suppress(BadYaml):
        yamls.read(text)
