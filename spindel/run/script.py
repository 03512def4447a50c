"""Serves the script for web shops: /spindel.js, the newest, and /spindel.VERSION.js, for ever; and
/spindel-decide.js alike, which it loads by itself.
"""

from __future__ import annotations

import re

from spindel.kit import browser
from spindel.run.asgi import Scope, Send, respond

_PATH = re.compile(r"/(spindel(?:-decide)?)(?:\.([0-9a-f]{12}))?\.js\Z")


def serves(path: str) -> bool:
    """Whether the path is one of the script's."""
    return _PATH.match(path) is not None


async def answer(scope: Scope, send: Send) -> None:
    """Answer a request for the script, of any page on any origin."""
    found = _PATH.match(scope["path"])
    assert found is not None, scope["path"]
    name, version = found.groups()
    script = browser.script_of(name, version) if version else browser.script(name)
    if scope["method"] not in ("GET", "HEAD"):
        await respond(send, 405, [_JSON, (b"allow", b"GET, HEAD")], _METHOD)
        return
    if script is None:
        lines = [_JSON, (b"cache-control", b"no-store")]
        await respond(send, 404, lines, _NO_SUCH_VERSION if version else _NOT_BUILT)
        return
    headers = dict(scope["headers"])
    accepted = headers.get(b"accept-encoding", b"").decode("latin-1")
    encoding = browser.encoding(accepted, script.packed)
    body = script.packed.get(encoding, script.text)
    tag = f'"{script.version}{encoding and "-" + encoding}"'.encode()
    lines = [
        # Other origins check its integrity, which they may only where all may read it.
        (b"access-control-allow-origin", b"*"),
        (b"cross-origin-resource-policy", b"cross-origin"),
        (b"cache-control", _FOR_EVER if version else _FOR_NOW),
        (b"etag", tag),
        (b"vary", b"accept-encoding"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if tag in headers.get(b"if-none-match", b""):
        await respond(send, 304, lines, b"")
        return
    lines += [
        (b"content-type", b"text/javascript; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
    ]
    if encoding:
        lines.append((b"content-encoding", encoding.encode()))
    await respond(send, 200, lines, b"" if scope["method"] == "HEAD" else body)


_JSON = (b"content-type", b"application/json")
_FOR_EVER = b"public, max-age=31536000, immutable"
_FOR_NOW = b"public, max-age=300, stale-while-revalidate=86400"
_METHOD = b'{"code":"method_not_allowed","message":"Fetch this with GET."}'
_NOT_BUILT = (
    b'{"code":"not_built",'
    b'"message":"The browser code is not built: npm run build in clients/browser."}'
)
_NO_SUCH_VERSION = (
    b'{"code":"not_found","message":"There is no such version here. The newest is /spindel.js."}'
)
