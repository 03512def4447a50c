"""The way in, one's own account, people, and tokens."""

from allauth.account import views as allauth
from allauth.mfa.base import views as two_step
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path

from spindel.staff import oidc, views
from spindel.staff.permissions import public, requires

_own = requires("account.own")


def _login(request: HttpRequest, *_: object) -> HttpResponse:
    return redirect("account_login")


urlpatterns = [
    path("login/", public(allauth.login, "the way in"), name="account_login"),
    path("login/step/", public(two_step.authenticate, "its second step"), name="mfa_authenticate"),
    path("login/other/", public(views.other_login, "the same"), name="login-other"),
    path(
        "login/passkey/", public(passkeys.login_webauthn, "the way in"), name="mfa_login_webauthn"
    ),
    path(
        "login/company/", public(oidc.login, "the way in by the company's login"), name="oidc_login"
    ),
    path(
        "login/company/back/",
        public(oidc.callback, "the way back from there"),
        name="oidc_callback",
    ),
    path(
        "welcome/<str:token>/",
        public(views.welcome, "whoever has the link may set her password"),
        name="welcome",
    ),
    path("logout/", _own(allauth.logout), name="account_logout"),
    path(
        "inactive/",
        public(allauth.account_inactive, "says that an account is closed"),
        name="account_inactive",
    ),
    # allauth refers to these by name; accounts are made and repaired by an administrator.
    path("closed/signup", public(_login, "leads to the login"), name="account_signup"),
    path("closed/reset", public(_login, "leads to the login"), name="account_reset_password"),
    path("closed/set", public(_login, "leads to the login"), name="account_set_password"),
    path("account/", views.account, name="account"),
    path("account/devices/<id:id>/end/", views.end_device, name="device-end"),
    path("account/devices/end/", views.end_other_devices, name="devices-end"),
    path("account/password/", _own(allauth.password_change), name="account_change_password"),
    path("account/again/", _own(allauth.reauthenticate), name="account_reauthenticate"),
    path("account/again/code/", _own(two_step.reauthenticate), name="mfa_reauthenticate"),
    path(
        "account/again/passkey/",
        _own(passkeys.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/app/", _own(app.activate_totp), name="mfa_activate_totp"),
    path("account/app/remove/", _own(app.deactivate_totp), name="mfa_deactivate_totp"),
    path("account/codes/", _own(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "account/codes/new/",
        _own(codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/codes/file/",
        _own(codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("account/passkeys/new/", _own(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("account/passkeys/<id:pk>/", _own(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
    path(
        "account/passkeys/<id:pk>/remove/",
        _own(passkeys.remove_webauthn),
        name="mfa_remove_webauthn",
    ),
    # allauth goes to these by name.
    path("account/two-step/", views.to_account, name="mfa_index"),
    path("account/passkeys/", views.to_account, name="mfa_list_webauthn"),
    path("people/", views.people, name="people"),
    path("people/new/", views.new_person, name="person-new"),
    path("people/<id:id>/", views.person, name="person"),
    path("people/<id:id>/<slug:what>/", views.change_person, name="person-change"),
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/<id:id>/revoke/", views.revoke_token, name="token-revoke"),
]
