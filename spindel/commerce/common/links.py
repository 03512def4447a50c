"""Links that show one thing to whoever has them: an order, a quote, goods that somebody shared.

Signed, so that nobody makes one up, and with nothing about anybody in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core import signing
from django.urls import reverse
from django.utils import timezone

from spindel.kit import environment
from spindel.kit.saying import NotThere


class NoSuchLink(NotThere):
    """It was never given out, is not whole, or is over."""

    code = "no_such_link"


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
    return whole(reverse(name, args=[code(kind, id)]))


def whole(path: str) -> str:
    """The address of a page of ours with where we are reached."""
    base = environment.value("SPINDEL_PUBLIC_URL").rstrip("/")
    if not base:
        base = f"http://{environment.value('SPINDEL_HOST')}:{environment.value('SPINDEL_PORT')}"
    return base + path


# --- goods that somebody has shared ---------------------------------------------------------------

SHARED_FOR = timedelta(days=30)
_LONGEST = 4_000  # of a hundred lines it has some 1,500 characters


@dataclass(frozen=True, slots=True)
class Shared:
    """Variants by their ids, with how many of each; until when they are shown."""

    goods: list[tuple[int, int]]
    until: datetime


def share(goods: Sequence[tuple[int, int]]) -> tuple[str, datetime]:
    """What stands in a link that shows these goods, and until when it does.

    It holds them itself: what becomes of the cart that they were in is nobody's who has the link.
    """
    until = timezone.now().replace(microsecond=0) + SHARED_FOR
    told = [int(until.timestamp()), *(number for one in goods for number in one)]
    return _signer().sign_object(told, compress=True), until


def shared(given: str) -> Shared:
    """What a link shows. Raises NoSuchLink."""
    try:
        until, *told = _signer().unsign_object(given[:_LONGEST])
    except (signing.BadSignature, ValueError):
        raise NoSuchLink from None
    found = Shared(
        list(zip(told[::2], told[1::2], strict=True)), datetime.fromtimestamp(until, UTC)
    )
    if found.until <= timezone.now():
        raise NoSuchLink
    return found


def _signer() -> signing.Signer:
    return signing.Signer(salt="commerce.shared")
