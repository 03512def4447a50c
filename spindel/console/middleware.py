"""What holds for every page: what a browser may load, the language, and who may come in."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.handlers.exception import response_for_exception
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import resolve, reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import (
    get_supported_language_variant,
    parse_accept_lang_header,
)

from spindel.kit import environment
from spindel.timeline import recording

Answer = Callable[[HttpRequest], HttpResponse]

# Nothing from elsewhere, and nothing written into the page itself: outside text that slipped
# through unescaped still could not run.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # data: for the small arrows in Tabler's own styles
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=(),"
    " publickey-credentials-create=(self), publickey-credentials-get=(self)",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",  # frame-ancestors, in the words of older browsers
    # What pages show is personal: no proxy, no disk and no next person at the screen keeps it.
    "Cache-Control": "no-store",
}


def security_headers(get_response: Answer) -> Answer:
    """Say what the browser may do with the answer, unless the view has said so itself."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return answer


def choose_language(get_response: Answer) -> Answer:
    """The language that the person chose, else the one that her browser prefers."""

    def answer(request: HttpRequest) -> HttpResponse:
        language = _language_of(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response

    return answer


def _language_of(request: HttpRequest) -> str:
    offered = dict(settings.LANGUAGES)
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if chosen in offered:
        return chosen
    for code, _quality in parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", "")):
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


def answer_machines(get_response: Answer) -> Answer:
    """Answer calls of the API at once; whatever is listed after this is for people alone.

    A machine shows its token with each call: it has no session and no form, nobody logs it in, and
    an address is right or wrong. Going through all that takes as long as many a call itself.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/api/"):
            return get_response(request)
        try:
            return call(request)
        except Exception as error:
            return response_for_exception(request, error)

    def call(request: HttpRequest) -> HttpResponse:
        request.get_host()  # refuses a host that is not ours
        match = request.resolver_match = resolve(request.path_info)
        if not getattr(match.func, "csrf_exempt", False):
            return get_response(request)  # the description: people read it
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        if not response.streaming:
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response

    return answer


class require_login:  # listed beside the functions above
    """Every route needs a login, unless its view is marked `public`."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., object], args: object, kwargs: object
    ) -> HttpResponse | None:
        """Send whoever is not logged in to the login page, and back afterwards."""
        if getattr(view, "is_public", ""):
            return None
        if request.user.is_authenticated:
            return _set_up_first(request, view)
        if request.headers.get("HX-Request"):
            # A fragment can't show a login page: the whole page goes there.
            here = request.headers.get("HX-Current-URL", "/")
            response = HttpResponse(status=204)
            login = redirect_to_login(_path_of(here))
            response["HX-Redirect"] = login["Location"]
            return response
        return redirect_to_login(request.get_full_path())


def name_who_acts(get_response: Answer) -> Answer:
    """Whatever is recorded while a person's request is answered says that it was that person."""

    def answer(request: HttpRequest) -> HttpResponse:
        def name() -> str:
            return str(request.user) if request.user.is_authenticated else ""

        with recording.acting(name):
            return get_response(request)

    return answer


def _set_up_first(request: HttpRequest, view: object) -> HttpResponse | None:
    """Where two steps are demanded, whoever has none comes to her own account and no further."""
    if not environment.switch("SPINDEL_REQUIRE_MFA"):
        return None
    if getattr(view, "requires", "") == "account.own":
        return None
    if is_mfa_enabled(request.user, (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)):
        return None
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("account")})
    return redirect("account")


def _path_of(url: str) -> str:
    """The path of an address in the browser's own words; never another host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "/"
    path = "/" + parts.path.lstrip("/")
    return f"{path}?{parts.query}" if parts.query else path
