"""What another system publishes is compared with what we answer."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from typer.testing import CliRunner

from spindel.catalogue.markets import Market
from spindel.consistency import published, views
from spindel.consistency.actions import keep
from spindel.consistency.asking import Report
from spindel.consistency.models import AuditRun, Difference
from spindel.consistency.published import compare
from spindel.consistency.sampling import Sample, questions
from spindel.kit.tables import Unreadable
from spindel.offers import actions as offers
from spindel.offers.models import Offer
from spindel.offers.terms import Goods, PercentOff
from spindel.run import audit as command
from spindel.staff.actions import create_token
from spindel.staff.models import Role, Scope
from tests.catalogue.goods import put, sek, shoe
from tests.commerce.orders.cast import give_offer
from tests.console.conftest import as_role as as_role
from tests.console.conftest import text

SE = Market("SE", "SEK", "sv")


@pytest.fixture
def goods(database: str) -> None:
    put(shoe("vinga"), shoe("haga", prices=[sek(999)]))
    give_offer("spring", PercentOff(2_000), goods=Goods(products=frozenset({"vinga"})))


def ours() -> bytes:
    """Our own feed, as a marketplace has fetched it."""
    secret = create_token("market", [Scope.READ_CATALOGUE], None)[1]
    machine = Client(headers={"Authorization": f"Bearer {secret}"})
    return b"".join(machine.get("/api/catalogue/feed?market=SE").streaming_content)


def differing(told: bytes) -> set[tuple[str, str, str, str]]:
    report, unread = compare(io.BytesIO(told), "market", SE)
    assert unread == 0
    return {
        (one.sku, one.differs.what, one.differs.said, one.differs.should) for one in report.found
    }


def test_our_own_feed_is_as_we_answer(goods: None) -> None:
    assert differing(ours()) == set()


def test_a_feed_of_yesterday_is_found(goods: None) -> None:
    told = ours()
    offers.set_state("spring", Offer.State.ENDED, "astrid")
    assert differing(told) == {
        ("VINGA-38", "price", "103920", "129900"),
        ("VINGA-39", "price", "103920", "129900"),
    }


def test_a_wrong_name_and_goods_that_we_do_not_sell_are_found(goods: None) -> None:
    told = ours().replace(b"\tHaga\t", b"\tHoga\t").replace(b"VINGA-38\t", b"VINGA-99\t")
    found = differing(told)
    assert ("VINGA-99", "missing", "103920", "") in found
    assert ("HAGA-38", "name", "Hoga", "Haga") in found


def test_a_price_list_in_our_own_columns_is_compared_too(goods: None) -> None:
    told = b"sku,name,price.SE,sale_price.SE\nHAGA-38,Haga,1299,999\nHAGA-39,Haga,998,\n"
    assert differing(told) == {("HAGA-39", "price", "99800", "99900")}


def test_what_is_no_feed_is_refused(goods: None) -> None:
    with pytest.raises(Unreadable):
        compare(io.BytesIO(b"hello\nworld\n"), "x", SE)


def test_a_difference_of_a_feed_is_gone_once_it_is_right(goods: None) -> None:
    old = ours()
    offers.set_state("spring", Offer.State.PAUSED, "astrid")
    keep(compare(io.BytesIO(old), "market", SE)[0], "astrid")
    assert Difference.objects.filter(until=None).count() == 2
    keep(compare(io.BytesIO(ours()), "market", SE)[0], "astrid")
    assert not Difference.objects.filter(until=None).exists()


def test_of_another_price_list_the_first_differences_are_kept_and_said_to_be(
    goods: None, monkeypatch: pytest.MonkeyPatch, as_role: Callable[[Role], Client]
) -> None:
    monkeypatch.setattr(published, "MOST_DIFFERENCES", 3)
    monkeypatch.setattr(published, "_AT_ONCE", 2)
    rows = "".join(f"X-{one},X,9\n" for one in range(50))
    told = f"sku,name,price.SE\n{rows}".encode()
    report, _unread = compare(io.BytesIO(told), "market", SE)
    assert (len(report.found), report.answers["feed market"], report.cut) == (3, 4, True)
    file = SimpleUploadedFile("market", told)
    page = as_role(Role.MARKETER).post(
        "/same-answer/feed/", {"market": "se", "language": "sv", "file": file}, follow=True
    )
    assert "Only the first differences were kept" in text(page)
    other = told.replace(b"X-", b"Y-")
    keep(compare(io.BytesIO(other), "market", SE)[0], "astrid")
    assert Difference.objects.filter(until=None).count() == 3  # those of today
    assert {sku for one in questions(Sample()) for sku in (v.sku for v in one.goods)} <= {
        *("VINGA-38", "VINGA-39", "HAGA-38", "HAGA-39")
    }


def test_a_feed_and_the_faces_close_nothing_of_each_other(goods: None) -> None:
    wrong = ours().replace(b"VINGA-38\t", b"VINGA-99\t")
    keep(compare(io.BytesIO(wrong), "market", SE)[0], "astrid")
    keep(Report(), "astrid")
    keep(compare(io.BytesIO(ours()), "partner", SE)[0], "astrid")
    assert Difference.objects.get(until=None).sku == "VINGA-99"


def test_it_is_compared_on_the_page(goods: None, as_role: Callable[[Role], Client]) -> None:
    marketer = as_role(Role.MARKETER)
    told = {"market": "se", "language": "sv"}
    file = SimpleUploadedFile("partner.tsv", ours().replace(b"999.00", b"998.00"))
    page = marketer.post("/same-answer/feed/", told | {"file": file}, follow=True)
    assert "4 answers were compared." in text(page)
    assert "feed partner.tsv" in text(page)
    for wrong in ({}, {"address": "http://127.0.0.1/x"}, {"file": SimpleUploadedFile("x", b"?")}):
        page = marketer.post("/same-answer/feed/", told | wrong, follow=True)
        assert page.status_code == 200
    assert AuditRun.objects.count() == 1
    denied = as_role(Role.ANALYST).post("/same-answer/feed/", told)
    assert denied.status_code == 403


def test_an_address_is_known_without_its_secrets() -> None:
    assert views._short("https://feeds.example/a.xml?key=secret") == "feeds.example/a.xml"


def test_the_command_tells_it_and_answers_whether_something_differs(
    goods: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "feed.tsv"
    path.write_bytes(ours())
    assert command.published(str(path), "SE", as_json=False) is False
    offers.set_state("spring", Offer.State.PAUSED, "astrid")
    assert command.published(str(path), "SE", as_json=False) is True
    said = capsys.readouterr().out
    assert "feed feed.tsv: price of VINGA-38 in SE for anybody: says 103920" in said
    assert command.published(str(path), "SE", as_json=True) is True
    told = json.loads(capsys.readouterr().out)
    assert told["differences"][0]["since"]


def test_the_command_asks_every_face(goods: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.audit(0, 1, 1, as_json=True) is False
    told = json.loads(capsys.readouterr().out)
    assert told["differences"] == []
    assert told["answers"] > 4
    assert command.ahead(as_json=False) is False
    assert "0 conflicts" in capsys.readouterr().out


def test_the_command_says_how_it_is_called() -> None:
    from spindel.run.cli import app

    assert "--ahead" in CliRunner().invoke(app, ["audit", "--help"]).output
