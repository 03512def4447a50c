"""What is done when somebody logs in or changes how she does."""

from __future__ import annotations

from collections.abc import Mapping

from allauth.account.signals import password_changed
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.dispatch import Signal
from django.http import HttpRequest

from spindel.staff import audit, sessions
from spindel.staff.models import User


def connect() -> None:
    """Listen to Django's and allauth's signals."""
    user_logged_in.connect(_logged_in)
    user_login_failed.connect(_login_failed)
    password_changed.connect(_password_changed)
    for signal, did in _TWO_STEP.items():
        signal.connect(_two_step, dispatch_uid=did)


_TWO_STEP: dict[Signal, str] = {
    authenticator_added: "account.two_step_added",
    authenticator_removed: "account.two_step_removed",
    authenticator_reset: "account.codes_renewed",
}


def _logged_in(request: HttpRequest, user: User, **_: object) -> None:
    sessions.begin(request.session)
    audit.note(by=user, did="account.logged_in")


def _login_failed(credentials: Mapping[str, object], **_: object) -> None:
    """What was typed is not kept: it may be a password in the wrong box."""
    user = User.objects.filter(email__iexact=str(credentials.get("email", ""))).first()
    if user is None:
        audit.note(by="", did="account.login_unknown")
    else:
        audit.note(by=user, did="account.login_failed")


def _password_changed(user: User, **_: object) -> None:
    audit.note(by=user, did="account.password_changed")


def _two_step(signal: Signal, user: User, authenticator: Authenticator, **_: object) -> None:
    audit.note(by=user, did=_TWO_STEP[signal], detail={"kind": authenticator.type})
