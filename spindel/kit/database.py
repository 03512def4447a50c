"""The database's address, and what Django is told of it."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from spindel.kit import embedded, environment

OLDEST_SERVER = 15

# How long a statement may wait for somebody's lock, and how long it may take, where people or
# machines wait for what it answers. What waits for a lock is in a transaction that holds others.
_IN_TIME = "-c lock_timeout=5s -c statement_timeout=20s"


def url() -> str:
    """SPINDEL_DATABASE_URL, else the address of this home's embedded server, running or not."""
    home = environment.home()
    return (
        os.environ.get("SPINDEL_DATABASE_URL")
        or embedded.url(home)
        or f"postgresql://postgres@/{embedded.DATABASE}?host={embedded.data_folder(home)}"
    )


def django_settings(address: str) -> dict[str, Any]:  # Any: Django's own shape for DATABASES
    """Django's DATABASES entry for a connection URL (`postgresql://user:pass@host:port/name?…`)."""
    parts = urlsplit(address)
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "spindel.kit.postgres",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 3,
            "application_name": "spindel",
            # What is prepared (`sql.prepared`) is planned once; Django itself prepares nothing.
            "options": f"-c plan_cache_mode=force_generic_plan {query.pop('options', '')}".strip(),
            **query,
        },
    }


def give_up_in_time(settings: dict[str, Any]) -> None:  # Any: as above
    """Have connections to be made with Django's entry fail, rather than wait or work for ever.

    For processes that answer somebody; what goes on in the background has its time.
    """
    options = settings["OPTIONS"]
    if _IN_TIME not in options["options"]:
        options["options"] = f"{_IN_TIME} {options['options']}"  # what the address says counts
