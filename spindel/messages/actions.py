"""Asking for mail to be sent: it is handed over in the background, after commit."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db.models.functions import Now
from django.utils import timezone

from spindel.identity.rules import NOWHERE, normalise
from spindel.kit import smtp, sql
from spindel.kit.actions import action
from spindel.kit.refusal import Refusal
from spindel.messages import rules
from spindel.messages.models import LOGIN, Mail
from spindel.messages.rules import NotSent
from spindel.timeline.recording import Gone

# Told when there is mail to send.
NOTIFY_MAIL = "spindel_mail"

log = structlog.get_logger("spindel.messages")

_STAY = """
SELECT id FROM identity_identifier WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE
"""
_PURPOSE = re.compile(r"[a-z][a-z_]{0,15}")
_LANGUAGE = re.compile(r"[a-z]{2}(-[A-Za-z]{2,4})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A mail to one address, once per key.

    `name` is the person's; `identifier` is whose it is, so that she is told and forgotten with it.
    `attached` is a file, by the name `attached_as`. From `ends_at` on what it says is over, and it
    is not sent any more. The bodies of a mail with the purpose `login` are gone once it is sent.
    """

    to: str
    subject: str
    text: str
    language: str
    purpose: str
    key: uuid.UUID
    identifier: int | None = None
    html: str = ""
    name: str = ""
    attached: bytes | None = None
    attached_as: str = ""
    ends_at: datetime | None = None


@action(silent="Whoever asks for the mail records what it is about.")
def send_mail(asked: Outgoing) -> Mail:
    """Have a mail sent, once per key; called again, answers the first one.

    Called within the transaction that gives cause to it: what is rolled back is never sent.
    Raises NotSent, and Gone when she has been forgotten; until the commit, she can't be.
    """
    mail = _mail(asked)
    if asked.identifier is not None and not _staying([asked.identifier]):
        raise Gone
    _ask([mail])
    return Mail.objects.get(key=asked.key)


@action(silent="Whoever asks for the mails records what they are about.")
def send_mails(asked: Sequence[Outgoing]) -> None:
    """As `send_mail`, of many in as many statements as of one, where nobody is there to be told.

    What can't be sent as it is meant is left out, and what is for somebody who has been forgotten.
    """
    mails = []
    for one in asked:
        try:
            mails.append(_mail(one))
        except NotSent as refusal:
            log.warning("mail_left_out", purpose=one.purpose, error=str(refusal))
    named = {one.identifier_id for one in mails if one.identifier_id is not None}
    staying = _staying(named) if named else set()
    mails = [one for one in mails if one.identifier_id in (None, *staying)]
    if mails:
        _ask(mails)


def _mail(asked: Outgoing) -> Mail:
    """The mail's row. Raises NotSent."""
    if not _PURPOSE.fullmatch(asked.purpose) or not _LANGUAGE.fullmatch(asked.language):
        raise TypeError("A purpose is a short word, and a language a code such as sv.")
    address = rules.address_of(asked.to)
    if not asked.subject.strip() or not rules.is_line(asked.subject, rules.LONGEST_SUBJECT):
        raise NotSent("mail_subject")
    if not rules.is_line(asked.name, rules.LONGEST_NAME):
        raise NotSent("mail_name")
    rules.check_body(asked.text, rules.LONGEST_TEXT)
    rules.check_body(asked.html, rules.LONGEST_HTML)
    rules.check_attached(asked.attached, asked.attached_as)
    return Mail(
        key=asked.key,
        purpose=asked.purpose,
        identifier_id=asked.identifier,
        to=address,
        name=asked.name.strip(),
        normal_form=normalise("email", address, NOWHERE) or "",
        subject=asked.subject.strip(),
        text=asked.text,
        html=asked.html,
        attached=asked.attached,
        attached_as=asked.attached_as,
        ends_at=asked.ends_at,
        language=asked.language,
        message_id=f"<{uuid.uuid4().hex}@{smtp.own_domain()}>",
    )


def _staying(identifiers: Collection[int]) -> set[int]:
    """Those that are there, and to the end of the transaction are not forgotten."""
    return {id for (id,) in sql.rows(_STAY, [sorted(identifiers)])}


def _ask(mails: Sequence[Mail]) -> None:
    # The same key from elsewhere: whoever is second waits here until the first has committed.
    Mail.objects.bulk_create(mails, ignore_conflicts=True)
    sql.wake(NOTIFY_MAIL)


@action(silent="It is the mail that was asked for.")
def send_again(id: int) -> None:
    """Try a mail once more that was given up, for another day. Raises Refusal."""
    mail = Mail.objects.select_for_update().filter(pk=id).exclude(failed_at=None).first()
    if mail is None or mail.done_at is not None:
        raise Refusal("mail_under_way")
    if mail.is_over:
        raise Refusal("mail_over")
    if mail.put_away or mail.purpose == LOGIN:
        raise Refusal("mail_put_away")
    mail.failed_at = mail.settled_at = None
    mail.attempts, mail.error = 0, ""
    mail.made_at = mail.due = Now()
    mail.save(update_fields=["failed_at", "settled_at", "attempts", "error", "made_at", "due"])
    sql.wake(NOTIFY_MAIL)


@action(silent="Whoever takes a mail back says why.")
def cancel_mails(keys: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Have mails that have not left never leave, as what they say is not so; the keys of those that
    may have left.

    One that was tried is over from now on: what the server made of it nobody knows for certain.
    """
    found = list(Mail.objects.select_for_update().filter(key__in=keys).order_by("pk"))
    unsent = [one for one in found if one.done_at is None and not one.attempts]
    Mail.objects.filter(pk__in=[one.pk for one in unsent]).delete()
    tried = [one.pk for one in found if one.done_at is None and one.attempts]
    Mail.objects.filter(pk__in=tried).update(ends_at=Now())
    return {one.key for one in found} - {one.key for one in unsent}


@action(silent="Nothing about her has changed: somebody has read it.")
def settle(id: int) -> None:
    """Somebody has seen to a mail that was given up; it is shown no more. Again: nothing."""
    given_up = Mail.objects.filter(pk=id, settled_at=None).exclude(failed_at=None)
    given_up.update(settled_at=timezone.now())
