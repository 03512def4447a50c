"""`python -m tests.commerce.orders.buyer JSON`: a process that buys, as tests of races tell it to.

With `plans`, a list of lists of lines: tries to hold each, in threads, and prints how each went.
With `die_after`, kills itself after so many statements of holding the first plan.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "spindel.kit.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402  # Django is set up before
from django.utils import timezone  # noqa: E402  # the same

from spindel.commerce.common.rules import Line, NotEnough  # noqa: E402  # the same
from spindel.commerce.stock.actions import holds  # noqa: E402  # the same
from spindel.kit.idempotency import Request  # noqa: E402  # the same
from spindel.staff.actors import Actor  # noqa: E402  # the same

THREADS = 4


def buy(number: int, plan: list[list[int]], given: dict[str, object]) -> tuple[str, list[int]]:
    """Hold the plan's lines, and with `collect` hand them over; how it went, and the holds."""
    key = str(given.get("key") or f"{given['name']} {number}")
    try:
        made = holds.reserve(
            [Line(*one) for one in plan],
            timezone.now() + timedelta(hours=1),
            request=Request(str(given.get("source", given["name"])), key),
            actor=Actor(str(given["name"])),
            asked="an hour",
        )
    except NotEnough:
        return "not enough", []
    except Exception as error:  # whatever it is, the test wants to know
        return f"{type(error).__name__}: {error}", []
    for one in made:
        if given.get("collect"):
            holds.hand_over(one.pk, "till")
        elif given.get("release"):
            holds.release(one.pk, "test")
    return "held", [one.pk for one in made]


def die_after(statements: int, plan: list[list[int]]) -> None:
    """Hold the plan's lines, and be killed after so many statements, or before the commit."""
    left = [statements]

    def count(execute, sql, parameters, many, context):  # type: ignore[no-untyped-def]  # Django's
        done = execute(sql, parameters, many, context)
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    with transaction.atomic(), connection.execute_wrapper(count):
        holds.reserve(
            [Line(*one) for one in plan],
            timezone.now() + timedelta(hours=1),
            request=Request("s", "k"),
            actor=Actor(),
        )
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    given = json.loads(sys.argv[1])
    connection.ensure_connection()
    if "die_after" in given:
        die_after(given["die_after"], given["plans"][0])
    print("ready", flush=True)
    sys.stdin.readline()  # all begin at once
    with ThreadPoolExecutor(THREADS) as threads:
        results = list(
            threads.map(lambda both: buy(both[0], both[1], given), enumerate(given["plans"]))
        )
    counted = Counter(how for how, _ in results)
    print(json.dumps({"counted": counted, "holds": [id for _, ids in results for id in ids]}))


if __name__ == "__main__":
    main()
