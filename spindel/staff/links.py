"""Links by which somebody sets her password: signed, for a while, once, and only the newest."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.signing import BadSignature, Signer
from django.utils import timezone

from spindel.staff.models import User

LASTS = timedelta(days=3)

_signer = Signer(salt="spindel.staff.links")


def token(user: User) -> str:
    """What the person's link ends in; empty when she has none that is good."""
    if user.link_made_at is None or not _is_good(user.link_made_at):
        return ""
    return _signer.sign_object([user.pk, user.link_made_at.isoformat()])


def find(token: str, *, lock: bool = False) -> User | None:
    """Whose link it is, if it is good; locked within an action, which uses it up."""
    try:
        pk, made_at = _signer.unsign_object(token)
    except (BadSignature, ValueError):  # a token that is no base64 at all is a ValueError
        return None
    users = User.objects.select_for_update() if lock else User.objects
    user = users.filter(pk=pk, is_active=True, link_made_at=datetime.fromisoformat(made_at)).first()
    return user if user and user.link_made_at and _is_good(user.link_made_at) else None


def _is_good(made_at: datetime) -> bool:
    return timezone.now() < made_at + LASTS
