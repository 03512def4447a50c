"""In the background: mails are handed over to the mail server, and put away on the clock.

One that is tried again (`kit.due`) has the same Message-ID.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from spindel.kit import smtp
from spindel.kit.background import Job
from spindel.kit.clock import NEVER
from spindel.kit.due import Later, Never, Queue
from spindel.messages.actions import NOTIFY_MAIL
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
            if _MAILS.take(partial(_send, session)) is None or session.is_away:
                return False
    return True


def tidy() -> bool:
    """Give up what is too late, and put bodies away that are old; whether there may be more.

    Where there is no mail server nobody has to look at each: there is none to be sent.
    """
    now = timezone.now()
    settled_at = now if smtp.server() is None else None
    too_late = Q(made_at__lte=now - TRIED_FOR) | Q(ends_at__lte=now)
    late = list(Mail.objects.waiting().filter(too_late, due__lte=now)[:_PART])
    for mail in late:
        _give_up(mail, mail.error or ("Over" if mail.is_over else "Late"), settled_at)
    old = Mail.objects.filter(put_away=False, made_at__lte=now - BODIES_KEPT)
    some = Mail.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:_PART]))
    return bool(some.update(**_WITHOUT_BODIES)) or bool(late)


def _send(session: Session, mail: Mail) -> None:
    """Hand it over, and record that it was taken. Raises Later and Never."""
    try:
        session.send(mail)
    except Away as away:
        log.warning("mail_server_away", error=str(away))
        raise Later(str(away), _LONGEST_AWAY) from None
    except NotTaken as error:
        raise (Never(str(error)) if error.for_good else Later(str(error))) from None
    _taken[mail.pk] = timezone.now()
    _record_taken()
    log.info("mail_sent", mail=mail.pk, purpose=mail.purpose, attempts=mail.attempts)


def _record_taken() -> None:
    for pk, at in list(_taken.items()):
        with transaction.atomic():
            sent = Mail.objects.filter(pk=pk)  # whoever claims it by now
            sent.update(done_at=at, failed_at=None, error="")
            sent.filter(purpose=LOGIN).update(**_WITHOUT_BODIES)
        del _taken[pk]


def _give_up(mail: Mail, error: str, settled_at: datetime | None = None) -> None:
    secret = _WITHOUT_BODIES if mail.purpose == LOGIN else {}
    Mail.objects.filter(pk=mail.pk, attempts=mail.attempts, done_at=None).update(
        failed_at=timezone.now(), settled_at=settled_at, error=error, **secret
    )


_MAILS = Queue(
    name="messages.mails",
    model=Mail,
    lease=CLAIM,
    pauses=_PAUSES,
    ends=lambda mail: min(mail.made_at + TRIED_FOR, mail.ends_at or NEVER),
    give_up=_give_up,
    ready="q.made_at > now() - interval '1 day' AND (q.ends_at IS NULL OR q.ends_at > now())",
)

JOBS = (
    Job(name="messages.mails", step=step, hears=NOTIFY_MAIL, lane="mail"),
    Job(name="messages.put_away", step=tidy, every=timedelta(minutes=5)),
)
