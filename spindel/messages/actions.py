"""Asking for mail to be sent: it is handed over in the background, after commit."""

from __future__ import annotations

import re
import uuid
from datetime import datetime

from django.db.models.functions import Now
from django.utils import timezone

from spindel.identity.rules import NOWHERE, normalise
from spindel.kit import smtp, sql
from spindel.kit.actions import action
from spindel.messages import rules
from spindel.messages.models import LOGIN, Mail
from spindel.messages.rules import Refused
from spindel.timeline.recording import Gone

# Told when there is mail to send.
NOTIFY_MAIL = "spindel_mail"

_STAY = "SELECT id FROM identity_identifier WHERE id = %s FOR KEY SHARE"
_PURPOSE = re.compile(r"[a-z][a-z_]{0,15}")
_LANGUAGE = re.compile(r"[a-z]{2}(-[A-Za-z]{2,4})?")


@action(silent="Whoever asks for the mail records what it is about.")
def send_mail(
    *,
    to: str,
    subject: str,
    text: str,
    language: str,
    purpose: str,
    key: uuid.UUID,
    identifier: int | None = None,
    html: str = "",
    name: str = "",
    ends_at: datetime | None = None,
) -> Mail:
    """Have a mail sent to the address, once per key; called again, answers the first one.

    Called within the transaction that gives cause to it: what is rolled back is never sent.
    `name` is the person's; `identifier` is whose it is, so that she is told and forgotten with it.
    From `ends_at` on what it says is over, and it is not sent any more.
    The bodies of a mail with the purpose `login` are gone once it is sent. Raises Refused, and Gone
    when she has been forgotten; until the commit, she can't be.
    """
    if not _PURPOSE.fullmatch(purpose) or not _LANGUAGE.fullmatch(language):
        raise TypeError("A purpose is a short word, and a language a code such as sv.")
    address = rules.address_of(to)
    if not subject.strip() or not rules.is_line(subject, rules.LONGEST_SUBJECT):
        raise Refused("A mail has a subject: one line of at most 200 characters.")
    if not rules.is_line(name, rules.LONGEST_NAME):
        raise Refused("A name is one line of at most 100 characters.")
    rules.check_body(text, rules.LONGEST_TEXT)
    rules.check_body(html, rules.LONGEST_HTML)
    if identifier is not None and sql.row(_STAY, [identifier]) is None:
        raise Gone(identifier)
    mail = Mail(
        key=key,
        purpose=purpose,
        identifier_id=identifier,
        to=address,
        name=name.strip(),
        normal_form=normalise("email", address, NOWHERE) or "",
        subject=subject.strip(),
        text=text,
        html=html,
        language=language,
        ends_at=ends_at,
        message_id=f"<{uuid.uuid4().hex}@{smtp.own_domain()}>",
    )
    # The same key from elsewhere: whoever is second waits here until the first has committed.
    Mail.objects.bulk_create([mail], ignore_conflicts=True)
    sql.wake(NOTIFY_MAIL)
    return Mail.objects.get(key=key)


@action(silent="It is the mail that was asked for.")
def send_again(id: int) -> None:
    """Try a mail once more that was given up, for another day. Raises Refused."""
    mail = Mail.objects.select_for_update().filter(pk=id).exclude(failed_at=None).first()
    if mail is None or mail.sent_at is not None:
        raise Refused("It was sent, or is being tried already.")
    if mail.is_over:
        raise Refused("What it says is over.")
    if mail.put_away or mail.purpose == LOGIN:
        raise Refused("What it said is gone: it has to be asked for anew.")
    mail.failed_at = mail.settled_at = None
    mail.attempts, mail.error = 0, ""
    mail.made_at = mail.due = Now()
    mail.save(update_fields=["failed_at", "settled_at", "attempts", "error", "made_at", "due"])
    sql.wake(NOTIFY_MAIL)


@action(silent="Nothing about her has changed: somebody has read it.")
def settle(id: int) -> None:
    """Somebody has seen to a mail that was given up; it is shown no more. Again: nothing."""
    given_up = Mail.objects.filter(pk=id, settled_at=None).exclude(failed_at=None)
    given_up.update(settled_at=timezone.now())
