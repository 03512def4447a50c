"""A request that is sent again is done once: its key, and what tells it from another request.

Whoever acts keeps both with what has come of it. The same key answers that; with anything else in
the request it is refused, and says nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeVar
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import connection
from django.db.models import Model, QuerySet

from spindel.kit import sql
from spindel.kit.refusal import Refusal

Kept = TypeVar("Kept", bound=Model)


class KeyReused(Refusal):
    """The key was used for something else."""

    code = "key_reused"


@dataclass(frozen=True, slots=True)
class Request:
    """Which request it is: whose keys they are, and which of them.

    A face makes one, of whoever asks there, and actions hand it down.
    """

    source: str
    key: str

    @property
    def id(self) -> UUID:
        """What is kept of it."""
        return key(self.source, self.key)

    def part(self, name: str) -> Request:
        """Something that is done for the request, once as well."""
        return Request(f"{self.source} {name}", self.key)


def key(source: str, given: str) -> UUID:
    """What is kept of a key: the same for the same of one source, and naming nobody."""
    text = f"{source}\0{given}".encode("utf-8", "surrogatepass")
    return UUID(bytes=blake2b(text, digest_size=16).digest())


def fingerprint(*asked: object) -> UUID:
    """The whole request, so short that it says nothing: all that the client has chosen, and
    nothing that changes by itself, such as the hour or an id that is drawn.

    Keyed by the secret of the installation: names and addresses are in it, which are guessed.
    """
    whole = msgspec.json.encode(asked, order="deterministic")
    secret = settings.SECRET_KEY.encode()[:64]
    return UUID(bytes=blake2b(whole, digest_size=16, key=secret).digest())


def check(kept: UUID | None, asked: UUID) -> None:
    """Raises KeyReused where the key's request was another one."""
    if kept != asked:
        raise KeyReused


def before(rows: QuerySet[Kept], key: UUID, asked: UUID) -> Kept | None:
    """The row that the same request has made before; whoever else asks by the key now waits.

    The rows keep `key` and, as `content`, what was asked. Raises KeyReused.
    """
    lock(key)
    found = rows.filter(key=key).first()
    if found is not None:
        check(found.content, asked)  # type: ignore[attr-defined]  # of the rows that keep a key
    return found


def lock(key: UUID) -> None:
    """Have whoever asks by the same key wait for the end of the transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError("A key is locked in the transaction of what it is for.")
    sql.prepared(*locking(key))


def locking(key: UUID) -> tuple[str, dict[str, object]]:
    """The statement of `lock`, for whoever sends it together with others."""
    return _LOCK, {"key": str(key)}


_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%(key)s::text, 0))"
