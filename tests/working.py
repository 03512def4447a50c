"""The background, without waiting for its clock."""

from __future__ import annotations

from spindel.kit import background


def work(*domains: str, but: str = "") -> None:
    """Have the jobs of these domains done that are not on the clock, until there is no more; none
    may fail, `but` with this error.
    """
    jobs = [
        job for job in background.jobs() if not job.every and job.name.partition(".")[0] in domains
    ]
    more = True
    while more:
        more = any([job.step() for job in jobs])  # noqa: C419  # each, whatever the one before says
    failed = background.failing().exclude(error=but).values_list("job", "error", "place")
    assert not failed, list(failed)
