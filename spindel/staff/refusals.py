"""What people who work here, and programs, are refused: letting in, and what is no request."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from spindel.kit.refusal import Said, refused

REFUSALS = {
    # programs
    "no_token": Said(_("Send your token: Authorization: Bearer …"), 401),
    "bad_token": Said(_("The token is unknown or revoked."), 401),
    "missing_scope": Said(_("The token has not the scope %(scope)s."), 403),
    "bad_request": Said(_("The request can’t be read, or is too large."), 400),
    "not_as_described": Said(_("Not as the API describes it: %(what)s"), 422, api="invalid"),
    "odd_text": Said(_("A text holds characters that can’t be kept."), 422, api="invalid"),
    # people
    "account_closed": refused(_("The account is closed.")),
    "void_link": refused(_("This link is used up or has grown too old.")),
    "no_such_post": refused(_("There is no such store any more.")),
    "own_account": refused(_("Another administrator has to do this to your account.")),
    "last_administrator": refused(_("There would be no administrator left.")),
}
