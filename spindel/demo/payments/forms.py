"""Stripe's way to write nested things in a form: `line_items[0][price_data][currency]=sek`."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

Values = dict[str, Any]  # Any: text, lists and more of the same

_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)\Z")
_MOST = 200


def parse(body: str) -> Values:
    """What the form says. Raises ValueError."""
    found: Values = {}
    for key, value in parse_qsl(body, keep_blank_values=True, max_num_fields=_MOST):
        matched = _KEY.match(key)
        if matched is None:
            raise ValueError(f"Invalid key: {key[:40]}")
        path = [matched[1], *re.findall(r"\[([^\[\]]*)\]", matched[2])]
        _put(found, path, value)
    return {key: _listed(value) for key, value in found.items()}


def _put(into: Values, path: list[str], value: str) -> None:
    for name in path[:-1]:
        within = into.setdefault(name or str(len(into)), {})
        if not isinstance(within, dict):
            raise ValueError(f"Invalid key: {name[:40]}")
        into = within
    into[path[-1] or str(len(into))] = value


def _listed(value: Any) -> Any:  # Any: as above
    """Where all names are numbers, a list is meant."""
    if not isinstance(value, dict):
        return value
    inner = {key: _listed(each) for key, each in value.items()}
    if inner and all(key.isdigit() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner
