"""Processes that do something to orders at once."""

from __future__ import annotations

import json
from collections import Counter

from tests.forks import Told


def start(**given: object) -> Told:
    return Told("tests.commerce.orders.ordering", json.dumps(given))


def race(*crowds: list[dict[str, object]]) -> Counter[str]:
    """Have a process for each of the lists do what is in it, all at once; how it went."""
    processes = [start(tasks=tasks) for tasks in crowds]
    counted: Counter[str] = Counter()
    try:
        for process in processes:
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in processes:
            printed = process.communicate(timeout=200)
            counted.update(json.loads(printed)["counted"])
    finally:
        for process in processes:
            process.kill()
            process.wait()
    return counted
