"""Logging in at the company's own OpenID Connect provider.

Stricter than allauth is by itself: the issuer must be the one that was configured, every ID token's
signature is checked, and it carries the nonce of the login that it answers. Nothing of the provider
is kept here: each time, the address that it has verified says who comes.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import cached_property
from typing import Any, NoReturn  # Any: claims are whatever the provider says

import jwt
from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base import AuthError, Provider
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from requests import RequestException

from spindel.kit import environment
from spindel.staff import actions
from spindel.staff.models import Role, User

_PROVIDER = "company"
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
_CLOCKS_DIFFER = 60  # seconds


def name() -> str:
    """What the provider is called; empty when there is none to log in at."""
    return environment.value("SPINDEL_OIDC_NAME") if environment.value("SPINDEL_OIDC_URL") else ""


def login(request: HttpRequest) -> HttpResponse:
    """Send the person to the provider."""
    if not name():
        return redirect("account_login")
    provider = get_adapter().get_provider(request, _PROVIDER)
    provider.oauth2_adapter_class = _Provider
    nonce = secrets.token_urlsafe(32)
    try:
        answer: HttpResponse = provider.redirect(
            request,
            "login",
            next_url=get_next_redirect_url(request),
            auth_params={"nonce": nonce},
            nonce=nonce,
        )
    except (RequestException, OAuth2Error):
        return _refusal(request, "away", 502)
    return answer


def callback(request: HttpRequest) -> HttpResponse:
    """The person comes back from the provider."""
    if not name():
        return redirect("account_login")
    try:
        answer: HttpResponse = _Callback.adapter_view(_Provider(request, _PROVIDER))(request)
    except (RequestException, OAuth2Error):
        return _refusal(request, "away", 502)
    return answer


class _Provider(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth ships no types
    """What the provider says, believed only as far as it is proven."""

    nonce = ""

    @cached_property
    def openid_config(self) -> dict[str, Any]:
        config: dict[str, Any] = super().openid_config
        wanted = environment.value("SPINDEL_OIDC_URL").partition("/.well-known/")[0]
        if str(config.get("issuer")).rstrip("/") != wanted.rstrip("/"):
            raise OAuth2Error("The provider calls itself by another name.")
        return config

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return request.build_absolute_uri(reverse("oidc_callback"))

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        claims = self._claims(app, str(kwargs["response"].get("id_token") or ""))
        if self.openid_config.get("userinfo_endpoint"):
            told = self._fetch_user_info(token.token)
            if told.get("sub") != claims["sub"]:
                raise OAuth2Error("The provider told of somebody else.")
            claims = {**told, **claims}
        return self.get_provider().sociallogin_from_response(request, {"id_token": claims})

    def _claims(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                id_token,
                self._key(id_token),
                algorithms=list(_ALGORITHMS),
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=_CLOCKS_DIFFER,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except jwt.PyJWTError as error:
            raise OAuth2Error("The ID token is not good.") from error
        if claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("The ID token is for another program.")
        if not secrets.compare_digest(str(claims.get("nonce")), self.nonce):
            raise OAuth2Error("The ID token answers another login.")
        return claims

    def _key(self, id_token: str) -> jwt.PyJWK:
        kid = jwt.get_unverified_header(id_token).get("kid")
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config.get("jwks_uri"))
            answer.raise_for_status()
        for key in jwt.PyJWKSet.from_dict(answer.json()).keys:
            if key.public_key_use in (None, "sig") and kid in (None, key.key_id):
                return key
        raise jwt.InvalidKeyError("The key is not among the provider's.")


class _Callback(OAuth2CallbackView):  # type: ignore[misc]  # allauth ships no types
    def _get_state(self, request: HttpRequest, provider: Provider) -> tuple[Any, Any]:
        state, answer = super()._get_state(request, provider)
        if state is not None:
            self.adapter.nonce = state.get("nonce") or secrets.token_urlsafe(32)
        return state, answer


class CompanyAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Who of the provider's people may come in."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find the person by her verified address, or let her in as the settings say."""
        claims = sociallogin.account.extra_data["id_token"]
        email = str(claims.get("email") or "").strip()
        # Some providers send the claim as text. Outside of ASCII there are letters that are a
        # colleague's once their case is changed, and another's mailbox.
        if not email.isascii() or not email or claims.get("email_verified") not in (True, "true"):
            _refuse(request, "unverified")
        email = email.lower()
        user = User.objects.filter(email__iexact=email).first() or _admit(email, claims)
        if user is None:
            _refuse(request, "unknown")
        sociallogin.user = user

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Provider,
        error: str = AuthError.UNKNOWN,
        exception: Exception | None = None,
        extra_context: object = None,
    ) -> None:
        """Say it on a page of our own."""
        if error == AuthError.CANCELLED:
            raise ImmediateHttpResponse(redirect("account_login"))
        if isinstance(exception, RequestException):
            raise ImmediateHttpResponse(_refusal(request, "away", 502))
        _refuse(request, "failed")


def _admit(email: str, claims: Mapping[str, Any]) -> User | None:
    role = environment.value("SPINDEL_OIDC_SIGNUP_ROLE")
    if not role:
        return None
    try:
        return actions.admit(email, str(claims.get("name") or "")[:120], Role(role))
    except IntegrityError:  # she came through two doors at once
        return User.objects.get(email__iexact=email)


def _refuse(request: HttpRequest, why: str) -> NoReturn:
    raise ImmediateHttpResponse(_refusal(request, why, 403))


def _refusal(request: HttpRequest, why: str, status: int) -> HttpResponse:
    return render(request, "staff/no_entry.html", {"why": why, "name": name()}, status=status)
