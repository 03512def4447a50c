"""The bank's addresses: its API, its page, and what it tells while it runs."""

from __future__ import annotations

import asyncio
import functools
import secrets
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import yaml
from babel.dates import format_time
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from spindel.demo.payments import ROOT
from spindel.demo.payments.bank import Bank, Thing, shown
from spindel.demo.payments.forms import Values, parse
from spindel.kit.money import LOCALES, written_minor

LANGUAGES = {"sv": "Svenska", "da": "Dansk", "en": "English"}
_LARGEST = 64 * 1024
_LOOKS = 0.5  # seconds between looks at what there is to tell
_HERE = Path(__file__).parent
_ZONE = ZoneInfo("Europe/Stockholm")
_HEADERS = {
    "Cache-Control": "no-store",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class DemoBank:
    """The bank as a part of the front. It tells what there is to tell until it is stopped."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._app = application(bank)
        self._telling: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to tell."""
        self._telling = asyncio.create_task(self._tell())

    async def stop(self) -> None:
        """Tell no more."""
        if self._telling is not None:
            self._telling.cancel()

    async def _tell(self) -> None:
        while True:
            await asyncio.to_thread(self._bank.tell)
            await asyncio.sleep(_LOOKS)

    def serves(self, path: str) -> bool:
        """Whether the address is the bank's."""
        return path.startswith(f"{ROOT}/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


def application(bank: Bank) -> Starlette:
    """The bank as an ASGI application for the paths below /demo-bank/."""
    app = Starlette(
        routes=[
            Route(f"{ROOT}/v1/{{path:path}}", _api, methods=["GET", "POST"]),
            Route(f"{ROOT}/pay/{{id}}", _page, methods=["GET"]),
            Route(f"{ROOT}/pay/{{id}}", _press, methods=["POST"]),
            Route(f"{ROOT}/bank.css", _style, methods=["GET"]),
        ]
    )
    app.state.bank = bank
    return app


# --- its API --------------------------------------------------------------------------------------


async def _api(request: Request) -> Response:
    bank: Bank = request.app.state.bank
    if not bank.lets_in(request.headers.get("authorization", "")):
        error = {"type": "invalid_request_error", "message": "Invalid API Key provided."}
        return JSONResponse({"error": error}, 401)
    try:
        values = parse(await _text(request) if request.method == "POST" else request.url.query)
    except ValueError as error:
        said = {"type": "invalid_request_error", "message": str(error)}
        return JSONResponse({"error": said}, 400)
    once = request.headers.get("idempotency-key", "") if request.method == "POST" else ""
    path = "v1/" + request.path_params["path"]
    status, body = await run_in_threadpool(bank.ask, request.method, path, values, once[:255])
    return JSONResponse(shown(body), status, {"Request-Id": f"req_{secrets.token_hex(7)}"})


async def _text(request: Request) -> str:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST:
            raise ValueError("The request is too large.")
    return body.decode()


# --- its page -------------------------------------------------------------------------------------


async def _page(request: Request) -> Response:
    bank: Bank = request.app.state.bank
    session = await run_in_threadpool(bank.session, request.path_params["id"])
    language = _language(request, session)
    values: Values = {"session": None}
    status = 404
    if session is not None:
        status = 200
        ends = datetime.fromtimestamp(session["expires_at"], UTC)
        values = {
            "session": session,
            "amount": _amount(session, language),
            "refused": await run_in_threadpool(bank.is_refused, session),
            "back": session["success_url"]
            if session["status"] == "complete"
            else session["cancel_url"] or session["success_url"],
            "until": format_time(ends, "short", tzinfo=_ZONE, locale=language),
        }
    text = (
        _templates()
        .get_template("page.html")
        .render(
            language=language,
            languages=LANGUAGES,
            _=functools.partial(_say, language),
            **values,
        )
    )
    return HTMLResponse(text, status, _HEADERS | {"Content-Security-Policy": _policy(session)})


async def _press(request: Request) -> Response:
    """Pay, or have the card refused; then she is back where she belongs."""
    bank: Bank = request.app.state.bank
    id = request.path_params["id"]
    try:
        pressed = dict(parse_qsl(await _text(request))).get("do", "")
    except ValueError:
        pressed = ""
    session = await run_in_threadpool(bank.session, id)
    if session is not None and pressed in ("pay", "refuse"):
        await run_in_threadpool(bank.pay if pressed == "pay" else bank.refuse, id)
        # As Stripe does: the shop knows before she is back there, if it can be told at once.
        await run_in_threadpool(bank.tell)
        session = await run_in_threadpool(bank.session, id)
    if session is not None and session["status"] == "complete":
        return RedirectResponse(session["success_url"], 303, _HEADERS)
    return RedirectResponse(f"{ROOT}/pay/{id}{_asked(request)}", 303, _HEADERS)


def _asked(request: Request) -> str:
    language = request.query_params.get("language", "")
    return f"?language={language}" if language in LANGUAGES else ""


def _policy(session: Thing | None) -> str:
    """Nothing from elsewhere; a form may lead back to the shop."""
    back = urlsplit(session["success_url"]) if session else None
    shop = f" {back.scheme}://{back.netloc}" if back and back.netloc.isascii() else ""
    return (
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none';"
        f" form-action 'self'{shop if ';' not in shop and ',' not in shop else ''}"
    )


def _language(request: Request, session: Thing | None) -> str:
    asked = request.query_params.get("language", "")
    for one in (asked, session["locale"] if session else ""):
        if one in LANGUAGES:
            return one
    for one in request.headers.get("accept-language", "").split(","):
        if (code := one.strip()[:2].lower()) in LANGUAGES:
            return code
    return "en"


def _amount(session: Thing, language: str) -> str:
    currency = session["currency"].upper()
    return written_minor(session["amount_total"], currency, LOCALES[language])


async def _style(_: Request) -> Response:
    text = (_HERE / "static" / "bank.css").read_bytes()
    return Response(text, media_type="text/css", headers={"Cache-Control": "max-age=3600"})


def _say(language: str, text: str, **values: object) -> str:
    said = _words().get(text, {}).get(language, text)
    return said.format(**values) if values else said


@functools.cache
def _words() -> dict[str, dict[str, str]]:
    told: dict[str, dict[str, str]] = yaml.safe_load((_HERE / "words.yml").read_text())
    return told


@functools.cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined
    )
