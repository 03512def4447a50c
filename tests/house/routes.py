"""Every address, and every operation of the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from spindel.console.api import api


def routes() -> dict[str, Callable[..., object]]:
    """Every address of the resolver with its view; those of the API have tests of their own."""

    def walk(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, Callable[..., object]]]:
        for entry in resolver.url_patterns:
            path = prefix + str(entry.pattern)
            if isinstance(entry, URLResolver):
                yield from walk(entry, path)
            elif isinstance(entry, URLPattern):
                yield path, entry.callback

    return {path: view for path, view in walk(get_resolver(), "/") if not _has_token(path)}


def _has_token(path: str) -> bool:
    return path.startswith("/api/") and path not in ("/api/docs", "/api/openapi.json", "/api/")


def example(route: str, id: int = 1) -> str:
    """The address with something in the place of its parts."""
    for part, value in (
        ("<id:", str(id)),
        ("<uuid:", "00000000-0000-0000-0000-000000000000"),
        ("<slug:", "close"),
        ("<str:", "x"),
        ("<number:", "x"),
    ):
        while part in route:
            before, _, rest = route.partition(part)
            route = before + value + rest.partition(">")[2]
    assert "<" not in route, "say here what stands for it"
    return route


def operations() -> Iterator[tuple[str, str, list[object]]]:
    """Every operation of the API: method, path, and what it asks for."""
    for router in api._get_bound_routers():
        for path, view in router.path_operations.items():
            address = f"/api/{router.prefix.strip('/')}{path}"
            for operation in view.operations:
                for method in operation.methods:
                    yield method, address, list(operation.auth_callbacks)
