"""How many statements something costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from spindel.kit import sql


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many statements are executed within, also of those that go past Django's cursors."""
    sent, total = [0], [0]

    def counting(what: Callable) -> Callable:
        def count(*asked: object) -> object:
            sent[0] += 1
            return what(*asked)

        return count

    with monkeypatch.context() as patch, CaptureQueriesContext(connection) as captured:
        for name in ("_send", "many"):
            patch.setattr(sql, name, counting(getattr(sql, name)))
        yield total
    total[0] = len(captured) + sent[0]
