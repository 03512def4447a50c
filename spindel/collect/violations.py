"""Counting how messages are off their sources' plans, in memory, until it is written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime

from psycopg import AsyncConnection

from spindel.collect.plan import is_plain
from spindel.collect.steps import Draft
from spindel.kit.masking import mask

Violation = tuple[int, str, str, str]  # source, event, property, one of plan.KINDS

# Names come from outside: past so many in an hour, a source's further ones are counted as one.
_MOST = 1_000
OTHERS = "…"

_COUNT = """
INSERT INTO collect_violation (source_id, event, property, kind, hour, process, count, example)
SELECT source_id, event, property, kind, date_trunc('hour', now()), %(process)s, count, example
FROM unnest(%(sources)s::bigint[], %(events)s::text[], %(properties)s::text[], %(kinds)s::text[],
            %(counts)s::bigint[], %(examples)s::text[])
     AS t (source_id, event, property, kind, count, example)
ON CONFLICT (source_id, event, property, kind, hour, process)
DO UPDATE SET count = collect_violation.count + excluded.count,
              example = coalesce(nullif(collect_violation.example, ''), excluded.example)
"""


class Violations:
    """Those of one process that are not in the database yet."""

    def __init__(self) -> None:
        self._counts: Counter[Violation] = Counter()
        self._examples: dict[Violation, str] = {}
        self._known: defaultdict[int, set[Violation]] = defaultdict(set)  # of this hour
        self._hour = datetime.min  # noqa: DTZ901  # no hour yet

    def __bool__(self) -> bool:
        return bool(self._counts)

    def note(self, drafts: Iterable[Draft]) -> None:
        """Count what the plan's step has found."""
        for draft in drafts:
            for kind, name in draft.off_plan:
                self._note(draft, kind, name)

    def _note(self, draft: Draft, kind: str, name: str) -> None:
        source = draft.origin.id
        key = (source, draft.name, name, kind)
        self._begin_hour(draft.received_at)
        known = self._known[source]
        if key not in known:
            event, property_ = _shown(draft.name), _shown(name)
            if len(known) >= _MOST:
                event, property_ = OTHERS, ""
            key = (source, event, property_, kind)
            if key not in known:
                known.add(key)
                self._examples[key] = mask(draft.raw)
        self._counts[key] += 1

    def _begin_hour(self, moment: datetime) -> None:
        hour = moment.replace(minute=0, second=0, microsecond=0, tzinfo=None)
        if hour != self._hour:
            self._hour = hour
            self._known.clear()
            waiting = self._examples.items()
            self._examples = {key: text for key, text in waiting if key in self._counts}

    def take(self) -> Counter[Violation]:
        """What is to be written next; given back with `put_back` when that fails."""
        taken, self._counts = self._counts, Counter()
        return taken

    def put_back(self, counts: Counter[Violation]) -> None:
        """Have them written another time."""
        self._counts += counts

    async def write(self, connection: AsyncConnection, counts: Counter[Violation]) -> None:
        """Add the counts to the table, within the caller's transaction."""
        if not counts:
            return
        columns = list(zip(*counts, strict=True))
        await connection.execute(
            _COUNT,
            {
                "process": connection.info.backend_pid,
                "sources": list(columns[0]),
                "events": list(columns[1]),
                "properties": list(columns[2]),
                "kinds": list(columns[3]),
                "counts": list(counts.values()),
                "examples": [self._examples.get(key, "") for key in counts],
            },
        )


def _shown(name: str) -> str:
    return name if is_plain(name) else OTHERS
