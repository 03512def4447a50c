"""A process that answers pages has loaded them before anybody asks."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from spindel.console import warming


@pytest.fixture
def warm() -> Iterator[None]:
    warming.warm()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("warm")
def test_what_was_loaded_is_not_looked_at_again_by_the_garbage_collector() -> None:
    print(f"{gc.get_freeze_count():,} objects stay, {len(gc.get_objects()):,} may go")
    assert len(gc.get_objects()) < gc.get_freeze_count() / 50
