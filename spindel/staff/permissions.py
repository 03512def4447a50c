"""Who may do what. Each domain declares its own in its `permissions.py`, as `ALLOWED`; together
they are one table, which every view asks. `docs/permissions.md` shows it.

What a machine may do is said by its token's scopes (`api.py`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from spindel.kit import declared
from spindel.staff.models import Role, User

EVERYBODY = frozenset(Role)

ALLOWED: dict[str, frozenset[Role]] = {
    # Sees to what was tried and given up: mail, payments, and disputes about them.
    "attention.see": frozenset((Role.ADMIN, Role.AGENT)),
    # How the installation is set up.
    "settings.see": frozenset((Role.ADMIN,)),
    # Comes before everything else: where two steps are demanded, it is what opens without them.
    "account.own": EVERYBODY,
    "people.manage": frozenset((Role.ADMIN,)),
    "tokens.manage": frozenset((Role.ADMIN,)),
    "metrics.read": frozenset((Role.ADMIN,)),
    "audit.read": frozenset((Role.ADMIN,)),
}


@functools.cache
def allowed() -> dict[str, frozenset[Role]]:
    """Which roles may do what, of all domains."""
    return {
        name: roles
        for one in declared.modules("permissions")
        for name, roles in one.ALLOWED.items()
    }


# How much less than everybody pays somebody may offer, in percent.
PRICE_LIMIT: dict[Role, int] = {
    Role.ADMIN: 100,
    Role.AGENT: 15,
    Role.CLERK: 10,
    Role.MARKETER: 0,
    Role.ANALYST: 0,
}


def may(user: User | AnonymousUser, what: str) -> bool:
    """Whether the person may do it. Raises KeyError for what is not in the table."""
    roles = allowed()[what]
    return isinstance(user, User) and user.is_active and Role(user.role) in roles


P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)
V = TypeVar("V", bound=Callable[..., object])


def requires(
    what: str,
) -> Callable[[Callable[Concatenate[HttpRequest, P], R]], Callable[Concatenate[HttpRequest, P], R]]:
    """Let only those into the view who may do it; others get 403."""
    if what not in allowed():
        raise KeyError(what)

    def decorate(
        view: Callable[Concatenate[HttpRequest, P], R],
    ) -> Callable[Concatenate[HttpRequest, P], R]:
        def run(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> R:
            if not may(request.user, what):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        functools.update_wrapper(run, view)
        run.requires = what  # type: ignore[attr-defined]  # read by the test that walks all routes
        return run

    return decorate


def public(view: V, why: str) -> V:
    """Mark a view that nobody has to log in for, and say why."""
    view.is_public = why  # type: ignore[attr-defined]  # read by the console's `require_login`
    return view
