"""Whatever stands in a request to the API, it is answered: 4xx where it can't be, and never 500."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import Client

from spindel.catalogue.models import Place, Price, Product, Variant
from spindel.console.api import api
from spindel.staff.actions import create_token
from spindel.staff.models import Scope

Part = dict[str, Any]
TEXTS = ["a\0b", "\ud800", "\ufffe", "é" * 20_000, "1e999999"]
# As they stand in JSON.
NUMBERS = ["1e999999", "NaN", str(2**63), "-" + "9" * 400]
MOMENTS = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
KNOWN = {"sku": "vinga-38", "place": "goteborg", "currency": "SEK", "whose": "email:a@b.se"}


def _schema() -> Part:
    return api.get_openapi_schema(path_prefix="/api/")


def _resolved(schema: Part, parts: Part) -> Part:
    """What the schema is at last: of several the first that is no null."""
    while True:
        if "$ref" in schema:
            schema = parts[schema["$ref"].rpartition("/")[2]]
        elif "anyOf" in schema or "allOf" in schema:
            several = schema.get("anyOf") or schema["allOf"]
            schema = next(one for one in several if one.get("type") != "null")
        else:
            return schema


def _example(schema: Part, parts: Part, name: str = "") -> Any:
    """Something that the schema allows."""
    if "default" in schema and "properties" not in schema:
        return schema["default"]
    schema = _resolved(schema, parts)
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if kind == "object":
        fields = schema.get("properties", {})
        return {one: _example(below, parts, one) for one, below in fields.items()}
    if kind == "array":
        return [_example(schema.get("items", {}), parts, name)]
    if kind in ("integer", "number"):
        return max(1, int(schema.get("minimum", 1)))
    if kind == "boolean":
        return False
    if schema.get("format") == "date-time":
        return "2026-06-01T12:00:00Z"
    return KNOWN.get(name, "SE" if "A-Z]{2}" in schema.get("pattern", "") else "x")


def _changes(example: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, Any]]:
    """Where something else can stand in the example, and what stands there."""
    yield path, example
    inner = example.items() if isinstance(example, dict) else ()
    inner = enumerate(example) if isinstance(example, list) else inner
    for name, value in inner:
        yield from _changes(value, (*path, name))


def _put(example: Any, path: tuple[str | int, ...], value: str) -> str:
    """The example as JSON, with the JSON there."""
    mark = "\ue000here\ue000"
    if not path:
        return value
    changed = json.loads(json.dumps(example))
    inner = changed
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = mark
    return json.dumps(changed).replace(json.dumps(mark), value)


OPERATIONS = [(method, path) for path, methods in _schema()["paths"].items() for method in methods]


@pytest.fixture
def client(database: str) -> Client:
    """Of a machine that may do everything; a 500 is answered, and not raised."""
    product = Product.objects.create(number="vinga", names={"en": "Vinga"})
    variant = Variant.objects.create(product=product, sku="vinga-38", options={"size": "38"})
    Price.objects.create(variant=variant, market="SE", currency="SEK", amount=10)
    Place.objects.create(code="goteborg", name="Göteborg")
    secret = create_token("all", list(Scope), None)[1]
    said = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "k"}
    return Client(headers=said, raise_request_exception=False)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_nothing_that_is_sent_breaks_an_operation(client: Client, method: str, path: str) -> None:
    schema = _schema()
    parts, said = schema["components"]["schemas"], schema["paths"][path][method]
    parameters = [one for one in said.get("parameters", []) if one["in"] in ("query", "path")]
    given = {one["name"]: _example(one["schema"], parts, one["name"]) for one in parameters}
    content = said.get("requestBody", {}).get("content", {})
    body = None
    if "application/json" in content:
        body = _example(content["application/json"]["schema"], parts)
    if path.startswith("/api/shop/"):
        answer = client.post(
            "/api/shop/sessions", {"browser": "b"}, content_type="application/json"
        )
        assert answer.status_code == 201, answer.content
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {answer.json()['key']}"
    wrong = []

    def ask(what: object, changed: dict[str, Any], sent: str | None) -> None:
        where = path
        for one in parameters:
            if one["in"] == "path":
                value = str(changed[one["name"]])
                where = where.replace(f"{{{one['name']}}}", _quoted(value))
        query = {one["name"]: changed[one["name"]] for one in parameters if one["in"] == "query"}
        with transaction.atomic():  # whatever it does is undone
            answer = client.generic(
                method.upper(),
                where,
                sent or "",
                content_type="application/json",
                query_params=query,
            )
            transaction.set_rollback(True)
        if answer.status_code >= 500:
            wrong.append((what, answer.status_code))

    for one in parameters:
        for value in [*(text for text in TEXTS if text != "\ud800"), *NUMBERS, *MOMENTS]:
            sent = None if body is None else json.dumps(body)
            ask((one["name"], value[:12]), given | {one["name"]: value[:2_000]}, sent)
    for where, there in _changes(body) if body is not None else ():
        values = [json.dumps(text) for text in TEXTS] if isinstance(there, str | None) else []
        values += [json.dumps(text) for text in MOMENTS] if isinstance(there, str) else []
        values += [*NUMBERS, "null", "[]"]
        for value in values:
            ask((where, value[:12]), given, _put(body, where, value))
    assert not wrong


def _quoted(text: str) -> str:
    return quote(text, safe="")


# Python's JSON would read each of them.
@pytest.mark.parametrize(
    "body",
    [
        '{"email": "a\\u0000@b.se"}'.encode("utf-16"),
        '{"email": "a\\u0000@b.se"}'.encode("utf-16-le"),
        '{"email": "a@b.se"}'.encode("utf-32"),
        b'{"email": "a\xed\xa0\x80@b.se"}',
    ],
)
def test_a_body_that_is_not_utf_8_is_refused_as_a_whole(client: Client, body: bytes) -> None:
    answer = client.post("/api/shop/sessions", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_a_body_may_begin_with_a_byte_order_mark(client: Client) -> None:
    body = '\ufeff{"browser": "b"}'.encode()
    answer = client.post("/api/shop/sessions", body, content_type="application/json")
    assert answer.status_code == 201
