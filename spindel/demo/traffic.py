"""The demo goes on living: a few customers an hour come in by its public doors, and its stores,
packers and suppliers do their part.

`goings_on` says what happens and when; here it is done when its time has come. What was done last,
and which orders are under way, is kept in SPINDEL_HOME/run, so that nothing is done twice and
nothing that had begun lies about for ever.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random

import structlog

from spindel.demo.doors import SHOP, Answer, Doors, NotRunning, Open, TurnedAway
from spindel.demo.nordsko.catalogue import STORES
from spindel.demo.nordsko.messages import Message, Sent
from spindel.demo.nordsko.seasons import HOME_ZONE
from spindel.demo.nordsko.shelves import SHIPPING, WAREHOUSE, shelves
from spindel.demo.nordsko.today import HOUR, SEED, Act, goings_on

log = structlog.get_logger("spindel.demo")

_LOOKS = 60.0  # seconds that it sleeps at most: the clock may be set, and a laptop closed
_LONGEST = 60.0  # seconds between tries while nothing answers
_PACKING, _TRAVEL, _THINKING = 2 * HOUR, 20 * HOUR, 8 * HOUR
_MOST = 500  # orders that are followed
_CARRIERS = {"SE": "PostNord", "DK": "GLS"}


@dataclass
class Memory:
    """What outlives the process: when the last thing happened that was done; and of an order when
    something is to be done next about it, and whether something of it comes back in the end.
    """

    until: float = 0.0
    orders: dict[str, tuple[float, bool]] = field(default_factory=dict)


class Traffic:
    """Whoever comes to Nordsko, and whoever works there, through its doors."""

    def __init__(
        self,
        doors: Doors,
        memory: Memory,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._doors, self.memory = doors, memory
        self._now, self._sleep = now, sleep
        self._sessions: dict[str, str] = {}  # the shop's of a visit that has begun
        self._opening = shelves()

    def run(self, keep: Callable[[Memory], None], seed: int = SEED, customers: int = 5_000) -> None:
        """Do what happens from the last hour on, without an end."""
        since = max(self.memory.until, self._now() - HOUR)
        for one in goings_on(since, seed, customers):
            if one.at < self._now() - 2 * HOUR:
                continue  # it was closed, or nothing answered
            while (rest := one.at - self._now()) > 0:
                self._sleep(min(rest, _LOOKS))
            self._until_it_answers(one)
            self.memory.until = one.at
            keep(self.memory)

    def _until_it_answers(self, one: Sent | Act) -> None:
        pause = 1.0
        while True:
            try:
                return self._do(one)
            except NotRunning:
                self._sleep(pause)
                pause = min(pause * 2, _LONGEST)

    def _do(self, one: Sent | Act) -> None:
        try:
            if isinstance(one, Sent):
                self._doors.send(one.source, one.message)
                self._tend(one.at)
            else:
                getattr(self, f"_{one.what}")(one)
        except TurnedAway as error:  # sold out meanwhile, or somebody was forgotten
            log.info("not_done", what=getattr(one, "what", "tell"), code=str(error))

    # --- in the shop ------------------------------------------------------------------------------

    def _fill(self, act: Act) -> None:
        place = act.store.slug if act.store else WAREHOUSE
        if self._available(act.variant.sku).get(place, 0) < 2:
            return
        key = self._come(act)
        line: Message = {"sku": act.variant.sku}
        if act.store:
            line |= {"fulfilment": "pick_up", "place": place}
        self._doors.ask("/api/shop/cart/lines", line, f"{act.visit}/fill", key)
        self._sessions[act.visit] = key

    def _come(self, act: Act) -> str:
        """Begin a session; its key."""
        person = act.person
        begun: Message = {"market": person.country, "language": person.locale[:2]}
        app = act.channel == "app" and person.app
        device = app.anonymous_id if app else person.browsers[0].anonymous_id
        begun |= {"browser": device, "channel": act.channel}
        return str(self._doors.ask("/api/shop/sessions", begun, token=SHOP)["key"])

    def _order(self, act: Act) -> None:
        session = self._sessions.pop(act.visit, "")
        if not session:
            return  # it was sold out
        person = act.person
        contact = {"name": person.name, "email": person.emails[0], "phone": person.phone}
        body: Message = {"pay_by": act.pay_by, "contact": contact}
        if act.store is None:
            body["address"] = {
                "street": person.street,
                "postcode": person.postal_code,
                "city": person.city,
                "country": person.country,
            }
        made = self._doors.ask("/api/shop/orders", body, f"{act.visit}/order", session)
        if page := (made.get("payment") or {}).get("url"):
            self._doors.press(page, "refuse" if act.refuse else "pay")
        if not act.refuse:
            self._follow(made["number"], act.at + _PACKING, _comes_back(act))
        self._deliver(act.variant.sku, act.at)

    def _hold(self, act: Act) -> None:
        assert act.store
        if self._available(act.variant.sku).get(act.store.slug, 0) < 2:
            return
        body: Message = {"sku": act.variant.sku, "place": act.store.slug, "until": "tomorrow"}
        self._doors.ask("/api/shop/holds", body, f"{act.visit}/hold", self._come(act))

    # --- in the stores ----------------------------------------------------------------------------

    def _sell(self, act: Act) -> None:
        assert act.store
        sku, place = act.variant.sku, act.store.slug
        if self._available(sku).get(place, 0) < 2:
            return
        body: Message = {
            "items": [{"sku": sku, "fulfilment": "hand_over", "place": place}],
            "pay_by": "till",
            "channel": "store",
            "place": place,
            "market": act.store.country,
            "language": act.person.locale[:2],
        }
        if act.shows:
            body["whose"] = act.shows
        made = self._doors.ask("/api/orders", body, f"{act.visit}/sell")
        self._follow(made["number"], act.at + _THINKING, _comes_back(act))
        self._deliver(sku, act.at)

    # --- behind the counter -----------------------------------------------------------------------

    def _follow(self, number: str, due: float, comes_back: bool) -> None:
        if len(self.memory.orders) < _MOST:
            self.memory.orders[number] = due, comes_back

    def _tend(self, at: float) -> None:
        """Do the next thing about an order of which that is due, in the stores' hours."""
        number = next((one for one, (due, _) in self.memory.orders.items() if due <= at), "")
        when = datetime.fromtimestamp(at, HOME_ZONE)
        hours = STORES[0].hours_on(when.date())
        if not (number and hours and hours[0] <= when.time() < hours[1]):
            return
        due, comes_back = self.memory.orders.pop(number)  # what can't be done is not tried for ever
        try:
            again = self._go_on(self._doors.ask(f"/api/orders/{number}"), comes_back)
        except NotRunning:
            self._follow(number, due, comes_back)
            raise
        if again is not None:
            self._follow(number, at + again, comes_back)

    def _go_on(self, order: Message, comes_back: bool) -> float | None:
        """Send it, have it arrive, hand it over, or take some of it back; how long until the next
        thing, if there is one.
        """
        number, lines = str(order["number"]), _dicts(order["lines"])
        if order["state"] in ("cancelled", "awaiting"):
            return None
        path = f"/api/orders/{number}"
        undone = [one for one in lines if one["delivered"] + one["cancelled"] < one["quantity"]]
        if any(one["fulfilment"] == "pick_up" for one in undone):
            place = next(one["place"] for one in undone if one["place"])
            self._doors.ask(f"{path}/hand-over", {"place": place}, f"{number}/collected")
            return _THINKING
        if undone:
            self._send_parcel(order, path)
            return _TRAVEL
        for parcel in _dicts(order["shipments"]):
            if parcel["fulfilment"] == "ship" and not parcel["arrived_at"]:
                self._doors.ask(f"{path}/shipments/{parcel['id']}/arrived", {})
                return _THINKING
        if comes_back:
            self._take_back(order, lines)
        return None

    def _send_parcel(self, order: Message, path: str) -> None:
        carrier = _CARRIERS[str(order["market"])]
        for place in SHIPPING:  # Spindel has chosen where it is kept
            with suppress(TurnedAway):
                body: Message = {"place": place, "carrier": carrier}
                self._doors.ask(f"{path}/ship", body, f"{order['number']}/ship/{place}")

    def _take_back(self, order: Message, lines: list[Answer]) -> None:
        place = next((one["place"] for one in lines if one["place"]), STORES[0].slug)
        back: Message = {"line": lines[0]["line"], "reason": "too small"}
        body: Message = {"order": order["number"], "place": place, "lines": [back]}
        self._doors.ask("/api/returns", body, f"{order['number']}/back")

    # --- stock ------------------------------------------------------------------------------------

    def _available(self, sku: str) -> dict[str, int]:
        """How many pairs each place has to sell."""
        levels = self._doors.ask(f"/api/stock/levels/{sku}", token=SHOP)["items"]
        return {one["place"]: int(one["available"]) for one in levels}

    def _deliver(self, sku: str, at: float) -> None:
        """Have as many pairs as at the opening where few are left, once a day for each shelf."""
        there = self._available(sku)
        day = datetime.fromtimestamp(at, HOME_ZONE).date()
        moves: list[Message] = []
        for (one, place), pairs in self._opening.items():
            left = max(0, there.get(place, 0))
            if one == sku and pairs > 2 and left <= pairs // 3:
                key = f"traffic/{day}/{place}/{sku}"
                move: Message = {"key": key, "kind": "delivery", "sku": sku, "place": place}
                moves.append(move | {"quantity": pairs - left})
        if moves:
            self._doors.ask("/api/stock/movements", {"movements": moves})


def _comes_back(act: Act) -> bool:
    return Random(act.visit).random() < 0.12


def _dicts(value: object) -> list[Answer]:
    assert isinstance(value, list)
    return value


# --- the process ----------------------------------------------------------------------------------


def live_on(home: Path) -> None:
    """Keep the demo of the home living, from where it was left."""
    file = home / "run" / "traffic.json"
    Traffic(Open(home), _remembered(file)).run(lambda memory: _keep(file, memory))


def _remembered(file: Path) -> Memory:
    try:
        return Memory(**json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        return Memory()


def _keep(file: Path, memory: Memory) -> None:
    draft = file.with_suffix(".part")
    draft.write_text(json.dumps(asdict(memory)))
    draft.replace(file)
