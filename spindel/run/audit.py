"""What `spindel audit` says. Each answers whether something differs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from spindel.catalogue.markets import Market
from spindel.catalogue.reading import currency_of
from spindel.consistency import actions, running
from spindel.consistency import ahead as coming
from spindel.consistency import published as others
from spindel.consistency.asking import Found
from spindel.consistency.models import AuditRun, Difference
from spindel.consistency.sampling import LANGUAGES, Sample
from spindel.kit.fetching import fetch

_BY = "spindel audit"


def audit(customers: int, products: int, seed: int, as_json: bool) -> bool:
    """Ask every face. Raises Refusal."""
    run, report = running.audit(Sample(customers, products, seed), _BY)
    return _tell(run, report.found, as_json)


def published(source: str, market: str, as_json: bool) -> bool:
    """Compare a file or what lies at an address. Raises Refusal, Unreadable, and OSError."""
    where = Market(market, currency_of(market) or "", LANGUAGES.get(market, "en"))
    is_address = source.startswith(("http://", "https://"))
    name = source.partition("?")[0].rpartition("//")[2] if is_address else Path(source).name
    with fetch(source, others.MOST_BYTES) if is_address else Path(source).open("rb") as file:
        report, unread = others.compare(file, name[-50:], where)
    if unread and not as_json:
        print(f"{unread:,} rows could not be read.")
    if report.cut and not as_json:
        print("More differs than is told: the feed was left off there.")
    return _tell(actions.keep(report, _BY), report.found, as_json)


def ahead(as_json: bool) -> bool:
    """Offers that are in each other's way in the next seven days."""
    found = coming.view("en")
    if as_json:
        print(json.dumps([asdict(one) for one in found], default=str, ensure_ascii=False))
        return bool(found)
    for one in found:
        goods = f" ({', '.join(one.on)})" if one.on else ""
        print(f"{one.at:%Y-%m-%d %H:%M}  {one.first} and {one.second}: {one.why}{goods}")
    print(f"{len(found):,} conflicts in the next seven days.")
    return bool(found)


def _tell(run: AuditRun, found: Sequence[Found], as_json: bool) -> bool:
    since = _since(found)
    if as_json:
        told = {
            "answers": run.answers,
            "customers": run.customers,
            "products": run.products,
            "faces": run.faces,
            "differences": [
                {
                    "face": one.face,
                    "what": one.differs.what,
                    "identifier": one.identifier,
                    "sku": one.sku,
                    "market": one.market,
                    "said": one.differs.said,
                    "should": one.differs.should,
                    "since": since[one.face, one.differs.what, one.identifier, one.sku, one.market],
                }
                for one in found
            ],
        }
        print(json.dumps(told, default=str, ensure_ascii=False))
        return bool(found)
    for one in found:
        who = "anybody" if one.identifier is None else f"identifier {one.identifier}"
        at = since[one.face, one.differs.what, one.identifier, one.sku, one.market]
        print(
            f"{one.face}: {one.differs.what} of {one.sku} in {one.market} for {who}:"
            f" says {one.differs.said or 'nothing'}, should be {one.differs.should or 'nothing'};"
            f" since {at}"
        )
    faces = ", ".join(f"{face} {many:,}" for face, many in sorted(run.faces.items()))
    print(
        f"{run.answers:,} answers about {run.products:,} products for {run.customers:,} customers"
        f" ({faces}) in {run.took / 1000:.1f} s: {len(found):,} differ."
    )
    return bool(found)


def _since(found: Sequence[Found]) -> dict[tuple[str, str, int | None, str, str], str]:
    open = Difference.objects.filter(until=None) if found else Difference.objects.none()
    return {
        (one.face, one.what, one.identifier_id, one.sku, one.market): f"{one.since:%Y-%m-%d %H:%M}"
        for one in open
    }
