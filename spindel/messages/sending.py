"""Handing a mail over to the mail server, and what its answer means."""

from __future__ import annotations

import contextlib
import smtplib
from email.headerregistry import Address
from types import TracebackType
from typing import Self

from django.core.mail import EmailMultiAlternatives, get_connection

from spindel.kit import smtp
from spindel.messages.models import Mail

# Seconds that the server may take over a step. One that looks into mails takes its time over the
# last; whoever hangs up on it meanwhile sends the mail twice.
PATIENCE = 60


class Away(Exception):
    """The server is out of reach, or lets us not in. It is about no mail. The text is a code."""


class NotTaken(Exception):
    """The server did not take this mail. `for_good`: nor will it ever. The text is a code."""

    def __init__(self, code: str, *, for_good: bool) -> None:
        super().__init__(code)
        self.for_good = for_good


class Session:
    """A connection to the server, made when there is something to send, for mails in a row.

    `is_away`: it was not to be had.
    """

    def __init__(self, server: smtp.Server, patience: int = PATIENCE) -> None:
        self.is_away = False
        self._smtp = get_connection(
            "django.core.mail.backends.smtp.EmailBackend",
            host=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.security == "starttls",
            use_ssl=server.security == "tls",
            timeout=patience,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def open(self) -> None:
        """Be let in by the server. Raises Away."""
        try:
            self._smtp.open()
        except (OSError, ValueError) as error:
            self._close()
            self.is_away = True
            raise Away(_code(error)) from None

    def send(self, mail: Mail) -> None:
        """Hand the mail over. Raises Away and NotTaken."""
        self.open()
        try:
            self._smtp.send_messages([written(mail)])
        except Exception as error:
            # Whatever is wrong, it is about this mail: the next one has a connection of its own.
            self._close()
            raise NotTaken(_code(error), for_good=_is_for_good(error)) from None

    def _close(self) -> None:
        # What was taken is taken, however the server says goodbye.
        with contextlib.suppress(OSError):
            self._smtp.close()


def written(mail: Mail) -> EmailMultiAlternatives:
    """The mail as it goes out."""
    user, _, domain = mail.to.rpartition("@")
    made = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        from_email=smtp.sender(),
        to=[str(Address(mail.name, user, domain))],
        headers={
            "Message-ID": mail.message_id,
            "Content-Language": mail.language,
            "Auto-Submitted": "auto-generated",  # RFC 3834: no machine answers
        },
    )
    if mail.html:
        made.attach_alternative(mail.html, "text/html")
    if mail.attached is not None:
        made.attach(mail.attached_as, bytes(mail.attached))  # its type is that of its name
    return made


def _is_for_good(error: Exception) -> bool:
    """Whether it would be the same tomorrow."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _said in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return error.smtp_code >= 500
    # It can't be written as a mail. (A refused sender is no fault of the mail: our settings can be
    # put right meanwhile.)
    return isinstance(error, ValueError)


def _code(error: Exception) -> str:
    """What went wrong, without what the server said: it repeats the address."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _said in error.recipients.values()]
    else:
        codes = [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []
    return " ".join([type(error).__name__, *map(str, codes)])[:80]
