"""The kit's own housekeeping."""

from __future__ import annotations

from datetime import timedelta

from spindel.kit import sql
from spindel.kit.background import Job

# A row that failed and was not tried again since is not there to be done any more, as one of a
# queue that was taken away.
_STALE = "DELETE FROM kit_failure WHERE row > 0 AND due < now() - interval '1 day'"


def _put_away() -> bool:
    sql.run("DELETE FROM kit_cache WHERE expires < now()")
    sql.run(_STALE)
    return False


JOBS = (Job(name="kit.put_away", step=_put_away, every=timedelta(minutes=5)),)
