"""Two lanes write side by side, and know the same identifiers."""

from __future__ import annotations

import pytest

from spindel.collect import writer
from spindel.timeline.models import Fact, Source
from tests.telling import send


def test_a_lane_that_connects_takes_nothing_from_a_batch_that_is_being_interned(
    web: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It forgets whom the batch was thought to know already, while the database is asked."""
    lanes: list[writer.Writer] = []
    begin = writer.Writer.__init__

    def known(self: writer.Writer, *given: object, **more: object) -> None:
        begin(self, *given, **more)
        lanes.append(self)

    intern, asked = writer.intern, []

    async def slow(*given: object) -> object:
        found = await intern(*given)
        asked.append(len(given[1]))
        if len(asked) == 2:
            lanes[0].interned.forget()
        return found

    monkeypatch.setattr(writer.Writer, "__init__", known)
    monkeypatch.setattr(writer, "intern", slow)
    first, second = (
        [{"type": "track", "event": "Looked", "messageId": f"{which}{n}", "anonymousId": f"b{n}"}]
        for which, n in (("a", 1), ("b", 2))
    )
    both = [*first, *second]
    again = [one | {"messageId": f"again-{one['messageId']}"} for one in both]
    send(first, again, key="web-key")
    assert Fact.objects.filter(name="Looked").count() == 3
    assert len(asked) == 3
