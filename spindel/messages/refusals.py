"""What is refused of mail."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from spindel.kit.refusal import refused

_ANEW = _("It can’t be sent again as it is: write to them anew.")

REFUSALS = {
    "no_mail_address": refused(_("This is no e-mail address that mail can be sent to.")),
    "mail_subject": refused(_("A mail has a subject: one line of at most 200 characters.")),
    "mail_name": refused(_("A name is one line of at most 100 characters.")),
    "mail_too_long": refused(_("The mail is too long.")),
    "mail_no_text": refused(_("The mail holds what is no text.")),
    "mail_file_size": refused(_("The file is empty, or too large for a mail.")),
    "mail_file_name": refused(_("A file is named such as receipt.pdf.")),
    "mail_under_way": refused(_("It was sent, or is being tried already."), page=_ANEW),
    "mail_over": refused(_("What it says is over."), page=_ANEW),
    "mail_put_away": refused(_("What it said is gone: it has to be asked for anew."), page=_ANEW),
}
