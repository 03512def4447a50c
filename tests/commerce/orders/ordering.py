"""`python -m tests.commerce.orders.ordering JSON`: a process that orders, as it is told to.

`tasks` is a list of things to do, each in a thread; how each went is counted and printed. With
`die_after`, it kills itself after so many statements of doing the first; with `die_after_each`,
after each of them in turn.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "spindel.kit.settings")
django.setup()

from django.db import connection  # noqa: E402  # Django is set up before
from django.utils import timezone  # noqa: E402  # the same

from spindel.catalogue.markets import Market  # noqa: E402  # the same
from spindel.commerce.carts import actions as carts  # noqa: E402  # the same
from spindel.commerce.carts.actions import Edit  # noqa: E402  # the same
from spindel.commerce.common import mailing  # noqa: E402  # the same
from spindel.commerce.common.rules import Line, NotEnough  # noqa: E402  # the same
from spindel.commerce.orders import actions as orders  # noqa: E402  # the same
from spindel.commerce.orders.placement import placing  # noqa: E402  # the same
from spindel.commerce.orders.placement.draft import Draft, Item  # noqa: E402  # the same
from spindel.commerce.orders.placement.placing import Checkout  # noqa: E402  # the same
from spindel.commerce.returns import request_actions as return_requests  # noqa: E402  # the same
from spindel.commerce.returns.actions import Back  # noqa: E402  # the same
from spindel.commerce.stock.actions import holds  # noqa: E402  # the same
from spindel.identity import identifiers  # noqa: E402  # the same
from spindel.kit.idempotency import Request  # noqa: E402  # the same
from spindel.kit.refusal import Refusal  # noqa: E402  # the same
from spindel.shoppers import actions as sessions  # noqa: E402  # the same
from spindel.shoppers import reading as shoppers  # noqa: E402  # the same
from spindel.staff.actors import Actor  # noqa: E402  # the same
from tests.commerce import acting  # noqa: E402  # the same

THREADS = 4
CONTACT = {"name": "Anna", "email": "anna@example.se", "phone": ""}
HOME = {"street": "Storgatan 1", "postcode": "411 01", "city": "Göteborg", "country": "SE"}
Task = dict[str, object]


def come(browser: str) -> bytes:
    """Come to the shop; the session's digest."""
    device = identifiers.identifier("anonymous_id", browser)
    secret = sessions.let_in(browser=device, market=Market("SE", "SEK", "sv"))
    return shoppers.digest(secret)


def _digest(task: Task) -> bytes:
    return bytes.fromhex(str(task["digest"]))


def cart_and_order(task: Task) -> str:
    """Come, fill a cart with the SKUs, and order it."""
    her = come(str(task["browser"]))
    for sku in task["skus"]:  # type: ignore[attr-defined]  # a list
        carts.change_of_shopper(her, Edit(sku, quantity=1))
    placing.place_cart_of_shopper(her, Checkout("invoice", CONTACT, HOME), key="k")
    return "ordered"


def order(task: Task) -> str:
    """Order the cart of a session that is there."""
    checkout = Checkout(str(task.get("pay_by", "invoice")), CONTACT, HOME)
    return placing.place_cart_of_shopper(_digest(task), checkout, key=str(task["key"])).number


def order_as(task: Task) -> str:
    """Order the cart of a session that is there, as somebody of one's own."""
    contact = CONTACT | {"email": str(task["email"])}
    try:
        order = placing.place_cart_of_shopper(
            _digest(task), Checkout("invoice", contact, HOME), key="k"
        )
    except Refusal as no:
        return no.code
    return f"ordered for {order.total}"


def edit(task: Task) -> str:
    """Change a line of the cart of a session."""
    line = Edit(str(task["sku"]), quantity=1, add=bool(task.get("add", True)))
    carts.change_of_shopper(_digest(task), line)
    return "edited"


def log_in(task: Task) -> str:
    """Log a session in by a code."""
    sessions.log_in(_digest(task), str(task["code"]), confirmed=True)
    return "logged in"


def sell(task: Task) -> str:
    """Sell over a counter."""
    place = int(str(task["place"]))
    placing.sell(
        Draft(
            request=Request("till", str(task["key"])),
            items=[Item(int(str(task["variant"])), 1, "hand_over", place)],
            market="SE",
            currency="SEK",
            language="sv",
            actor=Actor("Oskar", channel="store", place=place),
            pay_by="till",
            whose=task.get("whose"),  # type: ignore[arg-type]  # an identifier
        )
    )
    return "sold"


def hold(task: Task) -> str:
    """Hold, as an agent does."""
    holds.reserve(
        [Line(int(str(task["variant"])), int(str(task["place"])), 1)],
        timezone.now() + timedelta(hours=1),
        request=Request("agent", str(task["key"])),
        actor=Actor("Elin"),
        whose=task.get("whose"),
    )
    return "held"


def settle(task: Task) -> str:
    """Say that an order is paid, or that it is not."""
    act = orders.confirm if task["paid"] else orders.give_up
    act(int(str(task["order"])))
    return "told"


def cancel(task: Task) -> str:
    """Cancel all of an order."""
    orders.cancel(int(str(task["order"])), None, by="Elin")
    return "cancelled"


def ship(task: Task) -> str:
    """Send all of an order."""
    acting.ship(
        int(str(task["order"])),
        int(str(task["place"])),
        None,
        carrier="PostNord",
        actor=Actor("Elin"),
        request=Request("console", str(task["key"])),
    )
    return "sent"


def take_back(task: Task) -> str:
    """Take the first piece of an order back over a counter."""
    acting.take_back(int(str(task["order"])), [Back(0, 1)], **_counter(task))  # type: ignore[arg-type]  # the words are right
    return "taken back"


def exchange(task: Task) -> str:
    """Take it back, and hand another over for it."""
    counter = _counter(task)
    wanted = [Item(int(str(task["variant"])), 1, "hand_over", int(str(task["place"])))]
    acting.exchange(int(str(task["order"])), [Back(0, 1)], wanted, **counter)  # type: ignore[arg-type]  # the words are right
    return "exchanged"


def write_mails(task: Task) -> str:
    """Write the mails of all that was noted."""
    mailing.write_mails(100)
    return "written"


def start_return(task: Task) -> str:
    """Start to send the first piece of an order back, for another."""
    asked = return_requests.Asked({0: 1}, "too small", True, int(str(task["variant"])))
    return_requests.start(int(str(task["order"])), asked, request=Request("page", str(task["key"])))
    return "started"


def _counter(task: Task) -> dict[str, object]:
    who: dict[str, object] = {"by": "Oskar", "user": None, "source": "tablet"}
    return who | {"place": int(str(task["place"])), "key": str(task["key"])}


DO: dict[str, Callable[[Task], str]] = {
    one.__name__: one
    for one in (
        *(cart_and_order, order, order_as, edit, log_in, sell, hold, settle, cancel, ship),
        *(take_back, exchange, start_return, write_mails),
    )
}


def attempt(task: Task) -> str:
    """Do it; how it went."""
    try:
        return DO[str(task["do"])](task)
    except NotEnough:
        return "not enough"
    except Refusal:
        return "refused"
    except Exception as error:  # whatever it is, the test wants to know
        return f"{type(error).__name__}: {error}"


def die_after(statements: int, task: Task) -> None:
    """Do it, and be killed after so many statements, or print that all was done."""
    left = [statements]
    raw = connection.connection

    def spend() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def count(execute, sql, parameters, many, context):  # type: ignore[no-untyped-def]  # Django's
        done = execute(sql, parameters, many, context)
        spend()
        return done

    from spindel.kit import sql as plain

    send = plain._send

    def counted(raw, statement, parameters):  # type: ignore[no-untyped-def]  # as `_send`
        sent = send(raw, statement, parameters)
        spend()
        return sent

    plain._send = counted
    assert raw is not None
    with connection.execute_wrapper(count):
        print(json.dumps({"counted": {attempt(task): 1}}))


def die_after_each(task: Task) -> None:
    """Do it in a child that is killed after its first statement, then in one after its second, and
    so on until one is done; before each next waits for a line.
    """
    for statements in itertools.count(1):
        child = os.fork()  # nobody has connected yet
        if child == 0:
            connection.ensure_connection()
            die_after(statements, task)
            sys.stdout.flush()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            return
        print("killed", flush=True)
        sys.stdin.readline()


def main() -> None:
    given = json.loads(sys.argv[1])
    if given.get("die_after_each"):
        die_after_each(given["tasks"][0])
        return
    connection.ensure_connection()
    if "die_after" in given:
        die_after(given["die_after"], given["tasks"][0])
        return
    print("ready", flush=True)
    sys.stdin.readline()  # all begin at once
    with ThreadPoolExecutor(THREADS) as threads:
        results = list(threads.map(attempt, given["tasks"]))
    print(json.dumps({"counted": Counter(results)}))


if __name__ == "__main__":
    main()
