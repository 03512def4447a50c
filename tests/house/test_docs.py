"""What the documentation points at exists: files, headings, commands, targets of make."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import click
import pytest
import typer

from spindel.run.cli import app
from tests.house.tree import ROOT, pages

LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
CODE = re.compile(r"^```.*?\n(.*?)^```|^    (.*?)$|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _code(page: Path) -> Iterator[str]:
    """Each line of code on the page."""
    for match in CODE.finditer(page.read_text()):
        yield from next(filter(None, match.groups()), "").splitlines()


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", pages(), ids=_name)
def test_links_within_the_repository_lead_somewhere(page: Path) -> None:
    for match in LINK.finditer(re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)):
        link = match[1] or match[2]
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.is_relative_to(ROOT), link
        assert target.exists(), link
        if anchor:
            assert anchor in _anchors(target), link


@pytest.mark.parametrize("page", pages(), ids=_name)
def test_commands_exist_with_their_options(page: Path) -> None:
    for line in _code(page):
        found = re.match(r"(?:\$ )?(?:\w+=\S+ )*(?:\.venv/bin/)?spindel( .*)?$", line)
        if found is None:
            continue
        command: click.Command = typer.main.get_command(app)
        for word in shlex.split(found[1] or "", comments=True):
            if word.startswith("--"):
                options = {name for one in command.params for name in one.opts} | {"--help"}
                assert word.split("=")[0] in options, line
            elif hasattr(command, "commands"):
                assert word in command.commands, line
                command = command.commands[word]


@pytest.mark.parametrize("page", pages(), ids=_name)
def test_targets_of_make_exist(page: Path) -> None:
    for line in _code(page):
        if found := re.match(r"(?:\$ )?make((?: \S+)*)", line):
            words = shlex.split(found[1], comments=True)
            assert {word for word in words if "=" not in word} <= TARGETS, line


def test_a_newcomer_finds_every_page() -> None:
    """From the README, by following links."""
    found, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in found or page.suffix != ".md" or not page.exists():
            continue
        found.add(page)
        for match in LINK.finditer(page.read_text()):
            link = match[1] or match[2]
            if not re.match(r"[a-z]+:", link):
                waiting.append((page.parent / link.partition("#")[0]).resolve())
    assert {_name(page) for page in pages()} == {_name(page) for page in found}
