"""A real mail server in the test's process, and the mails that it was given."""

from __future__ import annotations

import logging
import re
import threading
from collections import defaultdict, deque
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.run.running import free_port
from tests.telling import wait_until

SENDER = "Nordsko Åsa <hello@nordsko.example>"


class Mailbox:
    """Takes all mail, unless told otherwise. Set SPINDEL_SMTP_URL to `url` for whoever sends."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"smtp://127.0.0.1:{self.port}"
        self.messages: list[EmailMessage] = []
        self.recipients: list[str] = []  # of each message, as the envelope says
        self.connections = 0
        self.asked: list[str] = []  # every recipient that somebody has asked for
        self._answers: dict[str, deque[str]] = defaultdict(deque)
        self._always: dict[str, str] = {}
        self._let_go = threading.Event()
        self._let_go.set()
        self.held = threading.Event()
        self._hold_after = False
        self._controller: Controller | None = None

    # what it does

    def start(self) -> None:
        """Answer on the port."""
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # it tells every line
        self._controller = Controller(
            _Handler(self), hostname="127.0.0.1", port=self.port, data_size_limit=2_000_000
        )
        self._controller.start()

    def stop(self) -> None:
        """Be away, until `start`."""
        self.go_on()
        if self._controller is not None:
            self._controller.stop(no_assert=True)
            self._controller = None

    def answer(self, address: str, *answers: str) -> None:
        """Answer so the next times that the recipient is asked for, such as `451 later`."""
        self._answers[address].extend(answers)

    def always_answer(self, address: str, answer: str) -> None:
        """Answer so whenever the recipient is asked for."""
        self._always[address] = answer

    def hold(self, *, after: bool = False) -> None:
        """Keep whoever names a recipient waiting for the answer, until `go_on`.

        `after`: let the mail be sent, take it, and only then answer nothing. `held` is set once
        somebody waits.
        """
        self._hold_after = after
        self.held.clear()
        self._let_go.clear()

    def go_on(self) -> None:
        """Hold nobody any more."""
        self._let_go.set()

    # what it got

    def to(self, address: str) -> list[EmailMessage]:
        """The mails to the address, in the order in which they came."""
        return [
            message
            for recipient, message in zip(self.recipients, self.messages, strict=True)
            if recipient == address
        ]

    def wait_for(self, address: str, count: int = 1, seconds: float = 60) -> EmailMessage:
        """The newest mail to the address, once there are so many."""
        wait_until(lambda: len(self.to(address)) >= count, seconds)
        return self.to(address)[-1]

    # for the handler

    def answer_to(self, address: str) -> str:
        self.asked.append(address)
        if not self._hold_after:
            self._wait()
        waiting = self._answers[address]
        return waiting.popleft() if waiting else self._always.get(address, "250 OK")

    def take(self, recipient: str, content: bytes) -> None:
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.recipients.append(recipient)
        self.messages.append(message)
        if self._hold_after:
            self._wait()

    def _wait(self) -> None:
        if not self._let_go.is_set():
            self.held.set()
            assert self._let_go.wait(60)


class _Handler:
    """What aiosmtpd asks; see `Mailbox`."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, answers: list[str]
    ) -> list[str]:
        self._mailbox.connections += 1
        session.host_name = hostname
        return answers

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = await server.loop.run_in_executor(None, self._mailbox.answer_to, address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        (recipient,) = envelope.rcpt_tos
        content = envelope.content
        assert isinstance(content, bytes)
        await server.loop.run_in_executor(None, self._mailbox.take, recipient, content)
        return "250 OK"


def subject_of(message: EmailMessage) -> str:
    """The subject; a long one begins on a line of its own."""
    return str(message["Subject"]).strip()


def text_of(message: EmailMessage) -> str:
    """What the mail says, as plain text."""
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def html_of(message: EmailMessage) -> str:
    """What the mail says, as HTML; "" when it has none."""
    part = message.get_body(("html",))
    return "" if part is None else str(part.get_content()).replace("\r\n", "\n")


def links_in(message: EmailMessage) -> list[str]:
    """The addresses that the mail's text leads to."""
    return re.findall(r"https?://[^\s<>\"]+", text_of(message))


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A mail server that runs, and is the one that this process sends by.

    A process of its own is given `SPINDEL_SMTP_URL=mailbox.url, SPINDEL_MAIL_FROM=SENDER`.
    """
    box = Mailbox()
    box.start()
    monkeypatch.setenv("SPINDEL_SMTP_URL", box.url)
    monkeypatch.setenv("SPINDEL_MAIL_FROM", SENDER)
    try:
        yield box
    finally:
        box.stop()
