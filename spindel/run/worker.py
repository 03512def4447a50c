"""The background: followers take in facts as they come, and old rows are put away on the clock."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence

import django
import psycopg
import structlog

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "spindel.kit.settings")
django.setup()

from django.db import connection

from spindel.kit import background, database, declared
from spindel.kit.background import Job, Turns
from spindel.run.process import die_with
from spindel.timeline.append import NOTIFY_FACTS
from spindel.timeline.following import Follower, enrol, step

log = structlog.get_logger("spindel.work")

# After the last fact seen: an older transaction that is still open may hold some back, and nobody
# tells when it ends. Seconds.
_LOOK_AGAIN = (0.02, 0.05, 0.2, 1.0, 2.0)
_POLL = 5.0
_GATHER = 0.05  # between steps: a step costs much the same for ten facts as for a thousand
_LONGEST_BACKOFF = 30.0


class _Loop(ABC):
    """Does what there is to do whenever it hears of it, until it is told to stop."""

    def __init__(self, channels: Collection[str]) -> None:
        self._channels = channels
        self._stopping = False
        self._ear: psycopg.Connection | None = None
        self._backoff = 0.0

    def stop(self) -> None:
        """Have `run` return soon."""
        self._stopping = True

    def run(self) -> None:
        """Go on, whatever happens: an error is logged and tried again, never passed over."""
        looks = 0
        while not self._stopping:
            if not self._attempt(self._listen):
                continue
            looks = 0 if self._attempt(self._work) else looks + 1
            patience = _LOOK_AGAIN[looks] if looks < len(_LOOK_AGAIN) else _POLL
            if self._hear(patience):
                looks = -1
        if self._ear is not None:
            self._ear.close()
        connection.close()

    @abstractmethod
    def _begin(self) -> None:
        """Prepare, whenever the database has come back."""

    @abstractmethod
    def _work(self) -> bool:
        """Do all there is; whether there was any."""

    def _attempt(self, what: Callable[[], bool]) -> bool:
        """Do it. Errors: wait, longer each time; False."""
        try:
            done = what()
        except Exception as error:
            away = isinstance(error, psycopg.OperationalError) or background.is_away(error)
            self._backoff = min(max(0.25, self._backoff * 2), 1.0 if away else _LONGEST_BACKOFF)
            # The text of an error could hold personal data; its type and place can't.
            log.error(
                "database_away" if away else "step_failed",
                doing=f"{type(self).__name__}.{what.__name__}".replace("_", ""),
                error=type(error).__name__,
                at=None if away else background.place(error),
                again_in=self._backoff,
            )
            connection.close()
            connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's has one
            self._wait(self._backoff)
            return False
        return done

    def _listen(self) -> bool:
        if self._ear is None or self._ear.closed:
            self._ear = psycopg.connect(
                database.url(),
                autocommit=True,
                connect_timeout=3,
                application_name="spindel-work",
                keepalives_idle=5,
            )
            for channel in self._channels:
                self._ear.execute(f"LISTEN {channel}")
            self._begin()
        return True

    def _hear(self, seconds: float) -> bool:
        """Wait for a notification; whether one came."""
        deadline = time.monotonic() + seconds
        while not self._stopping and self._ear is not None and not self._ear.closed:
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            try:
                # In short waits: a signal does not end one.
                for _ in self._ear.notifies(timeout=min(left, 0.25), stop_after=1):
                    return True
            except psycopg.Error:
                self._ear.close()
        return False

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < deadline:
            time.sleep(min(0.05, seconds))


class _Jobs(_Loop):
    """The jobs of a lane, each in its turn."""

    gather = 0.0  # seconds between turns

    def __init__(self, jobs: Sequence[Job]) -> None:
        super().__init__(sorted({job.hears for job in jobs}))
        self._turns = [Turns(job) for job in jobs]

    def _begin(self) -> None:
        log.info("jobs_ready", jobs=len(self._turns))

    def _work(self) -> bool:
        any_ = False
        more = True
        while more and not self._stopping:
            more = False
            for turns in self._turns:
                if not self._stopping and turns.take():
                    any_ = more = True
            if more and self.gather:
                self._wait(self.gather)
        self._backoff = 0.0
        return any_


class _Followers(_Jobs):
    """Facts, as they come."""

    gather = _GATHER

    def __init__(self, followers: Sequence[Follower]) -> None:
        super().__init__([_job(one) for one in followers])
        self._followers = followers

    def _begin(self) -> None:
        for follower in self._followers:
            enrol(follower)
        log.info("worker_ready")


def _job(follower: Follower) -> Job:
    return Job(
        name=f"followers.{follower.name}",
        step=lambda: bool(step(follower)),
        hears=NOTIFY_FACTS,
        tells=True,  # beside its cursor
    )


class Worker:
    """All of them, each in a thread, until it is told to stop; then they finish the step they are
    at.
    """

    def __init__(self) -> None:
        lanes: defaultdict[str, list[Job]] = defaultdict(list)
        for job in background.jobs():
            lanes[job.lane].append(job)
        self._beside = [_Jobs(jobs) for jobs in lanes.values()]
        self._followers = _Followers(followers())

    def stop(self, *_: object) -> None:
        """Have `run` return soon."""
        for loop in (self._followers, *self._beside):
            loop.stop()

    def run(self) -> None:
        """Work until told to stop."""
        threads = [threading.Thread(target=loop.run) for loop in self._beside]
        for thread in threads:
            thread.start()
        self._followers.run()
        for thread in threads:
            thread.join()


def followers() -> list[Follower]:
    """What all domains do when facts arrive, the lowest domain first."""
    return list(declared.each("followers", "FOLLOWERS"))


def main() -> None:
    """Work until told to stop."""
    worker = Worker()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, worker.stop)
    worker.run()


if __name__ == "__main__":
    die_with(int(sys.argv[1]))
    main()
