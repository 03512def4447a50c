"""The shop's script and style as they were built, and the pictures of its shoes."""

from __future__ import annotations

import functools
import hashlib

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from spindel.demo.nordsko.pictures import picture
from spindel.demo.nordsko.scenes import SCENES, scene
from spindel.kit import browser

_KINDS = {"shop.js": "text/javascript", "shop.css": "text/css"}
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_FOR_A_WEEK = {"Cache-Control": "public, max-age=604800"}


@functools.cache
def asset(name: str) -> str:
    """The address of a file, different whenever its content is."""
    text, _packed = _built(name)
    return f"/shop/static/{name}?v={hashlib.sha256(text).hexdigest()[:10]}"


async def static(request: Request) -> Response:
    """A file of the build."""
    name = request.path_params["name"]
    if name not in _KINDS:
        raise HTTPException(404)
    text, packed = _built(name)
    encoding = browser.encoding(request.headers.get("accept-encoding", ""), packed)
    headers = {**_FOR_EVER, "Vary": "Accept-Encoding"}
    if encoding:
        headers["Content-Encoding"] = encoding
    return Response(packed.get(encoding, text), media_type=_KINDS[name], headers=headers)


@functools.cache
def _built(name: str) -> tuple[bytes, dict[str, bytes]]:
    try:
        return browser.built(name)
    except FileNotFoundError:
        return b"", {}  # the browser code is not built: the pages work without


async def image(request: Request) -> Response:
    """A shoe in a colour, or a scene in a shape."""
    svg = drawn(request.path_params["name"])
    if svg is None:
        raise HTTPException(404)
    return Response(svg, media_type="image/svg+xml", headers=_FOR_A_WEEK)


@functools.lru_cache(500)
def drawn(name: str) -> str | None:
    """The picture `slug-colour`, or `scene-shape`; None for what is not made."""
    slug, _, colour = name.rpartition("-")
    try:
        return scene(slug, colour) if slug in SCENES else picture(slug, colour)
    except KeyError:
        return None
