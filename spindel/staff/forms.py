"""What people type about who works here, and how they log in."""

from __future__ import annotations

import struct
from typing import Any

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from spindel.kit.forms import Name, QuietForm, Seen
from spindel.staff import stores
from spindel.staff.models import Role, Scope, User

# A code is good for its own half minute, and for the ones before and after.
_CODE_IS_GOOD = 90


class _Once:
    """A code opens once: allauth itself remembers for one period, and accepts in three."""

    user: User

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]  # the form's, beside which it stands
        if not cache.add(f"code:{self.user.pk}:{normalize_user_code(code)}", 1, _CODE_IS_GOOD):
            raise get_adapter().validation_error("incorrect_code")
        return code


class LoginCode(_Once, AuthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """The second step of a login."""


class AgainCode(_Once, ReauthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """The second step alone, before something sensitive."""


# What the libraries raise when a browser's answer is not one, beyond what allauth looks for: a part
# that is missing or of another type, bytes that end too early.
_IS_NO_ANSWER = (
    *(LookupError, TypeError, ValueError, AttributeError),
    *(ArithmeticError, RecursionError, struct.error),
)


_BYTES = ("clientDataJSON", "authenticatorData", "signature", "userHandle", "attestationObject")


def _check_is_text(answer: object) -> None:
    """Raises ValidationError unless it is an answer, in which what a passkey has made is text.

    fido2 gives it to `bytes`, which takes a number for a length: so much memory would be had by
    whoever sends one. And allauth keeps a `false` as somebody's passkey.
    """
    outer = answer if isinstance(answer, dict) else {}
    inner = outer.get("response")
    inner = inner if isinstance(inner, dict) else {}
    made = [outer.get("id"), outer.get("rawId"), *(inner.get(name) for name in _BYTES)]
    if not outer or not all(one is None or isinstance(one, str) for one in made):
        raise get_adapter().validation_error("incorrect_code")


class _Answered:
    """A passkey's answer is read as what it is: whatever somebody has sent."""

    cleaned_data: dict[str, object]

    def clean_credential(self) -> Authenticator:
        _check_is_text(self.cleaned_data["credential"])
        try:
            return super().clean_credential()  # type: ignore[misc]  # the form's, beside which it stands
        except _IS_NO_ANSWER:
            raise get_adapter().validation_error("incorrect_code") from None


class LoginPasskey(_Answered, LoginWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    """A login by passkey alone."""


class StepPasskey(_Answered, AuthenticateWebAuthnForm):  # type: ignore[misc]  # the same
    """The second step of a login, by passkey."""


class AgainPasskey(_Answered, ReauthenticateWebAuthnForm):  # type: ignore[misc]  # the same
    """A passkey before something sensitive."""


class NewPasskey(AddWebAuthnForm):  # type: ignore[misc]  # the same
    """A passkey of one's own."""

    def clean(self) -> dict[str, object]:
        """Refuse what is no answer of a passkey."""
        _check_is_text(self.cleaned_data.get("credential"))
        try:
            cleaned: dict[str, object] = super().clean()
        except _IS_NO_ANSWER:
            raise get_adapter().validation_error("incorrect_code") from None
        return cleaned


class NewPerson(forms.Form):
    """Somebody who is to be let in."""

    name = forms.CharField(max_length=120)
    email = forms.EmailField(max_length=254)
    role = forms.ChoiceField(choices=Role.choices)
    store = forms.ChoiceField(choices=lambda: [("", ""), *stores.choices()], required=False)

    def clean_email(self) -> str:
        """In lower case, and nobody's yet."""
        email = str(self.cleaned_data["email"]).lower()
        if User.objects.filter(email__iexact=email).exists():
            raise ValidationError(_("Somebody with this address is here already."))
        return email


class NewPassword(forms.Form):
    """A first password, or a new one for a forgotten one."""

    password1 = forms.CharField(max_length=1000, strip=False)
    password2 = forms.CharField(max_length=1000, strip=False)

    def __init__(self, user: User, data: Any = None) -> None:  # Any: whatever Django takes
        super().__init__(data)
        self._user = user

    def clean_password1(self) -> str:
        """By the rules for passwords."""
        password = str(self.cleaned_data["password1"])
        validate_password(password, self._user)
        return password

    def clean_password2(self) -> str:
        """The same."""
        password = str(self.cleaned_data["password2"])
        if self.cleaned_data.get("password1", password) != password:
            raise ValidationError(_("The two are not the same."))
        return password


class RoleForm(forms.Form):
    """What somebody may do from now on."""

    role = forms.ChoiceField(choices=Role.choices)


class StoreForm(QuietForm):
    """In which store somebody works, by its code; in none."""

    store = Name(max_length=64)


class ListQuery(QuietForm):
    """Which page of a list."""

    page = Seen()


class NewToken(forms.Form):
    """A machine that is to be let in."""

    name = forms.CharField(max_length=120)
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices, error_messages={"required": _("Choose what it may do.")}
    )
