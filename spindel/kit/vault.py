"""Secrets at rest: encrypted in the database, with keys that lie outside of it.

A sealed text is Fernet's (AES-128-CBC and HMAC-SHA256) behind a prefix by which it can be found
wherever it stands. The newest key seals, and every key unseals, so a key can be changed while the
program runs: `docs/guides/operator.md` says how.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from spindel.kit import environment, keys

PREFIX = "sealed:1:"
_SEALED = re.compile(re.escape(PREFIX) + r"[\w=-]+", re.ASCII)


class CantUnseal(ValueError):
    """Sealed with a key that is not among ours, or changed since."""


def seal(text: str) -> str:
    """The text, encrypted with the newest key."""
    return PREFIX + _fernet().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text that was sealed. Raises CantUnseal."""
    if not sealed.startswith(PREFIX):
        raise CantUnseal
    try:
        return _fernet().decrypt(sealed.removeprefix(PREFIX)).decode()
    except InvalidToken:
        raise CantUnseal from None


def reseal(text: str) -> str:
    """The text, with whatever is sealed in it sealed with the newest key. Raises CantUnseal."""
    return _SEALED.sub(_rotated, text)


def _rotated(found: re.Match[str]) -> str:
    try:
        return PREFIX + _fernet().rotate(found[0].removeprefix(PREFIX)).decode()
    except InvalidToken:
        raise CantUnseal from None


# --- keys -----------------------------------------------------------------------------------------


def _file() -> Path:
    return environment.home() / "keys" / "vault.key"


def _secrets() -> tuple[str, ...]:
    """The keys, the newest first."""
    told = environment.value("SPINDEL_VAULT_KEYS")
    if told:
        return tuple(key.strip() for key in told.split(",") if key.strip())
    # Read each time: another process may have made a newer one.
    return tuple(keys.file_secret(_file()).split())


def _fernet() -> MultiFernet:
    return _fernet_of(_secrets())


@lru_cache(maxsize=2)
def _fernet_of(found: tuple[str, ...]) -> MultiFernet:
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(sha256(one.encode()).digest())) for one in found]
    )


def add_key() -> None:
    """Make a new key, which seals from now on; the former ones go on unsealing.

    Raises RuntimeError when the keys come from SPINDEL_VAULT_KEYS: then they are changed there.
    """
    _write([secrets.token_urlsafe(48), *_secrets()])


def drop_old_keys() -> None:
    """Keep the newest key alone. Whatever is sealed with another can't be read again.

    Raises RuntimeError as `add_key`.
    """
    _write(_secrets()[:1])


def _write(lines: Iterable[str]) -> None:
    if environment.value("SPINDEL_VAULT_KEYS"):
        raise RuntimeError("The keys come from SPINDEL_VAULT_KEYS: change them there.")
    draft = _file().with_name(f"vault.key.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("\n".join(lines))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(_file())
