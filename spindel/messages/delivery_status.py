"""What has become of a mail, in words: said alike wherever somebody here asks for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from spindel.kit import smtp
from spindel.messages.models import Mail


@dataclass(frozen=True, slots=True)
class Fate:
    """How far a mail has come, and since when; `bad`: somebody has to do something about it."""

    text: str
    at: datetime
    bad: bool


def asked(address: str) -> str:
    """Said of a mail that was just asked for."""
    if smtp.server() is None:
        said = _("It waits for %(address)s: no mail server is set up. After a day it is not sent.")
    else:
        said = _("On its way to %(address)s.")
    return said % {"address": address}


def of(key: UUID | None) -> Fate | None:
    """What has become of the mail with the key; None where there is none."""
    mail = Mail.objects.filter(key=key).first() if key else None
    return None if mail is None else _fate(mail)


def _fate(mail: Mail) -> Fate:
    if mail.done_at is not None:
        return Fate(_("The mail server has taken it"), mail.done_at, bad=False)
    if mail.failed_at is not None:
        return Fate(_("It was not sent, and is not tried any more"), mail.failed_at, bad=True)
    if mail.is_over:
        return Fate(_("It was not sent, and what it says is over"), mail.made_at, bad=True)
    if smtp.server() is None:
        return Fate(_("It waits: no mail server is set up"), mail.made_at, bad=True)
    if mail.attempts and mail.error:
        return Fate(_("It waits: the mail server did not take it yet"), mail.made_at, bad=True)
    return Fate(_("It is on its way"), mail.made_at, bad=False)
