"""How often Hypothesis tries: less in the fast part, which is there to be run often."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings


def set_up(config: pytest.Config) -> None:
    """Have Hypothesis judge by what comes out, not by how busy the machine is."""
    name = "fast" if config.option.markexpr == "not slow" else "all"
    settings.register_profile(
        name,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    settings.load_profile(name)


def examples(many: int) -> int:
    """So many, when all tests are run; of those that take seconds, a third in the fast part."""
    return many // 3 if settings.get_current_profile_name() == "fast" else many
