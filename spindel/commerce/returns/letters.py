"""What customers are told by mail of what they give back: with the order that it is of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from spindel.commerce.common.mail_layout import Letter
from spindel.commerce.common.mailing import Noted
from spindel.commerce.common.notices import Kind
from spindel.commerce.orders import order_mail, return_requests
from spindel.commerce.orders.letters import Told, Write
from spindel.commerce.orders.models import Return, ReturnLine, ReturnRequest
from spindel.commerce.orders.order_mail import Back, Places
from spindel.commerce.orders.reading import OrderView
from spindel.commerce.orders.return_requests import RequestView


def _started(noted: Sequence[Noted]) -> list[Told]:
    """Of what was called off by now nothing is told."""
    ids = [one.about for one in noted if one.kind == Kind.STARTED]
    if not ids:
        return []
    open_ = ReturnRequest.objects.filter(pk__in=ids, state=ReturnRequest.State.OPEN)
    by_language: dict[str, list[ReturnRequest]] = defaultdict(list)
    for one in open_.select_related("order").order_by("pk"):
        by_language[one.order.language[:2]].append(one)
    return [
        Told(Kind.STARTED, str(view.id), view.order, _write_started(view))
        for language, some in by_language.items()
        for view in return_requests.views(some, language)
    ]


def _write_started(request: RequestView) -> Write:
    def write(views: Mapping[int, OrderView], places: Places) -> Letter:
        return order_mail.return_started(views[request.order], request)

    return write


def _came_back(noted: Sequence[Noted]) -> list[Told]:
    ids = [one.about for one in noted if one.kind in (Kind.REFUNDED, Kind.EXCHANGED)]
    if not ids:
        return []
    lines: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    rows = ReturnLine.objects.filter(back__in=ids).order_by("pk")
    for back, *told in rows.values_list("back", "order_line__line", "quantity", "amount"):
        lines[back].append((told[0], told[1], told[2]))
    found = Return.objects.filter(pk__in=ids).select_related("place").order_by("pk")
    return [_of_back(one, lines[one.pk]) for one in found]


def _of_back(one: Return, lines: Sequence[tuple[int, int, int]]) -> Told:
    """What was exchanged is told of the new order."""
    back = Back(one.place.name, lines, one.refund - one.credited)
    old, new = one.order_id, one.exchange_id
    if new is None:
        return Told(Kind.REFUNDED, str(one.pk), old, _write_refunded(old, back))
    write = _write_exchanged(old, new, back)
    return Told(Kind.EXCHANGED, str(one.pk), new, write, other=old)


def _write_refunded(id: int, back: Back) -> Write:
    def write(views: Mapping[int, OrderView], places: Places) -> Letter:
        return order_mail.refunded(views[id], back)

    return write


def _write_exchanged(old: int, new: int, back: Back) -> Write:
    def write(views: Mapping[int, OrderView], places: Places) -> Letter:
        return order_mail.exchanged(views[old], views[new], back, places)

    return write


OF_ORDERS = (_started, _came_back)
