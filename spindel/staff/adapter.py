"""How allauth behaves here: nobody signs up, guessing is slowed down, secrets are sealed."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.ratelimit import respond_429
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from spindel.kit import client, vault
from spindel.staff import audit
from spindel.staff.models import User
from spindel.staff.permissions import may

_TOO_OFTEN = ("too_many_login_attempts", "rate_limited")


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """No open sign-up, and 429 for whoever has guessed too often."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: `spindel createadmin` makes the first, administrators make the others."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """What guesses are counted by: of the long addresses, everybody has very many."""
        return client.network(client.address(request)) or "0.0.0.0"  # noqa: S104  # no address

    def is_safe_url(self, url: str | None) -> bool:
        """Whether the address is a page of ours."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:  # no address at all
            return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where her work is: a clerk begins at the tablet, all others at their start page.

        Whoever was on her way to a page comes to that instead.
        """
        return reverse("start" if may(request.user, "start.see") else "store")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to where the button was."""
        return reverse("account")

    def validation_error(self, code: str, *args: object) -> ValidationError:
        """An error beside a field; but whoever has tried too often gets the page for that."""
        if code in _TOO_OFTEN:
            audit.note_shown(by="", did="account.locked")
            raise ImmediateHttpResponse(respond_429(self.request))
        error: ValidationError = super().validation_error(code, *args)
        return error

    def send_notification_mail(self, *args: object, **kwargs: object) -> None:
        """Nothing: the program sends no mail yet; the audit log has it."""


class TwoStepAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Secrets are sealed in the database, and passkeys have plain names."""

    def encrypt(self, text: str) -> str:
        """Seal it."""
        return vault.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Unseal it. Raises CantUnseal."""
        return vault.unseal(encrypted_text)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The name of this program, as the browser shows it."""
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": "Spindel"}

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """What a passkey is called when its owner gives it no name."""
        count = Authenticator.objects.filter(user=user, type=type).count()
        return gettext("Passkey %(number)s") % {"number": count + 1}
