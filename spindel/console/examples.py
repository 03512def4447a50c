"""An example of each operation of the API, made of its own description and of words of a shop's.

So no example can tell of a field that there is not, and a new operation has one at once.
"""

from __future__ import annotations

import json
import shlex
from typing import Any  # JSON, as OpenAPI has it

Schema = dict[str, Any]

# What stands where, by the name of the field or parameter.
_WORDS: dict[str, object] = {
    "amount": 129900,
    "at": "2026-03-03T10:15:00+01:00",
    "carrier": "PostNord",
    "city": "Göteborg",
    "code": "2TFK9QXW",
    "content": "rain",
    "country": "SE",
    "currency": "SEK",
    "customer": 1042,
    "customer_id": 1042,
    "days": 30,
    "email": "anna@example.com",
    "hold_id": 77,
    "identifier": "email:anna@example.com",
    "identifiers": "user_id:anna-1",
    "key": "till-7-0042",
    "kind": "delivery",
    "language": "sv",
    "limit": 20,
    "line": 1,
    "list": "regulars",
    "link": 5,
    "market": "SE",
    "name": "Anna Lind",
    "near": "goteborg",
    "number": "RPP91FVT9SJR",
    "order": "RPP91FVT9SJR",
    "phone": "+46701234567",
    "place": "goteborg",
    "placements": "start",
    "postcode": "411 01",
    "q": "vinga 38",
    "quantity": 1,
    "reference": "018f3c1e-5a3d-7c2b-9d8e-4f1a2b3c4d5e",
    "revision": 1,
    "shipment_id": 12,
    "sku": "VINGA-BLK-38",
    "street": "Vallgatan 1",
    "until": "2026-03-04T18:00:00+01:00",
    "whose": "email:anna@example.com",
    "with": 1043,
}

# Of whoever can't be made out by the names of fields alone.
_OF: dict[str, object] = {
    "spindel_commerce_api_shop_let_in": {"market": "SE", "language": "sv"},
    "spindel_commerce_api_shop_prefer": {"language": "da"},
    "spindel_commerce_api_shop_put": {"quantity": 2},
    "spindel_commerce_api_carts_put": {"quantity": 2},
    "spindel_commerce_api_shop_wish": {"notify": True},
    "spindel_privacy_api_forget": {"customer": 1042},
    "spindel_privacy_api_export": {"customer": 1042},
}


def add_to(described: Schema) -> None:
    """Give each operation of an OpenAPI description an example of its body, and a call to try."""
    schemas = described.get("components", {}).get("schemas", {})
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            body = _body(operation, schemas)
            call = _call(method.upper(), path, operation, body, schemas)
            said = operation.get("description", "").rstrip()
            operation["description"] = f"{said}\n\n```sh\n{call}\n```".lstrip()


def _body(operation: Schema, schemas: Schema) -> object:
    """An example of what is sent as JSON, which is put into the description; None: nothing is."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    body = _OF.get(operation["operationId"])
    if body is None or not _fits(body, content["schema"], schemas):
        body = _sample(content["schema"], "", schemas)
    content["example"] = body
    return body


def _fits(body: object, schema: Schema, schemas: Schema) -> bool:
    """Whether the description still has the fields of an example that is written by hand."""
    known = _resolved(schema, schemas).get("properties", {})
    return isinstance(body, dict) and body.keys() <= known.keys()


def _resolved(schema: Schema, schemas: Schema) -> Schema:
    while True:
        if "$ref" in schema:
            schema = schemas[schema["$ref"].rpartition("/")[2]]
        elif alternatives := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
            schema = next((one for one in alternatives if one.get("type") != "null"), {})
        else:
            return schema


def _sample(schema: Schema, name: str, schemas: Schema) -> object:
    found = _resolved(schema, schemas)
    kind = found.get("type")
    if kind == "array":
        return [_sample(found.get("items", {}), name, schemas)]
    if kind == "object":
        required = found.get("required", [])
        fields = found.get("properties", {})
        return {one: _sample(fields[one], one, schemas) for one in fields if one in required}
    if "enum" in found or "const" in found:
        choices = found.get("enum", [found.get("const")])
        return _WORDS[name] if _WORDS.get(name) in choices else choices[0]
    if name in _WORDS and _is_of(kind, _WORDS[name]):
        return _WORDS[name]
    return {"integer": 1, "number": 1, "boolean": True}.get(str(kind), "…")


def _is_of(kind: object, value: object) -> bool:
    return kind is None or (kind == "string") is isinstance(value, str)


def _call(method: str, path: str, operation: Schema, body: object, schemas: Schema) -> str:
    """The operation as one would try it from a shell."""
    parts = [f"curl -X {method}"] if method != "GET" else ["curl"]
    query = []
    for one in operation.get("parameters", []):
        example = _sample(one.get("schema", {}), one["name"], schemas)
        value = example[0] if isinstance(example, list) else example
        if one["in"] == "path":
            path = path.replace("{" + one["name"] + "}", str(value))
        elif one["in"] == "query" and (one.get("required") or one["name"] == "identifier"):
            query.append(f"{one['name']}={value}")
        elif one["in"] == "header" and one.get("required"):
            parts.append(f"-H '{one['name']}: 7d1f0c52'")
    address = path + ("?" + "&".join(query).replace(" ", "%20") if query else "")
    parts.insert(1, shlex.quote(f"https://spindel.example{address}"))
    parts.insert(2, "-H 'Authorization: Bearer $TOKEN'".replace("'", '"'))
    if body is not None:
        parts += ["-H 'Content-Type: application/json'", "-d " + shlex.quote(_json(body))]
    elif "requestBody" in operation:
        parts.append("-F file=@products.xml")
    return " \\\n  ".join(parts)


def _json(body: object) -> str:
    return json.dumps(body, ensure_ascii=False)
