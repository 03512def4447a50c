"""Letting people and machines in, and out."""

from __future__ import annotations

from collections.abc import Collection

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.utils import timezone

from spindel.kit.actions import action
from spindel.kit.refusal import Refusal
from spindel.staff import audit, links, sessions, stores
from spindel.staff.models import ApiToken, Role, Scope, User

_NO_CUSTOMER = "It is about who works here; no customer's timeline is concerned."


# --- people ---------------------------------------------------------------------------------------


@action(silent=_NO_CUSTOMER)
def create_user(email: str, password: str, role: Role, name: str = "") -> User:
    """A new person who may log in.

    Raises ValidationError for a weak password and IntegrityError for a taken address.
    """
    validate_password(password, User(email=email, name=name))
    return User.objects.create_user(email, password, role=role, name=name)


@action(silent=_NO_CUSTOMER)
def invite(email: str, name: str, role: Role, by: User, store: str = "") -> User:
    """A new person without a password, and a link to set one by: `links.token` tells it.

    `store` is the code of the store that she works in. Raises IntegrityError for a taken address,
    and Refusal.
    """
    user = User.objects.create_user(email, None, role=role, name=name)
    User.objects.filter(pk=user.pk).update(link_made_at=timezone.now())
    user.refresh_from_db()
    audit.note(by=by, did="person.invited", detail=_person(user) | {"role": role})
    if store:
        _give_store(user.pk, store, by)
    return user


@action(silent=_NO_CUSTOMER)
def admit(email: str, name: str, role: Role) -> User:
    """A new person whom the company's login provider vouches for.

    Raises IntegrityError for a taken address.
    """
    user = User.objects.create_user(email, None, role=role, name=name)
    audit.note(by=user, did="person.admitted", detail=_person(user) | {"role": role})
    return user


@action(silent=_NO_CUSTOMER)
def make_link(person: int, by: User) -> User:
    """A new link to set a password by; a former one is void. Raises Refusal."""
    user = User.objects.select_for_update().get(pk=person)
    if not user.is_active:
        raise Refusal("account_closed")
    user.link_made_at = timezone.now()
    user.save(update_fields=["link_made_at"])
    audit.note(by=by, did="person.link_made", detail=_person(user))
    return user


@action(silent=_NO_CUSTOMER)
def set_password_by_link(token: str, password: str) -> User:
    """The password of whoever has the link, which is used up; she is logged out everywhere.

    Raises Refusal when the link is not good, and ValidationError for a weak password.
    """
    user = links.find(token, lock=True)
    if user is None:
        raise Refusal("void_link")
    validate_password(password, user)
    user.set_password(password)
    user.link_made_at = None
    user.save(update_fields=["password", "link_made_at"])
    sessions.end_all(user)
    audit.note(by=user, did="account.password_set", detail=_person(user))
    return user


@action(silent=_NO_CUSTOMER)
def change_role(person: int, role: Role, by: User) -> User:
    """Give the person another role, at once. Raises Refusal."""
    user = _another(person, by)
    before, user.role = user.role, role
    if before == role:
        return user
    _keep_an_administrator(user)
    user.save(update_fields=["role"])
    audit.note(
        by=by, did="person.role_changed", detail=_person(user) | {"from": before, "to": role}
    )
    return user


@action(silent=_NO_CUSTOMER)
def change_store(person: int, store: str, by: User) -> User:
    """Give the person another store, by its code; "": she works in any. Raises Refusal."""
    user = User.objects.select_for_update().get(pk=person)
    _give_store(user.pk, store, by)
    return user


def _give_store(person: int, store: str, by: User) -> None:
    stores.give(person, store, by)


@action(silent=_NO_CUSTOMER)
def close_account(person: int, by: User) -> User:
    """Keep the person out, from now on and on every device. Raises Refusal."""
    user = _another(person, by)
    if not user.is_active:
        return user
    user.is_active, user.link_made_at = False, None
    _keep_an_administrator(user)
    user.save(update_fields=["is_active", "link_made_at"])
    sessions.end_all(user)
    audit.note(by=by, did="person.closed", detail=_person(user))
    return user


@action(silent=_NO_CUSTOMER)
def open_account(person: int, by: User) -> User:
    """Let the person in again."""
    user = User.objects.select_for_update().get(pk=person)
    if user.is_active:
        return user
    user.is_active = True
    user.save(update_fields=["is_active"])
    audit.note(by=by, did="person.opened", detail=_person(user))
    return user


@action(silent=_NO_CUSTOMER)
def reset_two_step(person: int, by: User) -> User:
    """Take away the person's two-step login and passkeys, which she has lost. Raises Refusal."""
    user = _another(person, by)
    Authenticator.objects.filter(user=user).delete()
    sessions.end_all(user)
    audit.note(by=by, did="person.two_step_reset", detail=_person(user))
    return user


def _another(person: int, by: User) -> User:
    # All administrators at once, in one order: two who would close each other wait.
    list(User.objects.select_for_update().filter(role=Role.ADMIN).order_by("pk"))
    user = User.objects.select_for_update().get(pk=person)
    if user.pk == by.pk:
        raise Refusal("own_account")
    return user


def _keep_an_administrator(changed: User) -> None:
    if changed.is_active and changed.role == Role.ADMIN:
        return
    others = User.objects.filter(role=Role.ADMIN, is_active=True).exclude(pk=changed.pk)
    if not others.exists():
        raise Refusal("last_administrator")


def _person(user: User) -> dict[str, object]:
    return {"person": user.pk, "email": user.email}


# --- machines -------------------------------------------------------------------------------------


@action(silent=_NO_CUSTOMER)
def create_token(name: str, scopes: Collection[Scope], by: User | None) -> tuple[ApiToken, str]:
    """A token for a machine, and its secret, which is shown this once and kept nowhere."""
    secret = ApiToken.new_secret()
    token = ApiToken.objects.create(
        name=name, digest=ApiToken.hash(secret), scopes=sorted(scopes), created_by=by
    )
    audit.note(by=by or _CLI, did="token.created", detail=_token(token) | {"scopes": token.scopes})
    return token, secret


@action(silent=_NO_CUSTOMER)
def revoke_token(token: int, by: User | None = None) -> None:
    """From now on the token opens nothing."""
    found = ApiToken.objects.select_for_update().filter(pk=token, revoked_at=None).first()
    if found is None:
        return
    found.revoked_at = timezone.now()
    found.save(update_fields=["revoked_at"])
    audit.note(by=by or _CLI, did="token.revoked", detail=_token(found))


_CLI = "spindel token"


def _token(token: ApiToken) -> dict[str, object]:
    return {"token": token.pk, "name": token.name}
