"""The script for web shops, as it was built: its bytes, its version, and the snippet that loads it;
and the part of it that it loads by itself.

And what is built for a browser in general: packed once, when it is built.

A page that pins a version by its integrity hash must find that version after an upgrade, too: each
version that was asked for is kept in SPINDEL_HOME/browser.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import re
from base64 import b64encode
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path

from spindel.kit import environment

_DIST = Path(__file__).resolve().parent / "static" / "dist"


@dataclass(frozen=True, slots=True)
class Script:
    """One version of the script. `packed` holds it by content encoding."""

    text: bytes
    version: str
    packed: dict[str, bytes]

    @property
    def integrity(self) -> str:
        """The value of a script tag's `integrity`."""
        return "sha384-" + b64encode(hashlib.sha384(self.text).digest()).decode()


SCRIPT, DECIDE = "spindel", "spindel-decide"  # what pages load, and what that loads


@functools.cache
def script(name: str = SCRIPT) -> Script | None:
    """The newest version; None when the browser code is not built."""
    try:
        text, packed = built(f"{name}.js")
    except FileNotFoundError:
        return None
    return Script(text, _version(text), packed)


def built(name: str) -> tuple[bytes, dict[str, bytes]]:
    """A file of the build, and it by content encoding, the best first. Raises FileNotFoundError."""
    packed = {one: (_DIST / f"{name}{suffix}").read_bytes() for one, suffix in _PACKED.items()}
    return (_DIST / name).read_bytes(), packed


_PACKED = {"br": ".br", "gzip": ".gz"}


def encoding(accepted: str, offered: Iterable[str]) -> str:
    """The first of the encodings that an Accept-Encoding header takes; "" for none."""
    refused = re.compile(r";\s*q=0(?:\.0*)?\s*\Z")
    names = {
        part.partition(";")[0].strip().lower()
        for part in accepted.split(",")
        if not refused.search(part)
    }
    return next((name for name in offered if name in names), "")


def script_of(name: str, version: str) -> Script | None:
    """That version: the newest, or one that was asked for while it was; None for any other."""
    newest = script(name)
    if newest is None or newest.version != version:
        return _kept(name, version)
    _keep(name, version)
    return newest


def snippet(origin: str, write_key: str) -> str:
    """The HTML that a shop pastes into its pages, for a Spindel at `origin`; "" when not built."""
    newest = script()
    if newest is None:
        return ""
    return (
        f'<script async src="{escape(origin.rstrip("/"))}/spindel.{newest.version}.js"\n'
        f'  integrity="{newest.integrity}" crossorigin="anonymous"\n'
        f'  data-write-key="{escape(write_key)}"></script>'
    )


def _version(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:12]


def _place(name: str, version: str) -> Path:
    return environment.home() / "browser" / f"{name}.{version}.js"


@functools.cache
def _keep(name: str, version: str) -> None:
    newest, place = script(name), _place(name, version)
    assert newest is not None
    with suppress(OSError):  # a home that can't be written to serves the newest all the same
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(newest.text)


def _kept(name: str, version: str) -> Script | None:
    try:
        text = _place(name, version).read_bytes()
    except OSError:
        return None
    if _version(text) != version:
        return None  # half of it, say
    return Script(text, version, {"gzip": gzip.compress(text)})
