"""The letter box: the mails that wait, as no mail server is set, for whoever tries the demo."""

from __future__ import annotations

import re
from html import escape
from typing import LiteralString
from zoneinfo import ZoneInfo

import psycopg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from spindel.kit import environment, ids
from spindel.kit.shared_connection import Row, SharedConnection

ROOT = "/demo-mail/"
_MOST = 50
_LINK = re.compile(r"https?://[^\s<>\"]+")

_LETTERS = """
SELECT id, "to", subject, text, made_at, language, html <> '', attached_as FROM messages_mail
WHERE text <> '' ORDER BY made_at DESC, id DESC LIMIT %s
"""

_LETTER_AS_SENT = "SELECT html FROM messages_mail WHERE id = %s AND html <> ''"
_FILE = "SELECT attached, attached_as FROM messages_mail WHERE id = %s AND attached IS NOT NULL"

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Letters · Nordsko</title>
<link rel="stylesheet" href="{root}letters.css">
</head>
<body>
<main>
<h1>Letters</h1>
<p class="muted">This demo sends no mail. What it would have sent is here, the newest first. To be
the customer, open the links in a private window: whoever is logged in at Spindel only looks on.
<a href="/shop/">To the shop</a> · <a href="/">To Spindel</a></p>
{letters}
</main>
</body>
</html>
"""

_EMPTY = """<section class="letter"><p>No letters yet. Ask for a login link in the
<a href="/shop/">shop</a>, or send somebody a quote.</p></section>"""

_LETTER = """<article class="letter">
<header><h2>{subject}</h2>
<p class="muted">To {to} · <time datetime="{iso}">{when}</time></p></header>
<p class="text" lang="{language}">{text}</p>
{more}</article>"""

_MORE = '<p class="more">{links}</p>\n'
_LINK_TO = '<a href="{root}{id}/{part}">{words}</a>'

_STYLE = """
:root { --paper: #fbfaf7; --surface: #fff; --ink: #1b1f24; --muted: #6b6f76; --line: #e6e2da;
  --accent: #0b6e6e; color-scheme: light dark }
@media (prefers-color-scheme: dark) { :root { --paper: #15171a; --surface: #1c1f23; --ink: #e8e6e1;
  --muted: #9a9ea5; --line: #2c3036; --accent: #4fb3ad } }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }
main { max-width: 40rem; margin: 0 auto; padding: 2rem 1.25rem 4rem }
h1 { font-size: 1.5rem; margin: 0 0 .25rem } h2 { font-size: 1.0625rem; margin: 0 }
p { margin: 0 } a { color: var(--accent); overflow-wrap: anywhere }
.muted { color: var(--muted); font-size: .875rem }
.letter { margin-top: 1.25rem; padding: 1.1rem 1.25rem; background: var(--surface);
  border: 1px solid var(--line); border-radius: 10px }
.text { margin-top: .75rem; white-space: pre-wrap; overflow-wrap: anywhere }
.more { margin-top: .75rem; font-size: .875rem; display: flex; gap: 1rem; flex-wrap: wrap }
"""

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none';"
    " frame-ancestors 'none'",
    # A letter's link is a key: the page that it leads to is not told of it.
    "Referrer-Policy": "no-referrer",
}


def application(database: SharedConnection) -> Starlette:
    """The letter box as an ASGI application for the paths below /demo-mail/."""

    async def letters(_: Request) -> Response:
        return await _letters(database)

    async def as_sent(request: Request) -> Response:
        return await _as_sent(database, request.path_params["id"])

    async def file(request: Request) -> Response:
        return await _attached(database, request.path_params["id"])

    return Starlette(
        routes=[
            Route(ROOT, letters, methods=["GET"]),
            Route(f"{ROOT}letters.css", _style, methods=["GET"]),
            Route(f"{ROOT}{{id:int}}/", as_sent, methods=["GET"]),
            Route(f"{ROOT}{{id:int}}/file", file, methods=["GET"]),
        ]
    )


async def _letters(database: SharedConnection) -> Response:
    try:
        found = await database.rows(_LETTERS, [_MOST])
    except (psycopg.Error, OSError):
        return Response("The database is away. Try again in a moment.", 503, _HEADERS)
    zone = ZoneInfo(environment.value("SPINDEL_TIME_ZONE"))
    shown = "\n".join(_letter(row, zone) for row in found)
    return HTMLResponse(_PAGE.format(root=ROOT, letters=shown or _EMPTY), headers=_HEADERS)


# The letter as it is, with its own styles; nothing of it runs, and it is no page of ours.
_AS_SENT = _HEADERS | {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none';"
    " frame-ancestors 'none'; sandbox allow-popups allow-popups-to-escape-sandbox",
}


async def _as_sent(database: SharedConnection, id: int) -> Response:
    found = await _one(database, _LETTER_AS_SENT, id)
    return Response(status_code=404) if found is None else HTMLResponse(found[0], headers=_AS_SENT)


async def _attached(database: SharedConnection, id: int) -> Response:
    found = await _one(database, _FILE, id)
    if found is None:
        return Response(status_code=404)
    shown = _HEADERS | {"Content-Disposition": f'inline; filename="{found[1]}"'}
    return Response(bytes(found[0]), media_type="application/pdf", headers=shown)


async def _one(database: SharedConnection, statement: LiteralString, id: int) -> Row | None:
    try:
        found = await database.rows(statement, [ids.bounded(id)])
    except (psycopg.Error, OSError):
        return None
    return found[0] if found else None


def _letter(row: Row, zone: ZoneInfo) -> str:
    id, to, subject, text, made_at, language, has_html, attached_as = row
    local = made_at.astimezone(zone)
    links = []
    if has_html:
        links.append(_LINK_TO.format(root=ROOT, id=id, part="", words="As a mail program shows it"))
    if attached_as:
        name = escape(attached_as)
        links.append(_LINK_TO.format(root=ROOT, id=id, part="file", words=name))
    return _LETTER.format(
        to=escape(to),
        subject=escape(subject),
        text=_with_links(text),
        iso=local.isoformat(timespec="seconds"),
        when=f"{local.day} {local:%B %H:%M}",
        language=escape(language),
        more=_MORE.format(links=" ".join(links)) if links else "",
    )


def _with_links(text: str) -> str:
    """The text as HTML, with its addresses to be opened."""
    parts, at = [], 0
    for found in _LINK.finditer(text):
        address = escape(found[0])
        parts += [escape(text[at : found.start()]), f'<a href="{address}">{address}</a>']
        at = found.end()
    return "".join([*parts, escape(text[at:])])


async def _style(request: Request) -> Response:
    return Response(_STYLE, media_type="text/css", headers={"Cache-Control": "max-age=3600"})
