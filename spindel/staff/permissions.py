"""Who may do what. One table, which every view asks; `docs/permissions.md` shows it.

What a machine may do is said by its token's scopes (`api.py`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from spindel.staff.models import Role, User

_EVERYBODY = frozenset(Role)

ALLOWED: dict[str, frozenset[Role]] = {
    # A first page in the console; a clerk's is the tablet.
    "start.see": frozenset((Role.ADMIN, Role.MARKETER, Role.AGENT, Role.ANALYST)),
    "live.see": _EVERYBODY,
    "customers.read": _EVERYBODY,
    # Who may not sees only whom she has looked up, or who has an errand: `identity/shown.py`.
    "customers.browse": frozenset((Role.ADMIN, Role.MARKETER, Role.AGENT, Role.ANALYST)),
    # Who may not sees no name, address or number of a customer's, nor what she has written.
    "contacts.see": frozenset((Role.ADMIN, Role.MARKETER, Role.AGENT, Role.CLERK)),
    # Whoever may not is given no link by which a customer sees her order and acts: contact data,
    # and leave to do in her name what `orders.handle` and `quotes.make` allow.
    "links.see": frozenset((Role.ADMIN, Role.AGENT, Role.CLERK)),
    "customers.lookers": frozenset((Role.ADMIN, Role.AGENT)),
    "customers.merge": frozenset((Role.ADMIN, Role.AGENT)),
    "customers.note": frozenset((Role.ADMIN, Role.AGENT, Role.CLERK)),
    "customers.correct": frozenset((Role.ADMIN, Role.AGENT, Role.CLERK)),
    "sources.see": frozenset((Role.ADMIN, Role.MARKETER, Role.ANALYST)),
    "sources.manage": frozenset((Role.ADMIN,)),
    "catalogue.see": _EVERYBODY,
    "catalogue.manage": frozenset((Role.ADMIN, Role.MARKETER)),
    "stock.see": _EVERYBODY,
    # Counts what lies in the store that she works in.
    "stock.count": frozenset((Role.ADMIN, Role.CLERK)),
    # Says by hand how many there are, anywhere.
    "stock.manage": frozenset((Role.ADMIN,)),
    "orders.see": _EVERYBODY,
    # Takes the whole list of orders away as a file, without whose they are.
    "orders.export": frozenset((Role.ADMIN, Role.MARKETER, Role.ANALYST)),
    # Whoever may sells, sends, hands over, cancels, takes back and exchanges, for any customer.
    "orders.handle": frozenset((Role.ADMIN, Role.AGENT, Role.CLERK)),
    "quotes.make": frozenset((Role.ADMIN, Role.AGENT, Role.CLERK)),
    # The tablet in the store.
    "store.work": frozenset((Role.ADMIN, Role.CLERK)),
    # Takes goods back although the policy says no.
    "returns.overrule": frozenset((Role.ADMIN, Role.AGENT)),
    # Says what is taken back, and for how long.
    "returns.policy": frozenset((Role.ADMIN,)),
    # Sees to what was tried and given up: mail, payments, and disputes about them.
    "attention.see": frozenset((Role.ADMIN, Role.AGENT)),
    # How the installation is set up.
    "settings.see": frozenset((Role.ADMIN,)),
    # The frame around all pages, which shows each role what it may see.
    "console.open": _EVERYBODY,
    # Comes before everything else: where two steps are demanded, it is what opens without them.
    "account.own": _EVERYBODY,
    "people.manage": frozenset((Role.ADMIN,)),
    "tokens.manage": frozenset((Role.ADMIN,)),
    "metrics.read": frozenset((Role.ADMIN,)),
    "audit.read": frozenset((Role.ADMIN,)),
    "privacy.tell": frozenset((Role.ADMIN, Role.AGENT)),
    "privacy.forget": frozenset((Role.ADMIN,)),
    "retention.manage": frozenset((Role.ADMIN,)),
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
    allowed = ALLOWED[what]
    return isinstance(user, User) and user.is_active and Role(user.role) in allowed


P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)


def requires(
    what: str,
) -> Callable[[Callable[Concatenate[HttpRequest, P], R]], Callable[Concatenate[HttpRequest, P], R]]:
    """Let only those into the view who may do it; others get 403."""
    if what not in ALLOWED:
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
