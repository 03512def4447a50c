"""Letting people and machines in."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib.auth.password_validation import validate_password
from django.utils import timezone

from spindel.kit.actions import action
from spindel.staff.models import ApiToken, Role, Scope, User

_NO_CUSTOMER = "It is about who works here; no customer's timeline is concerned."


@action(silent=_NO_CUSTOMER)
def create_user(email: str, password: str, role: Role, name: str = "") -> User:
    """A new person who may log in.

    Raises ValidationError for a weak password and IntegrityError for a taken address.
    """
    validate_password(password, User(email=email, name=name))
    return User.objects.create_user(email, password, role=role, name=name)


@action(silent=_NO_CUSTOMER)
def create_token(name: str, scopes: Collection[Scope], by: User | None) -> tuple[ApiToken, str]:
    """A token for a machine, and its secret, which is shown this once and kept nowhere."""
    secret = ApiToken.new_secret()
    token = ApiToken.objects.create(
        name=name, digest=ApiToken.hash(secret), scopes=sorted(scopes), created_by=by
    )
    return token, secret


@action(silent=_NO_CUSTOMER)
def revoke_token(token: int) -> None:
    """From now on the token opens nothing."""
    ApiToken.objects.filter(pk=token, revoked_at=None).update(revoked_at=timezone.now())
