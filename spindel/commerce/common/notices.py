"""Noting what a customer is to be told of by mail, in the transaction in which it happens.

The mail is written a moment later, in the background and for many at once (`mailing.py`): nobody
who orders waits for it, nor behind whoever does.
"""

from __future__ import annotations

from spindel.commerce.common.models import Notice

Kind = Notice.Kind


def note(kind: Notice.Kind, about: int, amount: int = 0, together: int | None = None) -> None:
    """Have her told of it. Nobody is told who can't be reached by then."""
    Notice.objects.create(kind=kind, about=about, amount=amount, together=together)
