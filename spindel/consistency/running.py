"""An audit from asking to what is kept of it: one at a time."""

from __future__ import annotations

from spindel.consistency.actions import keep
from spindel.consistency.asking import Report, ask
from spindel.consistency.models import AuditRun
from spindel.consistency.sampling import Sample, questions
from spindel.kit import sql
from spindel.kit.refusal import Refusal

_LOCK = 7_270_012  # of the one audit at a time


def audit(sample: Sample, by: str) -> tuple[AuditRun, Report]:
    """Ask every face, and keep what was found. Raises Refusal while another audit is at it."""
    if not sql.rows("SELECT pg_try_advisory_lock(%s)", [_LOCK])[0][0]:
        raise Refusal("audit_runs")
    try:
        report = ask(questions(sample))
        return keep(report, by), report
    finally:
        sql.rows("SELECT pg_advisory_unlock(%s)", [_LOCK])
