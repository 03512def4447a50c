"""A program that asks for a mail."""

from __future__ import annotations

import uuid

from spindel.messages.actions import Outgoing, send_mail
from spindel.messages.models import Mail

KEY = uuid.UUID("6b1f63b4-52c1-4d0e-8f7c-3e3c0a9a3b11")


def ask(to: str = "anna@example.se", **given: object) -> Mail:
    """A mail that is well but for what is given."""
    asked: dict[str, object] = {"subject": "Your quote", "text": "Here it is.", "language": "en"}
    asked |= {"purpose": "quote", "key": uuid.uuid4()} | given
    return send_mail(Outgoing(to=to, **asked))  # type: ignore[arg-type]  # what a test gives
