"""Locks that are numbers: what one waits for is what one means."""

from __future__ import annotations

from spindel.collect import jobs
from spindel.identity import graph, tombstones
from spindel.run import preparing


def test_no_two_things_are_locked_by_one_number() -> None:
    numbers = [
        *(graph._TURNS, graph._WRITING, tombstones.APPENDING),
        *(jobs._HOUSEKEEPING, preparing._MIGRATING),
    ]
    assert len(set(numbers)) == len(numbers)
