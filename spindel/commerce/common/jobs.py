"""In the background: customers are told by mail of what has happened."""

from __future__ import annotations

from spindel.commerce.common import mailing
from spindel.kit.background import PART, Job


def _write_mails() -> bool:
    return bool(mailing.write_mails(PART, mailing.SETTLES))


JOBS = (Job(name="commerce.mails_written", step=_write_mails),)
