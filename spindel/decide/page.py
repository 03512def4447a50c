"""What a page of a shop shows in its places, by the browser's script and a public write key."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.security import APIKeyQuery
from pydantic import Field

from spindel.catalogue.markets import Market
from spindel.catalogue.reading import currency_of
from spindel.decide.contents import Placement, Screen
from spindel.decide.reading import decide
from spindel.decide.schema import Product, SeesIn, SeesOut, sees
from spindel.identity.rules import NOWHERE, normalise
from spindel.kit import sql
from spindel.kit.refusal import Refusal
from spindel.kit.schema import Language, is_readable
from spindel.kit.schema import Market as MarketCode

router = Router(tags=["Decide"])


class PageKey(APIKeyQuery):
    """Lets in whoever shows a source's write key. That is public: it opens nothing but what the
    shop's pages show.
    """

    param_name = "key"
    scope = "write key"

    def authenticate(self, request: HttpRequest, key: str | None) -> str | None:
        """The country of the source; None for a key that lets nobody in."""
        if not key or not is_readable(key):
            return None
        found = sql.prepared(_SOURCE, {"key": key})
        return None if found is None else str(found[0])


_SOURCE = """
SELECT s.country FROM timeline_writekey k JOIN timeline_source s ON s.id = k.source_id
WHERE k.key = %(key)s::text AND k.revoked_at IS NULL AND s.archived_at IS NULL
"""


class PageIn(Schema):
    """What the page asks. `browser` is what the script calls the device, where its visitor has
    agreed to be recognised. The market is the source's, unless one is said. Of `placements` those
    that are none are passed over.
    """

    placements: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=100)]
    browser: Annotated[str, Field(max_length=200)] = ""
    market: MarketCode | None = None
    language: Language = "sv"
    screen: Screen = Screen.LAPTOP
    product: Product = ""


class PageOut(Schema):
    """What is seen in each placement."""

    placements: list[SeesOut]


@router.post("/page", summary="See what a page shows", response=PageOut, auth=PageKey())
def get_page(request: HttpRequest, body: PageIn, response: HttpResponse) -> PageOut:
    """What the placements of a page show to whoever sits before it: asked by the browser's script,
    from any page, with a source's write key as `key`.
    """
    # Write keys are no cookies: what any page may ask, it may read.
    response["Access-Control-Allow-Origin"] = "*"
    code = body.market or str(getattr(request, "auth", ""))
    currency = currency_of(code)
    if currency is None:
        raise Refusal("bad_market")
    market = Market(code, currency, body.language)
    # One name that is misspelt in a page doesn't empty its other places.
    known = [one for one in Placement if one in body.placements]
    found = decide(known, market, _identifier(body.browser), body.product)
    shown = []
    for placement, decision in found.items():
        asked = SeesIn(placement=placement, screen=body.screen, limit=_MOST)
        shown.append(sees(asked, decision, body.language))
    return PageOut(placements=shown)


_MOST = 10  # places of one name on a page


def _identifier(browser: str) -> int | None:
    """The browser's, where it has told something before; a page that asks makes none."""
    normal = normalise("anonymous_id", browser, NOWHERE) if browser else None
    if normal is None:
        return None
    found = sql.prepared(_BROWSER, {"value": normal})
    return None if found is None else int(found[0])


_BROWSER = """
SELECT id FROM identity_identifier WHERE kind = 'anonymous_id' AND value = %(value)s::text
"""
