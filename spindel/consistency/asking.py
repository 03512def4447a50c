"""Asking every face, and comparing what it answers with what it should.

What should be is what the one function of prices answers (`offers/pieces.py`), the names that are
in the catalogue, and the stock. A difference is one only if it is there when both are asked once
more: in between a price may have changed, or a night begun.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any  # what probes keep

import structlog
from django.db import OperationalError, transaction

from spindel.catalogue import availability
from spindel.catalogue.markets import Market
from spindel.catalogue.models import Variant
from spindel.catalogue.probing import AT_ONCE, Answer, Asker, Probe, Question
from spindel.catalogue.wording import in_language
from spindel.consistency.comparing import Deviation, differences
from spindel.kit import declared
from spindel.offers import pieces

log = structlog.get_logger("spindel.consistency")


def probes() -> list[Probe]:
    """The faces, the lowest domain's first."""
    return list(declared.each("probes", "PROBES"))


@dataclass(frozen=True, slots=True)
class Found:
    """A difference: which face has said what, to whom, of what."""

    face: str
    identifier: int | None
    sku: str
    market: str
    currency: str
    differs: Deviation


@dataclass(slots=True)
class Report:
    """What came of asking. `asked` are the questions that each face has answered rightly or not,
    by whose, SKU and market; `answers` how many were compared of each. A face that fails has
    answered nothing, so what it said before is not gone.

    `feed` is set where a feed was compared, not faces asked: its name as a face, and the market.
    What is not found of it is gone. `cut`: more differs than is told.
    """

    found: list[Found] = field(default_factory=list)
    asked: set[tuple[str, int | None, str, str]] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    customers: set[int | None] = field(default_factory=set)
    products: set[int] = field(default_factory=set)
    took: float = 0.0  # seconds
    feed: tuple[str, str] | None = None
    cut: bool = False


def ask(questions: Iterable[Question], faces: Sequence[Probe] | None = None) -> Report:
    """Ask every face all of it. Of what asking writes down (who was looked at, sessions) nothing
    stays.
    """
    began = time.perf_counter()
    report = Report()
    every = probes() if faces is None else faces
    kept: dict[object, Any] = {}
    market: Market | None = None
    for question in _portions(questions):
        report.customers.add(question.identifier)
        report.products |= {one.product_id for one in question.goods}
        asked = [one for one in every if question.identifier is None or one.knows]
        outside = Asker.outside()
        for probe in asked:
            if probe.by_http:
                _ask(probe, outside, question, report)
        if question.market != market:  # a market's feed is read once for all its portions
            kept, market = {}, question.market
        with transaction.atomic():  # no longer: followers wait for whoever writes
            asker = Asker.make(kept)
            for probe in asked:
                if not probe.by_http:
                    _ask(probe, asker, question, report)
            transaction.set_rollback(True)
    report.took = time.perf_counter() - began
    return report


def _portions(questions: Iterable[Question]) -> Iterator[Question]:
    for one in questions:
        for first in range(0, len(one.goods), AT_ONCE):
            yield replace(one, goods=one.goods[first : first + AT_ONCE])


def _ask(probe: Probe, asker: Asker, question: Question, report: Report) -> None:
    said, failed = _once(probe, asker, question)
    if said is None:
        return
    should = expected(question)
    whole = probe.whole or failed
    goods = [one for one in question.goods if whole or one.sku in said]
    wrong = [one for one in goods if list(_wrong(said, should, one))]
    if wrong:  # it may have changed in between
        asker.kept.clear()
        again = Question(question.identifier, question.customer, question.market, wrong)
        twice, failed = _once(probe, asker, again)
        said |= twice or {}
        should |= expected(again)
        goods = [one for one in goods if probe.whole or failed or one.sku in said]
    for one in goods:
        if one.sku not in said and one.sku not in should:
            continue
        report.answers[probe.face] += 1
        where = question.market
        if not failed:
            report.asked.add((probe.face, question.identifier, one.sku, where.market))
        report.found += [
            Found(probe.face, question.identifier, one.sku, where.market, where.currency, differs)
            for differs in _wrong(said, should, one)
        ]


def _once(probe: Probe, asker: Asker, question: Question) -> tuple[dict[str, Answer] | None, bool]:
    """What it answers, and whether it has failed to; None: it is not there."""
    try:
        if probe.by_http:
            found = probe.ask(asker, question)
        else:
            with transaction.atomic():  # whatever goes wrong there, the rest is asked all the same
                found = probe.ask(asker, question)
    except OperationalError:  # the database is away, which is about no face
        raise
    except Exception as error:
        log.warning("face_failed", face=probe.face, error=type(error).__name__)
        return {}, True
    return (None if found is None else dict(found)), False


_NOT_SOLD = Answer()


def _wrong(
    said: Mapping[str, Answer], should: Mapping[str, Answer], one: Variant
) -> Iterator[Deviation]:
    right = should.get(one.sku)
    answer = said.get(one.sku)
    if right is None:
        if answer is not None and answer.total is not None:
            yield Deviation("price", str(answer.total), "")
    elif answer is None:
        yield Deviation("missing", "", str(right.total))
    else:
        yield from differences(answer, right)


def expected(question: Question) -> dict[str, Answer]:
    """What each face should answer, by SKU; what is not sold there is left out."""
    market, goods = question.market, question.goods
    costs = pieces.view(market, question.identifier, skus=[one.sku for one in goods])
    by_sku = {one.sku: one for one in costs}
    there = availability.can_be_sent([one.pk for one in goods])
    return {
        one.sku: Answer(
            by_sku[one.sku].total,
            tuple(off.name for off in by_sku[one.sku].discounts),
            one.pk in there,
            in_language(one.product.names, market.language, one.product.number),
        )
        for one in goods
        if one.sku in by_sku
    }
