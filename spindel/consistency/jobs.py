"""In the background: every face is asked once a night."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from spindel.consistency.models import AuditRun
from spindel.consistency.running import audit
from spindel.consistency.sampling import Sample
from spindel.kit import environment
from spindel.kit.background import Job
from spindel.kit.refusal import Refusal

NIGHTLY = "spindel"


def nightly() -> bool:
    """Ask, if it is time and was not done today; each night another sample."""
    hour = environment.value("SPINDEL_AUDIT_HOUR")
    now = timezone.localtime()
    if not hour.isdecimal() or now.hour < int(hour):
        return False
    if AuditRun.objects.filter(by=NIGHTLY, began_at__date=now.date()).exists():
        return False
    try:
        audit(Sample(seed=now.toordinal()), NIGHTLY)
    except Refusal:  # somebody has it run just now
        return False
    return False


JOBS = (Job(name="consistency.nightly", step=nightly, every=timedelta(minutes=10), lane="audit"),)
