"""How mail does, for whoever looks after the installation."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from spindel.kit import smtp
from spindel.kit.templatetags.look import number
from spindel.messages.models import Mail
from spindel.staff.start import Part


def _mail() -> tuple[str, str]:
    waits, oldest, failed = Mail.objects.figures()
    if smtp.server() is None:
        return "warn", _("No mail server is set: mail is kept, not sent.")
    if failed:
        words = ngettext(
            "%(n)s was given up within a day.", "%(n)s were given up within a day.", failed
        )
        return "bad", words % {"n": number(failed)}
    if oldest > 900:
        return "warn", _("The oldest waits for over a quarter of an hour.")
    words = ngettext("%(n)s waits to be sent.", "%(n)s wait to be sent.", waits)
    return "good", words % {"n": number(waits)} if waits else _("All is sent.")


PARTS = (Part(gettext_lazy("Mail"), "mail", "mail", _mail, rank=3),)
