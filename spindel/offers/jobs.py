"""In the background: promises whose time is up are ended."""

from __future__ import annotations

from datetime import timedelta

from spindel.kit.background import Job
from spindel.offers import promise_actions

JOBS = (Job(name="offers.promises_lapsed", step=promise_actions.lapse, every=timedelta(minutes=1)),)
