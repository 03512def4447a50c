"""There is one way to say no: by a code that is declared, with a sentence, and told in docs/."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from django.utils import translation

from spindel.kit import saying
from spindel.kit.refusal import KNOWN, Refusal
from tests.house.tree import ROOT, rows

SPINDEL = ROOT / "spindel"
VALUE = re.compile(r"%\((\w+)\)s")


@cache
def modules() -> dict[str, ast.Module]:
    """Every module in which somebody may refuse something by a code."""
    found = {}
    for path in sorted(SPINDEL.rglob("*.py")):
        name = str(path.relative_to(SPINDEL))
        # The collector has its own list of reasons, in docs/collect.md; it runs without Django.
        if not name.startswith(("demo/", "collect/", "kit/refusal.py")):
            found[name] = ast.parse(path.read_text())
    return found


def _name(node: ast.AST | None) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


@cache
def refusals() -> dict[str, set[str]]:
    """The classes that are a Refusal, by name, with the code that is theirs, if they have one."""
    classes = [
        node for tree in modules().values() for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    ]  # fmt: skip
    found: dict[str, set[str]] = {"Refusal": set(), "NotThere": set()}
    while more := [
        one
        for one in classes
        if one.name not in found and any(_name(base) in found for base in one.bases)
    ]:
        found |= {one.name: set() for one in more}
    for one in classes:
        if one.name in found:
            found[one.name] |= _codes(one)
    return found


def _codes(one: ast.ClassDef) -> set[str]:
    return {
        str(line.value.value)
        for line in one.body
        if isinstance(line, ast.Assign)
        and _name(line.targets[0]) == "code"
        and isinstance(line.value, ast.Constant)
    }


@dataclass(frozen=True)
class Made:
    """A place where somebody refuses something: by which code, with which values; None: those that
    the class makes of what it is given.
    """

    where: str
    code: str
    values: frozenset[str] | None


@cache
def places() -> list[Made]:
    """Wherever a refusal is made."""
    return [one for name, tree in modules().items() for one in _made(name, tree)]


def _made(name: str, tree: ast.Module) -> Iterator[Made]:
    # What a class of its own hands up to Refusal, by the call that does.
    handed = {
        id(call): node
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name in refusals()
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "super().__init__"
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and _name(node.exc) in refusals():
            for code in refusals()[_name(node.exc)] or {ast.unparse(node)}:
                yield Made(f"{name}:{node.lineno}", code, frozenset())
        if not isinstance(node, ast.Call):
            continue
        where = f"{name}:{node.lineno}"
        values = frozenset(one.arg or "**" for one in node.keywords)
        if id(node) in handed:
            for code in _codes(handed[id(node)]):
                yield Made(where, code, values)
        elif _name(node.func) in refusals():
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant):
                yield Made(where, str(first.value), values)
            elif not refusals()[_name(node.func)]:
                yield Made(where, ast.unparse(node), values)
            else:
                for code in refusals()[_name(node.func)]:
                    yield Made(where, code, None if node.args else values)


def test_whoever_refuses_does_so_by_a_code_that_is_declared() -> None:
    assert len(places()) > 150
    assert [one for one in places() if one.code not in KNOWN] == []


def test_each_code_that_is_declared_is_used() -> None:
    assert KNOWN.keys() - {one.code for one in places()} == set()


def test_whoever_refuses_gives_the_values_that_the_sentence_needs() -> None:
    for one in places():
        if one.values is None:
            continue
        assert one.values == set(VALUE.findall(KNOWN[one.code].sentence)), one
        assert one.values >= set(VALUE.findall(KNOWN[one.code].page)), one


@pytest.mark.parametrize("language", ["en", "sv", "da"])
@pytest.mark.parametrize("code", sorted(KNOWN))
def test_each_sentence_can_be_said(code: str, language: str) -> None:
    for sentence in filter(None, (KNOWN[code].sentence, KNOWN[code].page)):
        values: dict[str, object] = {name: f"<{name}>" for name in VALUE.findall(sentence)}
        with translation.override(language):
            said = saying.spoken(sentence, values)
        assert not VALUE.search(said)
        assert all(str(value) in said for value in values.values())
        only_values = not VALUE.sub("", sentence)
        assert (said == sentence % values) == (language == "en" or only_values)


def test_numbers_are_written_as_the_language_does() -> None:
    no = Refusal("quantity_too_large", most=1_000_000)
    assert str(no) == "A quantity is at most 1,000,000."
    with translation.override("sv"):
        assert saying.in_words(no) == "Ett antal är högst 1\xa0000\xa0000."


def test_what_is_refused_because_of_something_else_is_said_in_one_language() -> None:
    no = Refusal("not_mailed", why=Refusal("no_mail_address"))
    assert str(no) == "This is no e-mail address that mail can be sent to."
    with translation.override("da"):
        assert saying.in_words(no) == saying.in_words(Refusal("no_mail_address")) != str(no)


def _faces() -> Iterator[tuple[str, ast.Module]]:
    """What pages and the API answer by, and what is shown as wanting an eye."""
    for name, tree in modules().items():
        parts = Path(name).with_suffix("").parts
        if any(re.fullmatch(r"(\w+_)?(views|api)|attention|worries", one) for one in parts):
            yield name, tree


def test_no_face_says_in_its_own_words_what_was_refused() -> None:
    """Neither a sentence nor a status: whoever catches a refusal has it said, or does something."""
    found = []
    for name, tree in _faces():
        for node in ast.walk(tree):
            if not isinstance(node, ast.ExceptHandler):
                continue
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            if not any(_name(one) in refusals() for one in caught):
                continue
            for inner in ast.walk(node):
                said = isinstance(inner, ast.Call) and _name(inner.func) in ("_", "gettext")
                raised = isinstance(inner, ast.Raise) and _name(inner.exc) == "Http404"
                if said or raised:
                    found.append(f"{name}:{node.lineno}: {ast.unparse(inner)}")
    assert found == []


def test_the_api_answers_no_in_one_place() -> None:
    """Whatever is not 2xx is a refusal, and `console/api.py` is where one becomes an answer."""
    asked = re.compile(r"\bsaying\.answer\b|\bHttpError\(|status=[45]\d\d")
    found = [
        f"{name}: {line.strip()}"
        for name, _tree in _faces()
        for line in (SPINDEL / name).read_text().splitlines()
        if "api" in name and asked.search(line)
    ]
    assert found == ["console/api.py: return _answer(request, no.status, saying.answer(no))"]


def test_docs_list_every_refusal() -> None:
    told = {cells[0]: cells[1:] for cells in rows("refusals.md", "code")}
    assert list(told) == sorted(told)
    assert told == {
        code: [
            said.api or code,
            str(said.status),
            said.sentence,
            ", ".join(sorted(set(VALUE.findall(said.sentence)))),
        ]
        for code, said in KNOWN.items()
    }
