"""The sentence that a marketer fills in: what is typed becomes what the offer says."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from spindel.identity import identifiers
from spindel.offers import actions, forms, lists
from spindel.offers.audiences import Group
from spindel.offers.forms import TermsForm, Where
from spindel.offers.models import Offer, OfferVersion, PricePromise
from spindel.offers.terms import Goods, PercentOff, PiecesForLess, Terms, of
from spindel.staff.models import AuditEntry, Role
from tests.console.conftest import as_role, text
from tests.offers import cast

__all__ = ["as_role"]

As = Callable[[Role], Client]
WHERE = Where(
    languages=["sv", "en"],
    markets=["DK", "SE"],
    groups=[Group("members", "Members", 12)],
    currencies=["SEK", "DKK"],
    clocks=["Europe/Stockholm", "America/New_York"],
)

TICKS = ("without_sale", "needs_code", "back_on_return")


def sent(form: TermsForm, **more: str) -> QueryDict:
    """What a browser sends of the form as it is shown."""
    data = QueryDict(mutable=True)
    for one in form.called:
        data.appendlist("language", one.language)
        data.appendlist("called", one.text)
    for field, name in (("amounts", "amount"), ("minimum", "minimum"), ("budget", "budget")):
        for row in form.rows(field):
            data.appendlist(f"{name}_in", row.currency)
            data.appendlist(name, row.text)
    for name, picked in form.picks.items():
        data.setlist(name, picked)
    data.setlist("audience", [one.name for one, chosen in form.groups if chosen])
    for name in ("markets", "days"):
        data.setlist(name, [str(one) for one in form[name].value() or []])
    for name in TICKS:
        if form[name].value():
            data[name] = "yes"
    for box in form:
        if box.name in data or box.name in ("names", "amounts", *TICKS):
            continue
        if box.value() is not None:
            data[box.name] = str(box.value())
    data.update(more)
    return data


@given(cast.any_terms(), st.sampled_from(WHERE.clocks))
def test_any_offer_shown_as_a_sentence_and_sent_back_says_the_same(
    terms: Terms, clock: str
) -> None:
    shown = TermsForm(initial=forms.told(terms, clock), where=WHERE)
    form = TermsForm(sent(shown), where=WHERE)
    assert form.is_valid(), form.errors
    assert form.terms == terms
    gone_on = TermsForm(initial=form.typed, where=WHERE)
    again = TermsForm(sent(gone_on), where=WHERE)
    assert again.is_valid(), again.errors
    assert again.terms == terms


# --- through the page -----------------------------------------------------------------------------


def said(key: str) -> Terms:
    offer = Offer.objects.get(key=key)
    return of(OfferVersion.objects.get(offer=offer, number=offer.version).terms)


def test_what_is_typed_becomes_a_draft_and_then_is_given(as_role: As) -> None:
    marketer = as_role(Role.MARKETER)
    page = text(marketer.get("/offers-new/"))
    assert "Customers get" in page
    answer = marketer.post(
        "/offers-new/",
        cast.blank(
            benefit="n_for_m",
            take="3",
            reduced="1",
            brands=["Vinga"],
            without_categories=["Sale"],
            until="2199-05-01T00:00",
            most_each="2",
            minimum_in=["SEK"],
            minimum=["500"],
            why="the spring newsletter",
        ),
    )
    assert answer["Location"] == "/offers/sale/"
    terms = said("sale")
    assert terms.benefit == PiecesForLess(3)
    assert terms.names == {"sv": "Rea", "en": "Sale"}
    assert terms.goods == Goods(brands=frozenset({"Vinga"}), without_categories=frozenset({"Sale"}))
    assert terms.until == cast.datetime(2199, 5, 1, tzinfo=cast.STOCKHOLM)
    assert (terms.most_each, terms.minimum) == (2, {"SEK": 50_000})
    offer = Offer.objects.get()
    assert set(offer.versions.get().terms["goods"]) == {"brands", "without_categories"}
    assert offer.state == "draft"
    assert offer.versions.get().why == "the spring newsletter"
    marketer.post("/offers/sale/state/", {"state": "live", "seen": "1", "why": "now"})
    assert offer.state_changes.get().why == "now"
    assert "now" in text(marketer.get("/offers/sale/"))


def test_one_that_begins_later_is_scheduled(as_role: As) -> None:
    marketer = as_role(Role.MARKETER)
    marketer.post("/offers-new/", cast.blank(since="2199-05-01T00:00", do="give"))
    assert Offer.objects.get().state == "live"
    assert "Scheduled" in text(marketer.get("/offers/sale/"))
    assert "/offers/sale/" in text(marketer.get("/offers/?state=scheduled"))
    assert "/offers/sale/" not in text(marketer.get("/offers/?state=live"))


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"rate": ""}, "Say how many per cent."),
        ({"rate": "120"}, "Write a rate from 0.01 to 100"),
        ({"called": ["", ""]}, "Say what customers read"),
        ({"benefit": "amount"}, "Write an amount for each currency"),
        ({"minimum_in": ["SEK"], "minimum": ["abc"]}, "Write an amount in SEK"),
        ({"benefit": "n_for_m", "take": "2", "reduced": "2"}, "Fewer pieces must cost less"),
        ({"since": "2199-05-02T00:00", "until": "2199-05-01T00:00"}, "It must end after it begins"),
        ({"since": "2026-03-29T02:30"}, "The clocks are changed at that hour"),
        ({"since": "tomorrow"}, "Write a day and a time"),
        ({"opens": "25:00"}, "Write a time of day"),
        ({"most_each": "0"}, "Write a whole number"),
        ({"key": "Sommar rea"}, "Small letters"),
    ],
)
def test_what_is_wrong_says_what_to_do(as_role: As, typed: dict[str, object], told: str) -> None:
    answer = as_role(Role.MARKETER).post("/offers-new/", cast.blank(**typed))
    assert answer.status_code == 409
    assert told in answer.content.decode()
    assert not Offer.objects.exists()


def test_a_live_offer_is_changed_once_that_is_confirmed(as_role: As) -> None:
    marketer = as_role(Role.MARKETER)
    marketer.post("/offers-new/", cast.blank(do="give"))
    answer = marketer.post("/offers/sale/edit/", cast.blank(rate="30", seen="1"))
    assert "change it for all of them?" in answer.content.decode()
    assert said("sale").benefit == PercentOff(2_000)
    marketer.post("/offers/sale/edit/", cast.blank(rate="30", seen="1", do="sure"))
    assert said("sale").benefit == PercentOff(3_000)
    answer = marketer.post("/offers/sale/state/", {"state": "paused", "seen": "2"})
    assert "Pause Sale?" in answer.content.decode()
    assert Offer.objects.get().state == "live"


def test_a_tab_that_is_behind_overwrites_nothing(as_role: As) -> None:
    marketer = as_role(Role.MARKETER)
    marketer.post("/offers-new/", cast.blank())
    marketer.post("/offers/sale/edit/", cast.blank(rate="30", seen="1"))
    answer = marketer.post("/offers/sale/edit/", cast.blank(rate="40", seen="1"))
    assert answer.status_code == 409
    assert "Somebody has changed the offer meanwhile" in answer.content.decode()
    assert said("sale").benefit == PercentOff(3_000)
    answer = marketer.post("/offers-new/", cast.blank(rate="40"))
    assert "There is an offer of that name already" in answer.content.decode()
    for path, more in (("state", {"state": "live"}), ("back", {"number": "1"})):
        answer = marketer.post(f"/offers/sale/{path}/", {"seen": "1", **more}, follow=True)
        assert "Somebody has changed the offer meanwhile" in answer.content.decode()
    assert (Offer.objects.get().state, Offer.objects.get().version) == ("draft", 2)


def test_a_version_is_gone_back_to_as_a_new_one(as_role: As) -> None:
    marketer = as_role(Role.MARKETER)
    marketer.post("/offers-new/", cast.blank())
    marketer.post("/offers/sale/edit/", cast.blank(rate="30", seen="1"))
    assert "Back to version 1" in text(marketer.get("/offers/sale/"))
    marketer.post("/offers/sale/back/", {"number": "1", "seen": "2"})
    assert said("sale").benefit == PercentOff(2_000)
    newest = OfferVersion.objects.get(number=3)
    assert (newest.why, newest.by) == ("As version 1 again", "marketer@nordsko.example")


def test_goods_are_put_in_and_taken_out_by_buttons_alone(as_role: As) -> None:
    marketer = as_role(Role.MARKETER)
    page = marketer.post("/offers-new/", cast.blank(do="add:brands:Vinga")).content.decode()
    assert '<input type="hidden" name="brands" value="Vinga">' in page
    page = marketer.post("/offers-new/", cast.blank(brands="Vinga", do="remove:brands:Vinga"))
    assert 'name="brands"' not in page.content.decode()
    assert not Offer.objects.exists()


def test_names_from_outside_are_text_in_the_editor(as_role: As) -> None:
    hostile = '"><script>alert(1)</script>'
    terms = Terms(
        names={"en": hostile, hostile: hostile},
        benefit=PercentOff(1),
        goods=Goods(brands=frozenset({hostile}), products=frozenset({hostile})),
        audience=frozenset({hostile}),
    )
    actions.keep("bad", terms, by=hostile, why=hostile)
    marketer = as_role(Role.MARKETER)
    for path in ("/offers/bad/edit/", "/offers-new/?copy=bad"):
        assert "<script>alert" not in text(marketer.get(path))
    page = marketer.post(
        "/offers-new/", cast.blank(q=hostile, do="find", rate=hostile, key=hostile)
    )
    assert "<script>alert" not in page.content.decode()


def test_only_a_marketer_and_an_admin_say_offers(as_role: As) -> None:
    agent = as_role(Role.AGENT)
    actions.keep("spring", Terms(names={"en": "Spring"}, benefit=PercentOff(1)), by="astrid")
    assert agent.get("/offers-new/").status_code == 403
    assert agent.get("/offers/spring/edit/").status_code == 403
    assert agent.post("/offers/spring/back/", {"number": "1"}).status_code == 403
    assert "New offer" not in text(agent.get("/offers/"))


# --- codes ----------------------------------------------------------------------------------------


def test_a_marketer_gives_makes_and_revokes_codes(as_role: As) -> None:
    marketer = as_role(Role.MARKETER)
    marketer.post("/offers-new/", cast.blank(needs_code="yes"))
    here = "/offers/sale/codes/"
    answer = marketer.post(here, {"code": "sale-10", "uses_left": "3"}, follow=True)
    assert "Whoever enters SALE10 gets it." in answer.content.decode()
    assert "3 uses left" in text(marketer.get("/offers/sale/"))
    made = marketer.post(f"{here}make/", {"many": "2"})
    assert made["Content-Disposition"] == 'attachment; filename="sale-codes.csv"'
    head, *codes = made.content.decode().split()
    assert (head, len(set(codes))) == ("code", 2)
    marketer.post(f"{here}revoke/", {"code": "SALE10"})
    marketer.post(f"{here}revoke/", {"code": codes[0]})
    assert "1 of 2 not used yet" in text(marketer.get("/offers/sale/"))
    assert "SALE10" not in text(marketer.get("/offers/sale/"))
    marketer.post(f"{here}revoke/", {"single": "yes"})
    assert "0 of 2 not used yet" in text(marketer.get("/offers/sale/"))
    assert AuditEntry.objects.filter(did="offer.code_revoked").count() == 2


@pytest.mark.parametrize(
    ("path", "typed", "told"),
    [
        ("", {"code": ""}, "Write the code, such as SUMMER10."),
        ("", {"code": "x"}, "A code is 4 to 40 letters and digits."),
        ("", {"code": "SALE10", "uses_left": "0"}, "Write a whole number"),
        ("make/", {"many": ""}, "Say how many."),
        ("make/", {"many": "1000001"}, "Write a whole number"),
        ("revoke/", {"code": "OTHER"}, "The offer has no such code."),
    ],
)
def test_what_is_no_code_says_what_to_do(
    as_role: As, path: str, typed: dict[str, str], told: str
) -> None:
    marketer = as_role(Role.MARKETER)
    marketer.post("/offers-new/", cast.blank())
    answer = marketer.post(f"/offers/sale/codes/{path}", typed, follow=True)
    assert told in answer.content.decode()
    assert marketer.post(f"/offers/none/codes/{path}", typed).status_code == 404


def test_an_offer_for_a_list_reckons_with_those_on_it(as_role: As) -> None:
    lists.keep("regulars", "Our regulars", by="astrid")
    marketer = as_role(Role.MARKETER)
    page = text(marketer.get("/offers-new/"))
    assert "Our regulars" in page
    assert 'value="members"' in page
    page = marketer.post("/offers-new/", cast.blank(audience="list:regulars", do="count"))
    assert "for <strong>0</strong> customers" in page.content.decode()
    marketer.post("/offers-new/", cast.blank(audience="list:regulars"))
    assert said("sale").audience == frozenset({"list:regulars"})


# --- what was shown is kept -----------------------------------------------------------------------


def test_before_an_offer_is_stopped_or_changed_it_is_said_how_many_keep_it(as_role: As) -> None:
    marketer = as_role(Role.MARKETER)
    marketer.post("/offers-new/", cast.blank(do="give"))
    lists.keep("letter", "The newsletter", by="astrid")
    named = [("email", f"anna{number}@example.se") for number in range(3)]
    for each in named:
        identifiers.identifier(*each)
    lists.change("letter", add=named)
    actions.show("sale", "letter", by="astrid")
    for path, asked in (
        ("state", {"state": "paused", "seen": "1"}),
        ("state", {"state": "ended", "seen": "1"}),
        ("edit", cast.blank(rate="10", seen="1")),
    ):
        page = marketer.post(f"/offers/sale/{path}/", asked).content.decode()
        assert "3 customers were shown it" in page
        assert "nobody has used it yet" in page
    assert not PricePromise.objects.exists()
    marketer.post("/offers/sale/edit/", cast.blank(rate="10", seen="1", do="sure", why="too much"))
    assert PricePromise.objects.count() == 3
    page = marketer.post("/offers/sale/back/", {"number": "1", "seen": "2"}).content.decode()
    assert "change it for all of them?" in page
    assert "Nobody is known to have been shown it" in page
    assert Offer.objects.get().version == 2
    marketer.post("/offers/sale/back/", {"number": "1", "seen": "2", "sure": "yes"})
    assert said("sale").benefit == PercentOff(2_000)


def test_a_moment_without_an_offset_is_no_term() -> None:
    told = {"names": {"en": "x"}, "benefit": {"type": "percent", "rate": 1}}
    with pytest.raises(msgspec.ValidationError, match="timezone"):
        of(told | {"since": "2026-05-01T00:00:00"})
