"""One's own account, people, and tokens. All of it needs a login; the login itself is console's."""

from allauth.account import views as allauth
from allauth.mfa.base import views as two_step
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from django.urls import path

from spindel.staff import views
from spindel.staff.permissions import requires

_own = requires("account.own")

urlpatterns = [
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
