"""Links that show one thing to whoever has them: an order, a quote, a cart that was shared.

Signed, so that nobody makes one up, and with nothing about anybody in them.
"""

from __future__ import annotations

from django.core import signing
from django.urls import reverse

from spindel.kit import environment


class NoSuchLink(LookupError):
    """It was never given out, or is not whole."""


def code(kind: str, id: int) -> str:
    """What stands in a link to the thing."""
    return signing.Signer(salt=f"commerce.{kind}").sign_object(id, compress=False)


def read(kind: str, given: str) -> int:
    """The id of the thing that the link is to. Raises NoSuchLink."""
    try:
        found = signing.Signer(salt=f"commerce.{kind}").unsign_object(given[:200])
    except (signing.BadSignature, ValueError):
        raise NoSuchLink from None
    if not isinstance(found, int):
        raise NoSuchLink
    return found


def page(name: str, kind: str, id: int) -> str:
    """The whole address of the thing's page, for a mail or a receipt."""
    base = environment.value("SPINDEL_PUBLIC_URL").rstrip("/")
    if not base:
        base = f"http://{environment.value('SPINDEL_HOST')}:{environment.value('SPINDEL_PORT')}"
    return base + reverse(name, args=[code(kind, id)])
