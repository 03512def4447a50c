"""Offers as YAML in git: `spindel plan` and `spindel apply`, as somebody types them."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from typer.testing import CliRunner

from spindel.offers import actions, files
from spindel.offers.models import Offer, OfferCode, OfferVersion
from spindel.offers.terms import PercentOff, Terms
from spindel.run import cli
from tests.offers.cast import any_terms

pytestmark = pytest.mark.django_db

SPRING = """
offers:
  spring:
    state: live
    codes: [spring-20]
    terms:
      names: {sv: Vårrea, en: Spring sale}
      benefit: {type: percent, rate: 2000}
      goods: {categories: [Sneakers]}
      since: 2026-03-01T00:00:00+01:00
      hours: {days: [5], opens: "18:00"}
"""


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "_domain", contextlib.nullcontext)


def run(*words: object) -> str:
    result = CliRunner().invoke(cli.app, [str(one) for one in words])
    return result.output + str(result.exception or "")


@pytest.fixture
def spring(tmp_path: Path) -> Path:
    path = tmp_path / "spring.yml"
    path.write_text(SPRING)
    return path


def test_what_is_planned_is_done_once(spring: Path) -> None:
    planned = run("plan", spring)
    assert "+ spring: new" in planned
    assert '    names.sv: – → "Vårrea"' in planned  # nothing
    assert '    state: "draft" → "live"' in planned
    assert "1 new, 0 changed, 0 stopped, 0 same." in planned
    assert not Offer.objects.exists()
    assert run("apply", spring, "--by", "astrid", "--why", "abc123") == planned
    offer = Offer.objects.get()
    assert (offer.key, offer.state, offer.version) == ("spring", "live", 1)
    version = OfferVersion.objects.get()
    assert (version.by, version.why) == ("astrid", "abc123")
    assert OfferCode.objects.get().text == "SPRING20"
    assert "= spring: same\n0 new, 0 changed, 0 stopped, 1 same." in run("apply", spring)
    assert OfferVersion.objects.count() == 1


def test_a_plan_says_field_by_field_what_changes_and_what_stops(spring: Path) -> None:
    run("apply", spring)
    actions.keep("other", Terms(names={"en": "Other"}, benefit=PercentOff(1)), by="astrid")
    spring.write_text(SPRING.replace("2000", "2500").replace("sv: Vårrea, ", ""))
    planned = run("plan", spring)
    assert (
        '~ spring: changed\n    benefit.rate: 2000 → 2500\n    names.sv: "Vårrea" → –' in planned
    )  # nothing
    spring.write_text(SPRING.replace("state: live", "state: paused"))
    assert '- spring: stopped\n    state: "live" → "paused"' in run("apply", spring)
    assert Offer.objects.get(key="spring").state == "paused"
    assert Offer.objects.get(key="other").version == 1


def test_what_is_exported_is_the_same_when_it_is_applied(spring: Path, tmp_path: Path) -> None:
    run("apply", spring)
    exported = tmp_path / "all.yml"
    exported.write_text(run("plan", "--export"))
    assert "1 same." in run("plan", exported)
    Offer.objects.all().delete()
    assert "1 new" in run("apply", exported)


@given(any_terms())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_terms_are_exported_and_read_as_they_are(terms: Terms) -> None:
    actions.keep("any", terms, by="astrid")
    (read,) = files.read({"all": files.export().encode()}).values()
    assert read.terms == terms


def test_all_offers_of_files_are_taken_or_none(spring: Path, tmp_path: Path) -> None:
    actions.keep("spring", Terms(names={"en": "Other"}, benefit=PercentOff(1)), by="astrid")
    actions.keep("zoo", Terms(names={"en": "Other"}, benefit=PercentOff(1)), by="astrid")
    actions.add_code("zoo", "SPRING20")
    assert "Another offer has this code." in run("apply", spring)
    assert Offer.objects.get(key="spring").version == 1
    assert Offer.objects.get(key="spring").state == "draft"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("offers: [", "bad.yml, line 2"),
        ("offers: {}\nmore: 1", "unknown field `more`"),
        (SPRING.replace("percent", "gift"), "Invalid value 'gift' - at `$.offers[...].terms"),
        (SPRING.replace('"18:00"', "18:00"), 'Write times of day in quotes: "22:00"'),
        (SPRING.replace("+01:00", ""), "Write moments with their offset"),
        (SPRING.replace("spring:", "Spring rea:"), "Spring rea is no key"),
        (SPRING.replace("spring-20", "x"), "x is no code"),
        (SPRING.replace("live", "given"), "Invalid enum value 'given'"),
    ],
)
def test_what_a_file_says_wrong_is_said_with_its_place(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "bad.yml"
    path.write_text(text)
    answer = run("plan", path)
    assert "bad.yml" in answer
    assert said in answer
    assert not Offer.objects.exists()


def test_an_offer_that_has_ended_or_stands_twice_is_refused(spring: Path, tmp_path: Path) -> None:
    run("apply", spring)
    again = tmp_path / "again.yml"
    again.write_text(SPRING)
    assert "spring is in two files" in run("plan", spring, again)
    actions.set_state("spring", Offer.State.ENDED, "astrid")
    assert "what has ended is not given again" in run("apply", spring)
    assert "can't be read" in run("plan", tmp_path / "none.yml")
    assert "Give files of offers, or --export." in run("plan")
