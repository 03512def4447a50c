"""Pictures of goods on the console's pages: they lie where the shop keeps them."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse

# What a page may load that shows pictures; all else is as on every page.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def allow(response: HttpResponse) -> HttpResponse:
    """The page, which may show pictures."""
    response["Content-Security-Policy"] = POLICY
    return response


def shown(addresses: Iterable[str], request: HttpRequest) -> str:
    """The first of the pictures that may be shown; empty: one is drawn.

    One that lies at the address that the page was asked at is shown by its path, whatever stands
    in front of it; else a picture comes over https.
    """
    for address in addresses:
        if address.startswith("https://"):
            return address
        if address.startswith("http://"):
            parts = urlsplit(address)
            if parts.netloc == request.get_host():
                return parts.path + (f"?{parts.query}" if parts.query else "")
    return ""
