"""The HTTP API, put together from the domains' routers. OpenAPI at /api/openapi.json."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any  # what ninja passes along

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.datastructures import MultiValueDict
from ninja import NinjaAPI, Swagger
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.parser import Parser

from spindel import __version__
from spindel.console import examples
from spindel.kit import declared, saying
from spindel.kit.refusal import Refusal
from spindel.kit.schema import is_readable

# What clients were generated from stays, whatever folder its operations lie in now.
_ONCE = {
    "spindel.shop.api": "spindel.commerce.api.shop",
    "spindel.commerce.orders.cart_api": "spindel.commerce.api.carts",
    "spindel.commerce.stock.api": "spindel.commerce.api.stock",
    "spindel.commerce.stock.bulk_api": "spindel.commerce.api.telling",
    **{
        f"spindel.commerce.{room}.api": f"spindel.commerce.api.{room}"
        for room in ("carts", "orders", "quotes", "returns")
    },
}


class _Api(NinjaAPI):
    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The domain, the router and the function; a router's folder may be rearranged."""
        module = operation.view_func.__module__
        for now, once in _ONCE.items():
            if f"{module}.".startswith(f"{now}."):
                module = once
        return "_".join((*module.split(".")[:4], operation.view_func.__name__))

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: Mapping[str, Any] | None = None
    ) -> OpenAPISchema:
        """The description, with an example of each operation; each is in one group."""
        return self._described(self.get_root_path({}) if path_prefix is None else path_prefix)

    @cache  # noqa: B019  # takes a fifth of a second; as all, there is one as long as the process
    def _described(self, path_prefix: str) -> OpenAPISchema:
        described = super().get_openapi_schema(path_prefix=path_prefix)
        for operations in described["paths"].values():
            for operation in operations.values():
                operation["tags"] = list(dict.fromkeys(operation["tags"]))
        examples.add_to(described)
        return described


# Those of all domains. This module is one of the name, too, and declares none.
_ROUTES = sorted(declared.each("api", "ROUTES"), key=lambda one: one.rank)
_GROUPS = [{"name": one.group, "description": one.about} for one in _ROUTES if one.about]


# What a text may not hold, as JSON writes it: NUL, and halves of surrogate pairs.
_ODD = re.compile(rb"\\u(0000|d[89a-f])", re.IGNORECASE)


class _Parser(Parser):
    """Reads what is sent, and refuses text that can't be kept, in whatever field it stands."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        # UTF-8 alone (RFC 8259, section 8.1): from bytes, Python would read UTF-16 and lone halves
        # of surrogate pairs, too, in which nothing odd is seen here.
        told: dict[str, Any] = json.loads(request.body.decode("utf-8-sig"))
        if _ODD.search(request.body):
            _check(told)
        return told

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        told = super().parse_querydict(data, list_fields, request)
        _check(told)
        return told


def _check(told: object) -> None:
    """Raises Refusal for text that can't be kept."""
    if isinstance(told, str) and not is_readable(told):
        raise Refusal("odd_text")
    if isinstance(told, dict):
        for name, value in told.items():
            _check(name)
            _check(value)
    elif isinstance(told, list):
        for value in told:
            _check(value)


class _Docs(Swagger):
    """Swagger's own files, from here; its styles are written into the page as it goes."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        response = super().render_page(request, api, **kwargs)
        response["Content-Security-Policy"] = (
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
            " img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        return response


api = _Api(
    title="Spindel",
    version=__version__,
    description="What other programs may ask and do. An administrator makes a token under"
    " *Settings*, *API tokens*; each operation asks for a scope of its own. Errors are"
    ' `{"code", "message"}`; lists are `{"items", "next"}`. Amounts are in minor units: 129900 SEK'
    " is 1 299 kr. What changes something takes an `Idempotency-Key`: sent again, it happens once.",
    docs=_Docs(),
    parser=_Parser(),
    openapi_extra={"tags": _GROUPS},
)
for _one in _ROUTES:
    api.add_router(_one.path, _one.router)


def _answer(request: HttpRequest, status: int, said: Mapping[str, object]) -> HttpResponse:
    response = api.create_response(request, said, status=status)
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(Refusal)
def _refused(request: HttpRequest, no: Refusal) -> HttpResponse:
    return _answer(request, no.status, saying.answer(no))


@api.exception_handler(AuthenticationError)
def _no_token(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return _refused(request, Refusal("no_token"))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    places = {".".join(map(str, one["loc"][1:])) or "body" for one in error.errors}
    return _refused(request, Refusal("not_as_described", what=f"{', '.join(places)}."))


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    if isinstance(error.__cause__, Refusal):  # of the parser
        return _refused(request, error.__cause__)
    said = {"code": "bad_request", "message": str(error)}  # in the words of ninja
    return _answer(request, error.status_code, said)


@api.exception_handler(MultiPartParserError)
@api.exception_handler(SuspiciousOperation)
def _unreadable(request: HttpRequest, error: Exception) -> HttpResponse:
    return _refused(request, Refusal("bad_request"))
