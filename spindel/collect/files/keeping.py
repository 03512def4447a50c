"""The collector's steps and writer, for somebody who is no web request."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, datetime

from spindel.collect import steps
from spindel.collect.mending import Mended
from spindel.collect.registry import Registry
from spindel.collect.steps import Draft, Origin
from spindel.collect.writer import Rejected, Unavailable, Writer

# A file may say at once what a request may not: an order of a thousand lines is one message.
LARGEST_MESSAGE = 1024 * 1024

_MEMORY = 256 * 1024 * 1024
_AGAIN = 0.25  # seconds between tries
_LAST_COUNTS = 5  # seconds


class Keeper:
    """Keeps messages of one source. Its writer runs in a thread with a loop of its own, so that
    rows are read while the database writes.
    """

    def __init__(self, origin: Origin, url: str) -> None:
        self.origin = origin
        self.waits = False  # for the database
        self._writer = Writer(url, Registry(), _MEMORY)
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def kept(self) -> int:
        """How many messages were new, and are durable."""
        return self._writer.counted[self.origin.id, "kept"]

    @contextmanager
    def running(self) -> Iterator[None]:
        """For as long as messages are to be kept."""
        self._loop = loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="keeper", daemon=True)
        thread.start()
        # Its usual remarks are for a server's log; a person is told by the progress bar.
        log = logging.getLogger("spindel.collect")
        level = log.level
        log.setLevel(logging.ERROR)
        writer = asyncio.run_coroutine_threadsafe(self._writer.run(), loop)
        try:
            yield
            rest = self._writer.count_the_rest(_LAST_COUNTS)
            asyncio.run_coroutine_threadsafe(rest, loop).result()
        finally:
            writer.cancel()
            asyncio.run_coroutine_threadsafe(_end_all(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()
            log.setLevel(level)

    def draft(self, raw: bytes, mended: Mended = ()) -> Draft:
        """A message on its way, that was read as if it were well written where it is not."""
        now = datetime.now(UTC)
        return Draft(self.origin, raw, now, largest=LARGEST_MESSAGE, mended=mended)

    def screen(self, draft: Draft) -> None:
        """Take the draft through the steps; sets `refused` where it can't be kept."""
        draft.refused = steps.run(draft) or ""
        if not draft.refused and not self._writer.identifies(draft):
            draft.refused = "no_identifier"

    def keep(self, drafts: list[Draft], bad_rows: Iterable[str]) -> Future[None]:
        """Screen and keep the drafts: when it is done they are durable, or have `refused` set.
        Rows that never became a message are counted.
        """
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(self._keep(drafts, bad_rows), self._loop)

    async def _keep(self, drafts: list[Draft], bad_rows: Iterable[str]) -> None:
        id, reject = self.origin.id, self._writer.reject
        reject(Rejected(id, "bad_row", "", row.encode("utf-8", "replace")) for row in bad_rows)
        for draft in drafts:
            self.screen(draft)
        reject(Rejected.of(one, one.refused) for one in drafts if one.refused)
        while good := [draft for draft in drafts if not draft.refused]:
            try:
                await self._writer.write(good)
                break
            except Unavailable:
                self.waits = True
                await asyncio.sleep(_AGAIN)
        self.waits = False


async def _end_all() -> None:
    """Let what was cancelled end in order, so that no connection is left open."""
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
