"""The key of a shopper's session: what a request is let in by, and whose it is."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from spindel.shoppers import actions as sessions
from spindel.shoppers import reading as shoppers
from spindel.shoppers.models import Shopper


@dataclass(frozen=True, slots=True)
class Key:
    """What a request has shown: the hash of a session's key. Whether it is good, the table says."""

    digest: bytes


class ShopperKey(HttpBearer):
    """Lets in whoever shows the key of a session, to what is hers."""

    scope = "shopper"

    def authenticate(self, request: HttpRequest, token: str) -> Key:
        """The key; whether there is such a session is asked with what is asked for."""
        return Key(shoppers.digest(token))


hers = ShopperKey()


def session(request: HttpRequest) -> Shopper:
    """The session that the request is of. Raises reading.NoShopper of shoppers."""
    found = shoppers.find(digest(request))
    if found.used_at < timezone.now() - sessions.NOTE_EVERY:
        sessions.note_use(found)
    return found


def digest(request: HttpRequest) -> bytes:
    """The hash of the key that the request shows."""
    key = getattr(request, "auth", None)
    assert isinstance(key, Key)
    return key.digest
