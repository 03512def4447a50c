"""What every API shares: bearer tokens with scopes, and errors as `{"code", "message"}`."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from spindel.staff.models import ApiToken, Scope

_USED_EVERY = timedelta(minutes=5)


class Problem(Exception):
    """An answer other than 2xx: its status, code and message, and what a machine needs `more`."""

    def __init__(self, status: int, code: str, message: str, **more: object) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.more = more


class needs(HttpBearer):  # reads as a word where a route is declared
    """Lets in whoever shows a token with the scope."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken:
        """The token, when it is good. Raises Problem: 401 when not, 403 without the scope."""
        digest = ApiToken.hash(token)
        found = ApiToken.objects.filter(digest=digest, revoked_at=None).first()
        if found is None:
            raise Problem(401, "bad_token", "The token is unknown or revoked.")
        if self.scope not in found.scopes:
            raise Problem(403, "missing_scope", f"The token has not the scope {self.scope}.")
        now = timezone.now()
        if found.used_at is None or now - found.used_at > _USED_EVERY:
            ApiToken.objects.filter(pk=found.pk).update(used_at=now)
        return found


def caller(request: HttpRequest) -> str:
    """Who calls, for the record."""
    token = getattr(request, "auth", None)
    return f"API: {token.name}" if isinstance(token, ApiToken) else ""
