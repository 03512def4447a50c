"""In the background: mails are handed over to the mail server, and put away on the clock.

A mail is claimed in a transaction of its own before it is handed over, by putting its next attempt
off beyond the longest that this can take. So no two workers have the same mail; and when one dies
with it, another tries again later, with the same Message-ID.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from spindel.kit import smtp
from spindel.kit.clock import NEVER
from spindel.messages.models import LOGIN, Mail
from spindel.messages.sending import Away, NotTaken, Session

log = structlog.get_logger("spindel.messages")

TRIED_FOR = timedelta(days=1)  # then it would come too late
BODIES_KEPT = timedelta(days=30)
CLAIM = timedelta(minutes=15)  # far longer than a session: some ten steps of `sending.PATIENCE`
_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 30, 60))
_LONGEST_AWAY = timedelta(minutes=5)  # once the server is back, nobody waits for long
_SESSION = 50  # mails
_PART = 2_000  # rows a transaction
_WITHOUT_BODIES: dict[str, Any] = {  # Any: as columns are
    "text": "",
    "html": "",
    "attached": None,
    "put_away": True,
}

_LONGEST = max(CLAIM, *_PAUSES)

# Those that were tried least come first, so that none that fails holds up others. What is put off
# for longer than anything is, was so before the clock was put back.
_CLAIM = """
UPDATE messages_mail SET attempts = attempts + 1, due = now() + %(claim)s
WHERE id = (
    SELECT id FROM messages_mail
    WHERE sent_at IS NULL AND failed_at IS NULL AND made_at > now() - %(day)s
      AND (ends_at IS NULL OR ends_at > now())
      AND (due <= now() OR due > now() + %(longest)s)
    ORDER BY attempts, due LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING *
"""

# Taken by the server, and not yet on record: the database may go away in between.
_taken: dict[int, datetime] = {}


def step() -> bool:
    """Hand over some of the mails that are due; whether there may be more."""
    server = smtp.server()
    _record_taken()
    if server is None:
        return False
    with Session(server) as session:
        for _ in range(_SESSION):
            mail = _claim()
            if mail is None:
                return False
            if not _send(mail, session):
                return False
    return True


def tidy() -> None:
    """Give up what is too late, and put bodies away that are old."""
    now = timezone.now()
    too_late = Q(made_at__lte=now - TRIED_FOR) | Q(ends_at__lte=now)
    late = Mail.objects.waiting().filter(too_late, due__lte=now)
    while found := list(late.values_list("pk", flat=True)[:_PART]):
        for mail in Mail.objects.filter(pk__in=found):
            _give_up(mail, mail.error or ("Over" if mail.is_over else "Late"))
    old = Mail.objects.filter(put_away=False, made_at__lte=now - BODIES_KEPT)
    while found := list(old.values_list("pk", flat=True)[:_PART]):
        Mail.objects.filter(pk__in=found).update(**_WITHOUT_BODIES)


def _claim() -> Mail | None:
    claimed = Mail.objects.raw(_CLAIM, {"claim": CLAIM, "day": TRIED_FOR, "longest": _LONGEST})
    return next(iter(claimed), None)


def _send(mail: Mail, session: Session) -> bool:
    """Hand it over, and record what became of it; whether the server is there."""
    try:
        session.send(mail)
    except Away as away:
        log.warning("mail_server_away", error=str(away))
        _later(mail, str(away), _LONGEST_AWAY)
        return False
    except NotTaken as error:
        if error.for_good:
            _give_up(mail, str(error))
        else:
            _later(mail, str(error), _PAUSES[-1])
        return True
    _taken[mail.pk] = timezone.now()
    _record_taken()
    log.info("mail_sent", mail=mail.pk, purpose=mail.purpose, attempts=mail.attempts)
    return True


def _record_taken() -> None:
    for pk, at in list(_taken.items()):
        with transaction.atomic():
            sent = Mail.objects.filter(pk=pk)  # whoever claims it by now
            sent.update(sent_at=at, failed_at=None, error="")
            sent.filter(purpose=LOGIN).update(**_WITHOUT_BODIES)
        del _taken[pk]


def _later(mail: Mail, error: str, longest: timedelta) -> None:
    pause = min(_PAUSES[min(mail.attempts, len(_PAUSES)) - 1], longest)
    last = min(mail.made_at + TRIED_FOR, mail.ends_at or NEVER)
    if timezone.now() + pause >= last:
        _give_up(mail, error)
        return
    # Unless it was somebody else's by then.
    Mail.objects.filter(pk=mail.pk, attempts=mail.attempts, sent_at=None).update(
        due=Now() + pause, error=error
    )
    log.warning("mail_put_off", mail=mail.pk, error=error, attempts=mail.attempts)


def _give_up(mail: Mail, error: str) -> None:
    secret = _WITHOUT_BODIES if mail.purpose == LOGIN else {}
    Mail.objects.filter(pk=mail.pk, attempts=mail.attempts, sent_at=None).update(
        failed_at=timezone.now(), error=error, **secret
    )
    log.error("mail_given_up", mail=mail.pk, error=error, attempts=mail.attempts)
