"""What the consistency audit asks of each face, and what a face answers.

A face is wherever somebody learns what goods cost. It says in its `probes.py` how its *real* answer
is read: the page as it is rendered, the API's own operation.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any  # what requests, sessions and JSON hold

from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import resolve
from django.utils import translation
from django.utils.http import urlencode

from spindel.catalogue.markets import Market
from spindel.catalogue.models import Variant
from spindel.staff.actions import create_token
from spindel.staff.models import Role, Scope, User

AT_ONCE = 20

Query = Mapping[str, str | int | list[str]]


@dataclass(frozen=True, slots=True)
class Question:
    """What one piece of each of the goods costs whoever has the identifier (None: somebody whom
    nobody knows), who is customer `customer` today, in a market. Faces are asked of at most
    `AT_ONCE` goods.
    """

    identifier: int | None
    customer: int | None
    market: Market
    goods: Sequence[Variant]  # with their products


@dataclass(frozen=True, slots=True)
class Answer:
    """What a face says of one variant; None where it says nothing of it.

    `total` is what one pays, in minor units, `offers` by which names; `sendable` whether it can be
    sent.
    """

    total: int | None = None
    offers: tuple[str, ...] | None = None
    sendable: bool | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """How a face is asked. It answers by SKU, without what it does not show; None where it is not
    there at all, as a tablet in a country without a store. Whatever it raises is found as a
    difference: it shows nothing.

    `knows`: it knows customers; else it is asked for nobody alone. `by_http`: it is asked by HTTP,
    which may take long, and so outside of any transaction, by an asker who may do nothing here.
    """

    face: str
    label: object  # lazily translated
    ask: Callable[[Asker, Question], Mapping[str, Answer] | None]
    knows: bool = False
    whole: bool = True  # it shows all that is sold; else what it leaves out is no difference
    channel: str = "other"
    by_http: bool = False


class Unanswered(Exception):
    """A face has not answered what was asked."""


@dataclass(slots=True)
class Asker:
    """Whoever asks faces within this process, as somebody who works here or as a machine.

    It is to be used in a transaction that is rolled back: of what asking writes down nothing stays.
    `kept` is what probes keep from one question to the next.
    """

    user: User
    token: str
    kept: dict[object, Any] = field(default_factory=dict)

    @classmethod
    def outside(cls) -> Asker:
        """One who may do nothing here, and writes nothing."""
        return cls(User(), "")

    @classmethod
    def make(cls, kept: dict[object, Any]) -> Asker:
        """One for this transaction."""
        user = User(email="audit@spindel.invalid", role=Role.ADMIN)
        user.set_unusable_password()
        user.save()
        scopes = [Scope.READ_CATALOGUE, Scope.READ_STOCK, Scope.SHOP]
        return cls(user, create_token("audit", scopes, None)[1], kept)

    def request(self, path: str, query: Query, language: str) -> WSGIRequest:
        """A request for a page or an operation, which nobody has sent yet."""
        request = WSGIRequest(
            {
                "REQUEST_METHOD": "GET",
                "PATH_INFO": path,
                "QUERY_STRING": urlencode(query, doseq=True),
                "SERVER_NAME": "localhost",
                "SERVER_PORT": "80",
                "REMOTE_ADDR": "127.0.0.1",
                "HTTP_ACCEPT_LANGUAGE": language,
                "wsgi.input": io.BytesIO(),
                "wsgi.url_scheme": "http",
            }
        )
        request.user = self.user
        request.session = SessionStore()
        request.LANGUAGE_CODE = language
        # Django's own storage, which its middleware would have put there.
        request._messages = FallbackStorage(request)  # type: ignore[attr-defined]  # see above
        return request

    def answer(self, request: HttpRequest) -> HttpResponseBase:
        """What the address answers: its own view, as whoever the request says."""
        found = resolve(request.path_info)
        with translation.override(request.LANGUAGE_CODE):
            response: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
        return response

    def page(self, path: str, query: Query, language: str) -> str:
        """A page as somebody who works here sees it. Raises Unanswered."""
        return text(self.answer(self.request(path, query, language)))

    def called(self, path: str, query: Query, language: str, key: str = "") -> HttpResponseBase:
        """What the API answers a machine, or a shopper with the key of a session."""
        request = self.request(path, query, language)
        request.META["HTTP_AUTHORIZATION"] = f"Bearer {key or self.token}"
        return self.answer(request)


def text(response: HttpResponseBase) -> str:
    """What was answered, as text. Raises Unanswered."""
    if response.status_code != 200:
        raise Unanswered(f"status {response.status_code}")
    if isinstance(response, StreamingHttpResponse):
        return b"".join(response).decode()
    content: bytes = getattr(response, "content", b"")
    return content.decode()
