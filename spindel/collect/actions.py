"""Connecting sources, and giving and taking their keys."""

from __future__ import annotations

from django.db import connection
from django.utils import timezone

from spindel.collect.registry import NOTIFY_SOURCES
from spindel.kit.actions import action
from spindel.timeline.models import Channel, Source, SourceKind, WriteKey

_NO_CUSTOMER = "It is about a system; no customer's timeline is concerned."


@action(silent=_NO_CUSTOMER)
def create_source(
    slug: str,
    name: str,
    kind: SourceKind,
    channel: Channel,
    *,
    country: str = "SE",
    trusted: bool = False,
    rate_limit: int | None = None,
) -> tuple[Source, WriteKey]:
    """A source with its first write key. Raises IntegrityError when the slug is taken."""
    source = Source.objects.create(
        slug=slug,
        name=name,
        kind=kind,
        channel=channel,
        country=country,
        trusted=trusted,
        rate_limit=rate_limit,
    )
    return source, create_write_key(source)


@action(silent=_NO_CUSTOMER)
def create_write_key(source: Source) -> WriteKey:
    """One more key for the source; the others go on being good."""
    key = WriteKey.objects.create(source=source)
    _tell_collectors()
    return key


@action(silent=_NO_CUSTOMER)
def revoke_write_key(key: str) -> None:
    """From now on the key lets nobody write. No error when it is revoked already."""
    WriteKey.objects.filter(key=key, revoked_at=None).update(revoked_at=timezone.now())
    _tell_collectors()


def _tell_collectors() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {NOTIFY_SOURCES}")
